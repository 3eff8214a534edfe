#include "envs/rendering/gl_view.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace understudy {

using Eigen::Matrix4f;
using Eigen::Vector3f;

namespace {

Matrix4f perspective(float field_of_view, float aspect, float near, float far) {
  const float height = 1 / std::tan(field_of_view / 2);
  Matrix4f m = Matrix4f::Zero();
  m(0, 0) = height / aspect;
  m(1, 1) = height;
  m(2, 2) = -(far + near) / (far - near);
  m(2, 3) = -2 * far * near / (far - near);
  m(3, 2) = -1;
  return m;
}

}  // namespace

Matrix4f look_at(const Vector3f& eye, const Vector3f& forward, const Vector3f& up) {
  const Vector3f right = forward.cross(up).normalized();
  const Vector3f above = right.cross(forward);
  Matrix4f m = Matrix4f::Identity();
  m.block<1, 3>(0, 0) = right.transpose();
  m.block<1, 3>(1, 0) = above.transpose();
  m.block<1, 3>(2, 0) = -forward.transpose();
  m(0, 3) = -right.dot(eye);
  m(1, 3) = -above.dot(eye);
  m(2, 3) = forward.dot(eye);
  return m;
}

Matrix4f clip_matrix(const CameraView& view, float aspect) {
  const Vector3f look = view.target - view.eye;
  const float distance = look.norm();
  // Depth resolution depends on the near plane only: as far out as nothing of interest can be nearer.
  const float near = 0.03F * std::clamp(distance, 0.3F, 30.0F);
  return perspective(view.field_of_view, aspect, near, 1500.0F + 4 * distance) *
         look_at(view.eye, look / distance, view.up);
}

ShadowView shadow_view(const CameraView& view, float aspect, const Vector3f& sun, int size) {
  const Vector3f look = view.target - view.eye;
  const float distance = look.norm();
  const float level = std::hypot(look.x(), look.y()) / distance;
  const float spread = std::tan(view.field_of_view / 2) * std::max(aspect, 1.0F);
  const float radius = distance * (1.1F * spread + 0.8F * level);
  Vector3f centre = view.target;
  if (level > 0) centre += Vector3f(look.x(), look.y(), 0).normalized() * (0.4F * level * radius);

  const Vector3f up = std::abs(sun.z()) > 0.999F ? Vector3f::UnitY() : Vector3f::UnitZ();
  const Matrix4f sun_frame = look_at(Vector3f::Zero(), -sun, up);
  const float texel = 2 * radius / static_cast<float>(size);
  Vector3f middle = sun_frame.topLeftCorner<3, 3>() * centre;
  middle.x() = std::floor(middle.x() / texel) * texel;
  middle.y() = std::floor(middle.y() / texel) * texel;
  const float depth = 3 * radius;
  Matrix4f box = Matrix4f::Identity();
  box.diagonal() << 1 / radius, 1 / radius, -1 / depth, 1;
  box.block<3, 1>(0, 3) << -middle.x() / radius, -middle.y() / radius, middle.z() / depth;
  return {box * sun_frame, texel};
}

}  // namespace understudy
