#pragma once
/// \file Trying in a child process what a library may not survive.

#include <cstdint>
#include <functional>
#include <string>

namespace understudy {

/// What a library may take for one file.
struct GuardLimits {
  int seconds = 8;  ///< of processor time, and six times as many on the clock; 0: any
  std::uint64_t bytes = std::uint64_t{1} << 30;  ///< beyond what this process has already; 0: any
};

/// How a child ended.
enum class GuardEnd { kDone, kEndless, kGreedy, kCrashed };

/// Runs `work` in a child process, as rehearsal or in place of a run here: libraries that read foreign formats
/// can crash, never end or ask for any memory on crafted or damaged bytes. Sets `result` to what `work` returned,
/// if it did. Throws an Error that `work` threw, and Error when there can be no child; `place` begins that
/// message. Nothing that `work` changes in memory is seen here.
GuardEnd run_guarded(const std::string& place, const std::function<std::string()>& work, std::string& result,
                     const GuardLimits& limits = {});

/// The same for reading the file `place`: throws Error that says what reading it does. Returns what `work` did.
std::string read_guarded(const std::string& place, const std::function<std::string()>& work,
                         const GuardLimits& limits = {});

/// Runs `print` with standard error as it is outside, which a child of run_guarded otherwise has nowhere: for
/// progress, which is no library's.
void print_from_guarded(const std::function<void()>& print);

}  // namespace understudy
