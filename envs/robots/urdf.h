#pragma once
/// \file Reads robots from URDF, https://wiki.ros.org/urdf/XML.

#include <filesystem>
#include <string>

#include "envs/robots/robot_model.h"

namespace understudy {

struct UrdfOptions {
  /// Joins links that hang on fixed joints into their parents: fewer links, the same mechanics. Links keep
  /// their names only if they stay.
  bool merge_fixed = false;
};

/// Reads a URDF file. Meshes (STL, OBJ, DAE) are found beside the file: `package://NAME/path` and
/// `model://NAME/path` mean `path` in the file's folder or in one of the folders above it. Throws Error naming file, element, what
/// was expected and what to do.
///
/// Links that hang on one another by fixed joints move as one, and need one inertia that a body can have; the
/// root and what is fixed to it need none. Where a moving group has no <inertial> at all its mass is taken as 1
/// kg and its moments as 1 kg·m², as PyBullet does. A mass of 0 is allowed on links between two joints. What is
/// taken to be meant stands in RobotModel::warnings: limits and materials that are not there, colours out of
/// range, meshes that are only drawn and missing, or outside the folder above the file's. A floating joint is allowed under the root
/// only and is the same as no joint. <mimic>, <transmission> and <safety_controller> are ignored.
RobotModel read_urdf(const std::filesystem::path& file, const UrdfOptions& options = {});

/// The same from a text; `name` stands for the file in messages, meshes are found beside `folder`.
RobotModel parse_urdf(const std::string& text, const std::string& name,
                      const std::filesystem::path& folder = ".", const UrdfOptions& options = {});

/// A robot of ours from envs/robots/models, e.g. "arm". They are compiled in; throws
/// Error for an unknown one.
RobotModel read_model(const std::string& name, const UrdfOptions& options = {});

}  // namespace understudy
