#pragma once
/// \file What `eval --json`, suites and `eval --checkpoints` wrote, with the videos of failures in it.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

namespace understudy::tools {

/// Videos are taken into a page up to so many bytes in all, the others as a still of their last moment.
struct MediaBudget {
  std::uintmax_t left = 0;
};

/// For the page of `report`: {kind: "evaluation" | "suite", file, name, policies or cells}, each policy with its
/// figures, its episodes as lists (seeds, returns, successes, lengths, causes) and its failures with their pictures.
/// Members that it does not know are left out. Throws Error that names file and member for anything else.
nlohmann::ordered_json evaluation_record(const std::filesystem::path& file, MediaBudget& budget);

}  // namespace understudy::tools
