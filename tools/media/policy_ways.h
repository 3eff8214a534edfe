#pragma once
/// \file Trajectories of policies beside those of the demonstrations.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace understudy::tools {

struct WayOptions {
  int episodes = 5;         ///< that each policy is run for
  int demonstrations = 40;  ///< shown, evenly chosen
  std::uint64_t seed = 1;   ///< of the episodes, the first that `eval --seed` has
};

/// For the page of `report`: {file, task, sha256, rate, entries with their ranges, ways}: one way an episode, of the
/// data set first, then of each policy {label, path} run in its task; kWayRows moments of every entry of observation
/// and action. A policy that does not fit the task is named in "notes". Throws Error like DemonstrationReader;
/// Interrupted after Ctrl-C.
nlohmann::ordered_json policy_ways(const std::filesystem::path& dataset,
                                   const std::vector<std::pair<std::string, std::string>>& policies,
                                   const WayOptions& options);
inline constexpr int kWayRows = 80;

}  // namespace understudy::tools
