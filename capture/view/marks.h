#pragma once
/// \file What is drawn over the picture at places of the scene: axes at the hand, contacts, the path of the last
/// demonstration.

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "envs/contract/scene.h"
#include "envs/rendering/camera.h"

namespace understudy {

/// Places are in pixels from the picture's top left corner.
struct HudMarks {
  struct Axis {
    Eigen::Vector2f from, to;
    std::string word;  ///< at its end
    int way = 0;       ///< 0, 1, 2: red, green, blue
  };
  std::vector<std::vector<Eigen::Vector2f>> paths{};
  std::vector<Eigen::Vector2f> contacts{};
  std::vector<Axis> axes{};
  Eigen::Vector2f inset_corner{0, 0};  ///< top left, of a second picture in the picture
  Eigen::Vector2f inset_size{0, 0};    ///< 0: there is none
  std::string inset_name{};
  std::optional<Eigen::Vector2f> inset_handle{};  ///< where the handle is in it
};

/// Where `place` [m] is in a picture of `width` x `height` pixels, whether inside or not; none behind the eye.
std::optional<Eigen::Vector2f> picture_place(const CameraView& view, int width, int height,
                                             const Eigen::Vector3f& place);

/// Where scene.handle is in the world, m; the scene has to have one.
Eigen::Vector3f handle_place(const Scene& scene);

/// What of `scene` is marked in a picture of `width` x `height` pixels seen by `view`: contacts, `path` (world,
/// m; pieces of it that are in front of the eye), and, where the hand is driven along x and y, axes from it:
/// forward and left as the operator's controls have it (turn_from_screen in orbit.h), and up.
HudMarks find_marks(const Scene& scene, const CameraView& view, int width, int height,
                    const std::vector<Eigen::Vector3f>& path);

}  // namespace understudy
