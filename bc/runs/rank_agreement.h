#pragma once
/// \file What ranks make sure of before and while they train one policy: that they are the same program, with the same
/// options and data, and that they have come to the same numbers.

#include <functional>
#include <string>

#include "bc/parallel/ranks.h"

namespace understudy {

/// Ends all ranks, which call this together, with one error: rank 0 throws it, and the others one that says nothing.
[[noreturn]] void fail_together(Ranks& ranks, const std::string& line, bool usage);

/// Calls `work`, which exchanges nothing, on every rank. When it throws anywhere, all ranks end with what it was and,
/// unless it was the same everywhere, on which rank.
void together(Ranks& ranks, const std::function<void()>& work);

/// Throws UsageError unless every rank has a shard.
void want_shards(const Ranks& ranks, int shards);

/// What must be alike on all ranks of a run.
struct RankTraits {
  std::string options;  ///< as TOML
  std::string data;     ///< SHA-256 of the demonstrations
  std::string numbers;  ///< SHA-256 of what training begins or goes on with
};

/// All ranks end when they differ in that or in their program. Returns a line about processors or kernels that differ,
/// empty when there is nothing to say.
std::string agree_on_traits(Ranks& ranks, const RankTraits& own);

/// All ranks end when they have not come to the same numbers, of which `sha256` is this one's.
void want_same_numbers(Ranks& ranks, const std::string& sha256);

}  // namespace understudy
