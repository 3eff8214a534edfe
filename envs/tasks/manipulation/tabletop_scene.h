#pragma once
/// \file What the room and the table of the arm's tasks look like.

#include <Eigen/Core>
#include <Eigen/Geometry>

#include "envs/contract/scene.h"

namespace understudy {

/// A primitive on `body` of the scene. Linear RGB.
struct ScenePart {
  int body = 0;
  ShapeKind kind = ShapeKind::kBox;
  Eigen::Vector3f size{0.1F, 0.1F, 0.1F};  ///< as SceneShape::size, m
  Eigen::Vector3f at{0, 0, 0};             ///< m, in the body's frame
  Eigen::Vector3f colour{0.7F, 0.7F, 0.7F};
  Eigen::Quaternionf turn = Eigen::Quaternionf::Identity();
  float opacity = 1;
};
void add_part(Scene& scene, const ScenePart& part);

/// Floor and table, its top at z = 0.
void add_room(Scene& scene);

/// "follow" over the arm's right shoulder, "front", "side".
void add_table_cameras(Scene& scene);

}  // namespace understudy
