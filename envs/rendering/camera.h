#pragma once
/// \file From a scene's camera to an eye in the world, with gentle following.

#include <Eigen/Core>
#include <string>
#include <vector>

#include "envs/contract/scene.h"

namespace understudy {

/// An eye in the world frame.
struct CameraView {
  Eigen::Vector3f eye = Eigen::Vector3f::UnitX();    ///< m
  Eigen::Vector3f target = Eigen::Vector3f::Zero();  ///< m; never equal to the eye
  Eigen::Vector3f up = Eigen::Vector3f::UnitZ();     ///< unit; what points up in the picture
  float field_of_view = 0.9F;                        ///< vertical, rad
};

/// What following remembers from one picture to the next. Default constructed: nothing yet.
struct CameraMotion {
  bool started = false;
  int camera = -1;                                   ///< index it belongs to
  unsigned revision = 0;                             ///< of the scene it belongs to
  float yaw = 0;                                     ///< smoothed, rad
  float height = 0;                                  ///< smoothed height of the followed body, m
  Eigen::Vector3f origin = Eigen::Vector3f::Zero();  ///< the followed body's last position, m
};

/// View of `scene.cameras[camera]`, `seconds` after the previous call with the same `motion`. A camera on
/// body 0 stands still. One on another body keeps its eye and target in the body's yaw frame (origin at the
/// body, z up, x along the body's heading): the position is followed exactly, heading and height with first
/// order lags of 0.18 s and 0.12 s. It jumps without lag at the first call, when the camera or the scene's
/// revision changes, and when the body moves by more than 2 m between two calls (an episode began).
/// Throws Error when the index, the body or the field of view is out of range.
CameraView resolve_camera(const Scene& scene, int camera, CameraMotion& motion, double seconds);

/// Index of the camera called `name`; throws UsageError that lists the scene's cameras.
int find_camera(const Scene& scene, const std::string& name);

}  // namespace understudy
