#pragma once
/// \file The pusher's way round the block of Push, in the block's axes [m].

#include <array>
#include <optional>
#include <vector>

#include "envs/tasks/pushing/push_model.h"

namespace understudy::push {

/// The shortest way with kClearance from the block.
struct Way {
  double length = 0;           ///< m
  Eigen::Vector2d next{0, 0};  ///< where to go first, straight
};

/// Shortest ways from one place to any. A way goes straight from outer corner to outer corner of the block
/// widened by the pusher's radius and the clearance (a visibility graph); a pusher that is nearer to the
/// block than that backs off first.
class PushPaths {
 public:
  static constexpr int kCorners = 6;

  /// `block`: the block's pose in the workspace, whose bounds no corner of a way may leave.
  PushPaths(const Eigen::Vector2d& from, const TeePose& block);

  /// `to` must be kClearance + kPusherRadius away from the block or further. Empty: no
  /// way within the workspace.
  std::optional<Way> way_to(const Eigen::Vector2d& to) const;

 private:
  struct Reached {
    double length = 0;
    Eigen::Vector2d next;
  };

  Eigen::Vector2d from_, start_;  ///< the pusher, and where it is once it has backed off
  double back_off_ = 0;
  std::array<std::optional<Reached>, kCorners> corners_;
};

}  // namespace understudy::push
