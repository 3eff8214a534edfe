#pragma once
/// \file Whether the robot that a dataset was recorded with is still the one in its file.

#include <filesystem>
#include <string>

#include "datasets/format/dataset_header.h"

namespace understudy {

/// Why `file`, the URDF that the task of `header` names, is not what the episodes were recorded with, as one
/// line that begins with the file and says what to do: it is gone, or has another SHA-256. Empty when it is
/// the same, or when the dataset does not say. Meshes that the URDF names are not looked at.
std::string robot_difference(const DatasetHeader& header, const std::filesystem::path& file);

}  // namespace understudy
