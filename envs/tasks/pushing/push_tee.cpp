#include "envs/tasks/pushing/push_tee.h"

#include <algorithm>

namespace understudy::push {
namespace {

using Eigen::Isometry2d, Eigen::Vector2d;

std::vector<Polygon> pieces(const TeePose& pose, double size) {
  const Isometry2d motion = pose.motion();
  std::vector<Polygon> result;
  for (const TeeBox& part : tee_boxes()) {
    const auto [c, h] = part.scaled(size);
    result.push_back(moved({{c.x() - h.x(), c.y() - h.y()},
                            {c.x() + h.x(), c.y() - h.y()},
                            {c.x() + h.x(), c.y() + h.y()},
                            {c.x() - h.x(), c.y() + h.y()}},
                           motion));
  }
  return result;
}

}  // namespace

Isometry2d TeePose::motion() const {
  return Eigen::Translation2d(place) * Isometry2d(Eigen::Rotation2Dd(heading));
}

TeePose tee_at_origin(const Vector2d& origin, double heading) {
  return {.place = origin + Eigen::Rotation2Dd(heading) * Vector2d(-kCentreDepth, 0), .heading = heading};
}

const std::array<TeeBox, kTeeBoxes>& tee_boxes() {
  static const std::array<TeeBox, kTeeBoxes> boxes{
      TeeBox{{kCentreDepth - kBarWidth / 2, 0}, {kBarWidth / 2, kBarLength / 2}},
      TeeBox{{kCentreDepth - kBarWidth - kStemLength / 2, 0}, {kStemLength / 2, kStemWidth / 2}}};
  return boxes;
}

const std::array<Vector2d, 8>& tee_outline() {
  constexpr double kTop = kCentreDepth, kInner = kTop - kBarWidth, kEnd = kInner - kStemLength;
  constexpr double kBar = kBarLength / 2, kStem = kStemWidth / 2;
  static const std::array<Vector2d, 8> corners{Vector2d{kTop, -kBar}, {kTop, kBar},          {kInner, kBar},
                                               {kInner, kStem},       Vector2d{kEnd, kStem}, {kEnd, -kStem},
                                               {kInner, -kStem},      {kInner, -kBar}};
  return corners;
}

double tee_distance(const Vector2d& point, double size) {
  double nearest = 1e30;
  for (const TeeBox& part : tee_boxes()) {
    const TeeBox box = part.scaled(size);
    const Vector2d beyond = (point - box.centre).cwiseAbs() - box.half;
    nearest = std::min(nearest, beyond.cwiseMax(0).norm() + std::min(beyond.maxCoeff(), 0.0));
  }
  return nearest;
}

double tee_coverage(const TeePose& block, const TeePose& goal, double size) {
  return common_area(pieces(block, size), pieces(goal, size)) / (size * size * kTeeArea);
}

}  // namespace understudy::push
