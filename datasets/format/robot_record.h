#pragma once
/// \file Which robot a task is about. Tasks with a robot of one's own are called "Task:FILE.urdf" or
/// "Task:FILE.urdf#link"; the robot is the file's SHA-256, wherever the file lies.

#include <filesystem>
#include <string>

#include "datasets/format/dataset_header.h"

namespace understudy {

/// The id without the folder that its robot's file is in.
std::string without_folder(const std::string& id);
/// The id with the robot's file as an absolute path.
std::string with_absolute_file(const std::string& id);

/// Whether two ids mean the same task: the same text, or the same task and link with a robot of the same
/// SHA-256. Empty checksums: not known.
bool same_task(const std::string& id, const std::string& robot_sha256, const std::string& other,
               const std::string& other_sha256);

/// Why `file`, the URDF that the task of `header` names, is not what the episodes were recorded with, as one
/// line that begins with the file and says what to do: it is gone, or has another SHA-256. Empty when it is
/// the same, or when the dataset does not say. Meshes that the URDF names are not looked at.
std::string robot_difference(const DatasetHeader& header, const std::filesystem::path& file);

}  // namespace understudy
