#pragma once
/// \file Draws what cameras saw during recorded episodes, from the states, into a dataset of its own.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "envs/rendering/camera_rig.h"

namespace understudy::tools {

/// `demos.h5` to `demos_images.h5`, beside it.
std::filesystem::path images_file(const std::filesystem::path& dataset);

/// Rig of the cameras given as NAME or NAME:WIDTHxHEIGHT; `size` is for those without one. Throws UsageError.
CameraRigOptions rig_options(const std::vector<std::string>& cameras, const std::string& size, bool depth,
                             bool segmentation);

/// Throws UsageError listing the task's cameras when the rig wants one that it has not, Error when this
/// machine cannot draw: to be found out before a recording begins.
void check_cameras(const std::string& environment_id, const CameraRigOptions& rig);

/// Renders all episodes of `dataset` into `images`, as `looks` has them, and says so; what was rendered before, by an earlier or an
/// interrupted run, is taken over (see ImageDataset). Throws Interrupted after Ctrl-C, Error when there are
/// no states or they are of another version of the task, and whatever ImageDataset and CameraRig throw.
void render_images(const std::filesystem::path& dataset, const std::filesystem::path& images,
                   const CameraRigOptions& rig, bool force, const std::optional<Looks>& looks = {});

}  // namespace understudy::tools
