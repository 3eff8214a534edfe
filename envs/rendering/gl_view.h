#pragma once
/// \file The matrices of a picture: world to clip space, and world to shadow map.

#include <Eigen/Core>

#include "envs/rendering/camera.h"

namespace understudy {

/// World to the frame of an eye that looks along -z with y up. `forward` and `up` are unit and not parallel.
Eigen::Matrix4f look_at(const Eigen::Vector3f& eye, const Eigen::Vector3f& forward,
                        const Eigen::Vector3f& up);

/// World to OpenGL's clip space for a picture of width / height = `aspect`.
Eigen::Matrix4f clip_matrix(const CameraView& view, float aspect);

/// World to shadow map, and how wide a texel of it is.
struct ShadowView {
  Eigen::Matrix4f to_map = Eigen::Matrix4f::Identity();  ///< to [-1, 1] on every axis, nearest the sun at -1
  float texel = 0;                                       ///< m
};

/// The map covers what the camera is about: a disc whose radius grows with the distance to the target, moved
/// ahead when looking along the ground. Its centre moves in whole texels, so that shadows do not crawl.
/// `sun` is the unit direction towards the sun, `size` the map's width in texels.
ShadowView shadow_view(const CameraView& view, float aspect, const Eigen::Vector3f& sun, int size);

}  // namespace understudy
