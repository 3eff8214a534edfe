#pragma once
/// \file Small scenes with known pictures, and measurements on pictures.

#include <cstdint>
#include <functional>
#include <vector>

#include "envs/contract/scene.h"
#include "envs/rendering/camera.h"
#include "envs/rendering/image.h"

namespace understudy::tests {

inline SceneShape shape(ShapeKind kind, const Eigen::Vector3f& size, const Eigen::Vector3f& at,
                        const Eigen::Vector3f& colour) {
  SceneShape made;
  made.kind = kind;
  made.size = size;
  made.local = Eigen::Isometry3f(Eigen::Translation3f(at));
  made.colour = colour;
  return made;
}

inline const Eigen::Vector3f kRed{0.8F, 0.02F, 0.02F};
inline const Eigen::Vector3f kGrey{0.4F, 0.4F, 0.4F};

/// One shape, seen from `distance` along -y: x is to the right of the picture, z up.
inline Scene lone(const SceneShape& one) {
  Scene scene;
  scene.shapes.push_back(one);
  return scene;
}
inline CameraView from_front(float distance, float field_of_view) {
  return {.eye = {0, -distance, 0}, .target = {0, 0, 0}, .field_of_view = field_of_view};
}

using Pixel = std::function<bool(const std::uint8_t*)>;
inline bool is_red(const std::uint8_t* rgb) {
  return rgb[0] > 1.6 * rgb[1] && rgb[0] > 1.6 * rgb[2];
}

/// The pixels that satisfy a condition: how many, their mean place and their extents.
struct Region {
  int count = 0;
  double mean_column = 0;
  double mean_row = 0;
  int left = 1 << 30, right = -1, top = 1 << 30, bottom = -1;
  int width() const { return right - left + 1; }
  int height() const { return bottom - top + 1; }
};
inline Region find(const Image& image, const Pixel& condition) {
  Region region;
  for (int row = 0; row < image.height; ++row) {
    for (int column = 0; column < image.width; ++column) {
      if (!condition(image.pixel(column, row))) continue;
      ++region.count;
      region.mean_column += column;
      region.mean_row += row;
      region.left = std::min(region.left, column);
      region.right = std::max(region.right, column);
      region.top = std::min(region.top, row);
      region.bottom = std::max(region.bottom, row);
    }
  }
  if (region.count > 0) {
    region.mean_column /= region.count;
    region.mean_row /= region.count;
  }
  return region;
}

inline int brightness(const std::uint8_t* rgb) {
  return rgb[0] + rgb[1] + rgb[2];
}

}  // namespace understudy::tests
