#pragma once
/// \file Private to envs: a rope as a chain of short links, part of a robot's tree.

#include <string>

#include "envs/robots/robot_model.h"

namespace understudy {

/// Links of equal length on hinges whose axes alternate between x and y, like a chain's. A rope does not
/// twist, and because its links are part of the robot's own tree it cannot stretch either.
struct RopeOptions {
  std::string name = "rope";
  int links = 8;               ///< links `name`_1 ... and joints of the same names
  double link_length = 0.025;  ///< m
  double link_mass = 0.006;    ///< kg
  double radius = 0.003;       ///< m
  double damping = 1e-4;  ///< N·m·s/rad, of every hinge; explicit: at 240 Hz 4e-4 is stable, 1e-3 is not
  double friction = 0;    ///< N·m, of every hinge
  Eigen::Vector4f colour{0.75F, 0.68F, 0.50F, 1};
};

/// Hangs a rope on link `parent` of `model`: it leaves `from`, in the parent's frame, along z. Returns the
/// last link; its end is link_length along its z axis.
int add_rope(RobotModel& model, int parent, const Eigen::Isometry3d& from, const RopeOptions& options);

/// A hinge with `link`'s own frame at `at` in link `parent`; returns the link's index.
int add_hinged(RobotModel& model, int parent, const Eigen::Isometry3d& at, const Eigen::Vector3d& axis,
               RobotLink link);

}  // namespace understudy
