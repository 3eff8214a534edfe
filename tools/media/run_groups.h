#pragma once
/// \file Training runs as their directories tell of them, those that differ by their seed alone in one group.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace understudy::tools {

/// The runs that `path` stands for: itself, or those in it, at most two folders down, in the order of their names.
/// Throws Error when there is none.
std::vector<std::filesystem::path> runs_in(const std::filesystem::path& path);

/// For the page of `report`, by task and then the better first: a list of groups, each with its runs (manifest, the
/// figures of metrics.csv, finished or not), for every figure the curve of the interquartile mean over seeds with its
/// 95 % bootstrap interval, and what the finished ones came to. Names of figures are those of cloning ("success_rate",
/// "mean_return") whatever the learner calls them. Throws Error for a manifest that is damaged.
nlohmann::ordered_json run_groups(const std::vector<std::filesystem::path>& runs);

}  // namespace understudy::tools
