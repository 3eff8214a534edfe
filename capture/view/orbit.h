#pragma once
/// \file The operator's own turn of a scene's camera, and the stick's plane as it is seen from there.

#include "datasets/types/matrix.h"
#include "envs/rendering/camera.h"

namespace understudy {

/// How the operator has moved a camera about its target; default: not at all.
struct Orbit {
  float turn = 0;  ///< rad about the vertical, counter-clockwise from above
  float lift = 0;  ///< rad, how much higher above the target's level the eye is
  float zoom = 1;  ///< nearer by this factor, in [kLeastZoom, kMostZoom]

  bool operator==(const Orbit&) const = default;
};
inline constexpr float kLeastZoom = 0.25F, kMostZoom = 6;

/// A drag of the mouse by (x, y) screen units of a window that is `height` of them high, and a turn of the
/// wheel away from the user by `notches`.
Orbit dragged(Orbit orbit, float x, float y, float height);
Orbit zoomed(Orbit orbit, float notches);

/// `view` from where `orbit` has moved the eye. The eye stays between 10 degrees below the target's level and
/// 5 degrees off the vertical, or where it was without an orbit.
CameraView orbited(const CameraView& view, const Orbit& orbit);

/// Direction on the ground that goes away from the viewer, up in the picture: rad from the world's x axis,
/// counter-clockwise.
double away_heading(const CameraView& view);

/// Turns the part of `action` `[act_dim]` that moves `handle` in the ground plane: what says forward and left as
/// it is seen by someone who looks along `heading` becomes what the task calls x and y. Where that would leave
/// [-1, 1], both are scaled down. A handle that is not moved along x and y leaves the action as it is.
void turn_from_screen(const SceneHandle& handle, double heading, VectorRef action);
/// The way back, without the limit.
void turn_to_screen(const SceneHandle& handle, double heading, VectorRef action);

}  // namespace understudy
