#pragma once
/// \file A dataset of ours as a file that holds what robomimic's own files do, and nothing else.

#include <filesystem>
#include <functional>

namespace understudy {

/// Writes `file` in one step, an episode at a time: /data/demo_<i> with obs, next_obs, actions, rewards, dones and
/// states of T rows each, /mask, and env_args. Pictures go along, without their last one. (robomimic reads the dataset
/// itself, too, which is shorter: next_obs is there what offline reinforcement learning wants.) Returns the number of
/// episodes. Throws Error when `dataset` is none of ours, or `file` exists and not `force`.
int export_robomimic(const std::filesystem::path& dataset, const std::filesystem::path& file, bool force,
                     const std::function<void(int done, int all)>& progress = {});

}  // namespace understudy
