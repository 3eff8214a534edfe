#include "envs/tasks/driving/drive_traffic_scene.h"

#include <cmath>
#include <numbers>

#include "envs/world/bullet_world.h"
#include "envs/world/scene_build.h"

namespace understudy::drive {
namespace {

using Eigen::Vector3f;

const Vector3f kPaint{0.80F, 0.80F, 0.78F}, kGlass{0.03F, 0.06F, 0.08F}, kDark{0.02F, 0.02F, 0.022F};
const Vector3f kHeadlight{0.90F, 0.85F, 0.65F}, kTailLight{0.55F, 0.02F, 0.02F}, kBlue{0.02F, 0.10F, 0.45F};
const Vector3f kMetal{0.45F, 0.46F, 0.48F};
const Vector3f kTrunk{0.13F, 0.08F, 0.04F}, kLeaf{0.07F, 0.21F, 0.04F}, kFir{0.03F, 0.13F, 0.05F};
const Vector3f kCoats[] = {{0.55F, 0.04F, 0.03F}, {0.60F, 0.60F, 0.60F}, {0.05F, 0.26F, 0.14F},
                           {0.58F, 0.38F, 0.03F}, {0.10F, 0.12F, 0.15F}, {0.22F, 0.38F, 0.52F}};

constexpr float kPaintLevel = 0.014F;  // m above the asphalt, and above Drive's own paint

Vector3f lift(const Eigen::Vector2d& p, float z) {
  return {static_cast<float>(p.x()), static_cast<float>(p.y()), z};
}

void add_patch(QuadMesh& mesh, const DriveTrack& track, double from, double to, double right, double left) {
  mesh.add(lift(track.beside(from, right), kPaintLevel), lift(track.beside(to, right), kPaintLevel),
           lift(track.beside(to, left), kPaintLevel), lift(track.beside(from, left), kPaintLevel), kPaint);
}

/// Stripes along the road, side by side across it, and the lines at which traffic waits.
void add_crossing(const DriveTrack& track, double crossing, Scene& scene) {
  const double edge = track.options().half_width - track.options().kerb_width;
  constexpr double kStripe = 0.5, kHalfDepth = 1.3;  // m
  QuadMesh mesh;
  for (double right = -edge + kStripe / 4; right + kStripe / 2 < edge; right += kStripe) {
    add_patch(mesh, track, crossing - kHalfDepth, crossing + kHalfDepth, right, right + kStripe / 2);
  }
  const double line = kHalfDepth + 0.6;
  add_patch(mesh, track, crossing - line - 0.15, crossing - line + 0.15, -edge + 0.2, -0.2);
  add_patch(mesh, track, crossing + line - 0.15, crossing + line + 0.15, 0.2, edge - 0.2);
  mesh.move_to(scene);
  // A blue sign on either side.
  const float heading = static_cast<float>(track.heading(crossing));
  const Eigen::Quaternionf turn(Eigen::AngleAxisf(heading, Vector3f::UnitZ()));
  for (const double side : {-1.0, 1.0}) {
    const Vector3f foot = lift(track.beside(crossing, side * (track.options().half_width + 0.6)), 0);
    add_shape(scene, 0, ShapeKind::kCylinder, {0.04F, 0.04F, 1.1F}, foot + Vector3f(0, 0, 1.1F), kMetal);
    add_shape(scene, 0, ShapeKind::kBox, {0.02F, 0.32F, 0.32F}, foot + Vector3f(0, 0, 2.3F), kBlue, turn);
    add_shape(scene, 0, ShapeKind::kBox, {0.025F, 0.17F, 0.17F}, foot + Vector3f(0, 0, 2.3F), kPaint, turn);
  }
}

/// Trees beside the road, a car's length from the kerbs at the least.
void add_trees(const DriveTrack& track, Scene& scene) {
  constexpr int kTrees = 46;
  constexpr double kNearest = 7;  // m from the centreline
  for (int i = 0; i < kTrees; ++i) {
    // Golden-ratio steps: spread evenly, in no visible order.
    const double part = std::fmod(0.618034 * i, 1.0), other = std::fmod(0.7548777 * i, 1.0);
    const double offset = (i % 2 == 0 ? 1 : -1) * (kNearest + 0.5 + 11 * other);
    const Eigen::Vector2d at = track.beside(part * track.length(), offset);
    if (std::abs(track.locate(at, -1).offset) < kNearest) continue;  // another bend is near
    const auto size = static_cast<float>(0.8 + 0.5 * std::fmod(0.5698403 * i, 1.0));
    const Vector3f foot = lift(at, 0);
    add_shape(scene, 0, ShapeKind::kCylinder, {0.16F * size, 0.16F * size, 0.8F * size},
              foot + Vector3f(0, 0, 0.8F * size), kTrunk);
    if (i % 3 == 0) {
      for (const float z : {1.9F, 3.0F, 4.0F}) {
        const float radius = size * (1.9F - 0.33F * z);
        add_shape(scene, 0, ShapeKind::kCone, {radius, radius, 0.95F * size}, foot + Vector3f(0, 0, size * z),
                  kFir);
      }
    } else {
      add_shape(scene, 0, ShapeKind::kSphere, Vector3f::Constant(1.25F * size),
                foot + Vector3f(0, 0, 2.5F * size), kLeaf);
      add_shape(scene, 0, ShapeKind::kSphere, Vector3f::Constant(0.85F * size),
                foot + Vector3f(0.5F, 0.4F, 3.3F) * size, kLeaf);
    }
  }
}

void add_hatchback(const CarShape& car, int body, const Vector3f& coat, Scene& scene) {
  const auto length = static_cast<float>(car.half_length), width = static_cast<float>(car.half_width);
  const auto box = [&](const Vector3f& size, const Vector3f& at, const Vector3f& colour) {
    add_shape(scene, body, ShapeKind::kBox, size, at, colour);
  };
  box({length, width, 0.15F}, {0, 0, 0.02F}, coat);
  box({0.98F * length, 0.92F * width, 0.05F}, {0, 0, -0.16F}, kDark);             // sill
  box({0.30F * length, 0.93F * width, 0.05F}, {0.66F * length, 0, 0.20F}, coat);  // bonnet
  box({0.60F * length, 0.90F * width, 0.17F}, {-0.30F * length, 0, 0.36F}, kGlass);
  box({0.56F * length, 0.86F * width, 0.025F}, {-0.32F * length, 0, 0.55F}, coat);  // roof
  for (const float x : {0.24F, -0.32F, -0.86F})
    box({0.035F, 0.91F * width, 0.18F}, {x * length, 0, 0.37F}, coat);
  box({0.02F, 0.6F * width, 0.05F}, {length, 0, -0.04F}, kDark);     // grille
  box({0.02F, 0.35F * width, 0.05F}, {-length, 0, -0.02F}, kPaint);  // number plate
  for (const float side : {-0.72F, 0.72F}) {
    box({0.02F, 0.16F * width, 0.045F}, {length, side * width, 0.06F}, kHeadlight);
    box({0.02F, 0.14F * width, 0.06F}, {-length, side * width, 0.08F}, kTailLight);
    box({0.05F, 0.05F, 0.04F}, {0.28F * length, side * 1.48F * width, 0.26F}, coat);  // mirrors
  }
}

}  // namespace

void add_traffic_shapes(const DriveTrack& track, const Kerbs& kerbs, const CarShape& car, double crossing,
                        int others, Scene& scene) {
  add_drive_shapes(track, kerbs, car, 0, 1, scene);
  add_crossing(track, crossing, scene);
  add_trees(track, scene);
  for (int i = 0; i < others; ++i) {
    const int body = kFirstTrafficBody + kBodiesPerCar * i;
    add_hatchback(car, body, kCoats[static_cast<std::size_t>(i) % std::size(kCoats)], scene);
    add_wheels(car, body + 1, scene);
  }
  scene.poses.assign(static_cast<std::size_t>(kFirstTrafficBody + kBodiesPerCar * others),
                     Eigen::Isometry3f::Identity());
}

void pose_traffic_scene(ConstStateRef state, const CarShape& car, int others, Scene& scene) {
  const double* wheels = state.data() + BulletWorld::kBodyState * (1 + others) + kTrafficExtra;
  for (int i = 0; i <= others; ++i) {
    const int body = i == 0 ? kCarBody : kFirstTrafficBody + kBodiesPerCar * (i - 1);
    const double* own = wheels + kWheelState * i;
    pose_car(state.data() + BulletWorld::kBodyState * i, car, own[0], own + 1, own + 5, body, scene);
  }
}

}  // namespace understudy::drive
