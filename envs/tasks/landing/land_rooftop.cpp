#include "envs/tasks/landing/land_rooftop.h"

#include <cmath>
#include <numbers>

namespace understudy::land {
namespace {

using Eigen::Vector2d;
using Eigen::Vector3d;

constexpr double kParapetHeight = 0.4, kParapetHalfWidth = 0.12;  // m
constexpr double kPlantNearest = 2.6;                             // m from the pad's centre
constexpr double kStreet = 9;                                     // m between houses
constexpr double kStairHalf = 1.1, kStairHeight = 2.2;            // m

/// A box that stands on z = `floor`.
RoofBox standing(BoxKind kind, const Vector2d& at, const Vector2d& half, double floor, double top) {
  return {kind, {at.x(), at.y(), (floor + top) / 2}, {half.x(), half.y(), (top - floor) / 2}};
}

void add_parapet(const Vector2d& half, std::vector<RoofBox>& boxes) {
  const double inset = kParapetHalfWidth;
  for (const double side : {-1.0, 1.0}) {
    boxes.push_back(
        standing(BoxKind::kParapet, {0, side * (half.y() - inset)}, {half.x(), inset}, 0, kParapetHeight));
    boxes.push_back(standing(BoxKind::kParapet, {side * (half.x() - inset), 0}, {inset, half.y() - 2 * inset},
                             0, kParapetHeight));
  }
}

void add_plant(Rng& rng, const Vector2d& half, const Vector2d& pad, std::vector<RoofBox>& boxes) {
  constexpr int kPieces = 3;
  const double first = rng.uniform(0, 2 * std::numbers::pi);
  for (int i = 0; i < kPieces; ++i) {
    // One in each third of the circle around the pad, moved back onto the roof.
    const double angle = first + 2 * std::numbers::pi * (i + rng.uniform(-0.2, 0.2)) / kPieces;
    const Vector2d size(rng.uniform(0.4, 0.8), rng.uniform(0.35, 0.6));
    const double distance = kPlantNearest + size.norm() + rng.uniform(0, 1.2);
    const Vector2d border = half - size - Vector2d::Constant(0.5);
    const Vector2d at =
        (pad + distance * Vector2d(std::cos(angle), std::sin(angle))).cwiseMax(-border).cwiseMin(border);
    const double height = rng.uniform(0.6, 1.1);
    if ((at - pad).norm() < kPlantNearest + size.norm()) continue;
    boxes.push_back(standing(BoxKind::kPlant, at, size, 0, height));
  }
}

void add_houses(Rng& rng, const Vector2d& half, std::vector<RoofBox>& boxes) {
  for (int i = -1; i <= 1; ++i) {
    for (int j = -1; j <= 1; ++j) {
      if (i == 0 && j == 0) continue;
      const Vector2d size(rng.uniform(5.5, 8.5), rng.uniform(5, 8));
      const Vector2d at(i * (half.x() + kStreet + size.x()), j * (half.y() + kStreet + size.y()));
      boxes.push_back(standing(BoxKind::kHouse, at, size, kStreetLevel, rng.uniform(-12, 2)));
    }
  }
}

}  // namespace

Rooftop Rooftop::draw(Rng& rng) {
  const Vector2d half(rng.uniform(6, 7.5), rng.uniform(5, 6.5));
  const Vector2d pad(rng.uniform(-1, 1), rng.uniform(-0.6, 0.6));
  Rooftop rooftop;
  rooftop.pad = {pad.x(), pad.y(), kPadHeight};
  std::vector<RoofBox>& boxes = rooftop.boxes;
  boxes.push_back(standing(BoxKind::kRoof, Vector2d::Zero(), half, kStreetLevel, 0));
  boxes.push_back(standing(BoxKind::kPad, pad, Vector2d::Constant(kPadHalfWidth), 0, kPadHeight));
  add_parapet(half, boxes);
  // The stair house stands in the corner furthest from the pad.
  const Vector2d corner(pad.x() > 0 ? -1 : 1, pad.y() > 0 ? -1 : 1);
  const Vector2d stairs = corner.cwiseProduct(half - Vector2d::Constant(kStairHalf + 2 * kParapetHalfWidth));
  boxes.push_back(standing(BoxKind::kStairHouse, stairs, Vector2d::Constant(kStairHalf), 0, kStairHeight));
  add_plant(rng, half, pad, boxes);
  add_houses(rng, half, boxes);
  return rooftop;
}

}  // namespace understudy::land
