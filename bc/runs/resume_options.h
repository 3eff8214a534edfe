#pragma once
/// \file What may be said anew when a run goes on.

#include <optional>
#include <string>

namespace understudy {

struct ResumeOptions {
  std::optional<int> steps{};                ///< in all, more than before
  std::optional<std::string> device{};       ///< that the networks' larger passes run on
  std::optional<std::string> environment{};  ///< the same task, where the robot's file is now
  std::optional<std::string> data{};         ///< the same demonstrations, where they are now
};

}  // namespace understudy
