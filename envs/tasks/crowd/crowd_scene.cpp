#include "envs/tasks/crowd/crowd_scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "envs/tasks/crowd/crowd.h"
#include "envs/world/bullet_world.h"
#include "envs/world/scene_build.h"

namespace understudy::crowd {
namespace {

using Eigen::Quaternionf;
using Eigen::Vector3f;

constexpr float kPi = std::numbers::pi_v<float>;
constexpr float kHalfWidth = static_cast<float>(kStreetHalfWidth);
constexpr float kHalfLength = 22;                   // m, of what is seen of the street
constexpr float kShopWidth = 5.5F;                  // m
constexpr float kHouseHeight = 7.5F;                // m
constexpr float kPaintLift = 0.012F;                // m, between layers of paint
constexpr float kHip = 0.86F, kShoulder = 1.40F;    // m above the ground
constexpr double kStride = 1.5;                     // m walked per pair of steps
constexpr double kLegSwing = 0.5, kArmSwing = 0.4;  // rad

const Vector3f kSlabLight{0.36F, 0.345F, 0.325F}, kSlabDark{0.315F, 0.30F, 0.285F},
    kBand{0.20F, 0.19F, 0.185F};
const Vector3f kGlass{0.055F, 0.10F, 0.13F}, kFrame{0.05F, 0.05F, 0.055F}, kDark{0.02F, 0.02F, 0.022F};
const Vector3f kPaint{0.80F, 0.80F, 0.78F}, kMetal{0.40F, 0.41F, 0.43F}, kOrange{0.85F, 0.20F, 0.02F};
const Vector3f kLamp{0.90F, 0.80F, 0.50F}, kLeaf{0.06F, 0.20F, 0.05F}, kGoalColour{0.05F, 0.45F, 0.16F};
const Vector3f kHouses[] = {{0.50F, 0.40F, 0.28F}, {0.45F, 0.20F, 0.14F}, {0.55F, 0.52F, 0.46F},
                            {0.30F, 0.33F, 0.36F}, {0.52F, 0.34F, 0.24F}, {0.36F, 0.40F, 0.33F}};
const Vector3f kAwnings[] = {
    {0.55F, 0.05F, 0.05F}, {0.04F, 0.22F, 0.16F}, {0.05F, 0.12F, 0.34F}, {0.55F, 0.33F, 0.03F}};
const Vector3f kShirts[] = {{0.48F, 0.06F, 0.07F}, {0.06F, 0.16F, 0.40F}, {0.60F, 0.58F, 0.52F},
                            {0.08F, 0.28F, 0.16F}, {0.50F, 0.30F, 0.04F}, {0.22F, 0.07F, 0.26F},
                            {0.10F, 0.10F, 0.12F}};
const Vector3f kTrousers[] = {
    {0.03F, 0.04F, 0.09F}, {0.10F, 0.08F, 0.06F}, {0.05F, 0.05F, 0.055F}, {0.22F, 0.19F, 0.14F}};
const Vector3f kSkins[] = {
    {0.62F, 0.40F, 0.29F}, {0.40F, 0.23F, 0.14F}, {0.20F, 0.11F, 0.07F}, {0.68F, 0.47F, 0.36F}};
const Vector3f kHairs[] = {
    {0.03F, 0.02F, 0.015F}, {0.16F, 0.08F, 0.03F}, {0.42F, 0.28F, 0.10F}, {0.30F, 0.30F, 0.30F}};

void add_paving(Scene& scene) {
  QuadMesh mesh;
  constexpr float kSlab = 1;
  for (float x = -kHalfLength; x < kHalfLength; x += kSlab) {
    for (float y = -kHalfWidth; y < kHalfWidth; y += kSlab) {
      const bool border = std::abs(y + kSlab / 2) > kHalfWidth - kSlab;
      const bool even = (static_cast<int>(x + kHalfLength) + static_cast<int>(y + kHalfWidth)) % 2 == 0;
      mesh.add({x, y, 0}, {x + kSlab, y, 0}, {x + kSlab, y + kSlab, 0}, {x, y + kSlab, 0},
               border ? kBand : (even ? kSlabLight : kSlabDark));
    }
  }
  mesh.move_to(scene);
  add_shape(scene, 0, ShapeKind::kBox, {60, 60, 0.5F}, {0, 0, -0.53F}, kBand);
}

/// One shop of the row at `side` (-1 right, 1 left of the street), its middle at x.
void add_shop(float x, float side, int number, Scene& scene) {
  const auto pick = [number](const auto& list, int factor) -> const Vector3f& {
    return list[static_cast<std::size_t>(number * factor) % std::size(list)];
  };
  const float front = side * kHalfWidth, half = kShopWidth / 2;
  const float height = kHouseHeight + 0.8F * static_cast<float>((number * 5) % 4);
  const auto box = [&](const Vector3f& size, const Vector3f& at, const Vector3f& colour) {
    add_shape(scene, 0, ShapeKind::kBox, size, {x + at.x(), front + side * at.y(), at.z()}, colour);
  };
  box({half, 4, height / 2}, {0, 4, height / 2}, pick(kHouses, 1));
  box({half, 0.06F, 0.09F}, {0, 0.02F, height - 0.09F}, kPaint);  // cornice
  box({half - 0.35F, 0.03F, 1.2F}, {0, 0, 1.4F}, kFrame);         // shop window
  box({half - 1.15F, 0.035F, 1.0F}, {-0.75F, 0, 1.45F}, kGlass);
  box({0.5F, 0.036F, 1.15F}, {half - 1.0F, 0, 1.15F}, pick(kAwnings, 3));  // door
  box({0.36F, 0.038F, 0.75F}, {half - 1.0F, 0, 1.35F}, kGlass);
  box({half - 0.35F, 0.05F, 0.26F}, {0, 0, 3.15F}, pick(kAwnings, 1));  // sign
  box({0.45F * half, 0.055F, 0.07F}, {-0.2F, 0, 3.15F}, kPaint);
  // A striped awning that slopes into the street.
  constexpr int kStripes = 9;
  const float stripe = (half - 0.3F) / kStripes;
  const Quaternionf slope(Eigen::AngleAxisf(side * 0.42F, Vector3f::UnitX()));
  for (int i = 0; i < kStripes; ++i) {
    const float at = (2 * static_cast<float>(i) + 1 - kStripes) * stripe;
    add_shape(scene, 0, ShapeKind::kBox, {stripe, 0.5F, 0.02F}, {x + at, front - side * 0.42F, 2.68F},
              i % 2 == 0 ? pick(kAwnings, 1) : kPaint, slope);
  }
  for (int storey = 0; storey < 2; ++storey) {
    for (const float at : {-1.6F, 0.0F, 1.6F}) {
      const float z = 4.5F + 2.1F * static_cast<float>(storey);
      if (z + 0.9F > height) continue;
      box({0.48F, 0.04F, 0.72F}, {at, 0, z}, kPaint);
      box({0.40F, 0.045F, 0.64F}, {at, 0, z},
          (number * 7 + storey * 3 + static_cast<int>(at)) % 5 == 0 ? kLamp : kGlass);
    }
  }
}

void add_street_furniture(Scene& scene) {
  for (int i = -3; i <= 3; ++i) {
    for (const float side : {-1.0F, 1.0F}) {
      // Against the fronts, where nobody walks: physics knows nothing of them.
      const Vector3f foot(5.5F * static_cast<float>(i) + 2.75F, side * (kHalfWidth - 0.12F), 0);
      if (i % 2 == 0) {
        add_shape(scene, 0, ShapeKind::kCylinder, {0.035F, 0.035F, 1.8F}, foot + Vector3f(0, 0, 1.8F), kDark);
        add_shape(scene, 0, ShapeKind::kSphere, Vector3f::Constant(0.16F),
                  foot + Vector3f(0, -side * 0.05F, 3.7F), kLamp);
      } else {
        add_shape(scene, 0, ShapeKind::kCylinder, {0.12F, 0.12F, 0.22F}, foot + Vector3f(0, 0, 0.22F),
                  kHouses[1]);
        add_shape(scene, 0, ShapeKind::kSphere, Vector3f::Constant(0.26F), foot + Vector3f(0, 0, 0.68F),
                  kLeaf);
      }
    }
  }
}

void add_goal(const Eigen::Vector2d& goal, Scene& scene) {
  const Vector3f at(static_cast<float>(goal.x()), static_cast<float>(goal.y()), 0);
  constexpr auto kRadius = static_cast<float>(kGoalRadius);
  add_shape(scene, 0, ShapeKind::kCylinder, {kRadius, kRadius, 0.01F}, at + Vector3f(0, 0, kPaintLift),
            kGoalColour);
  add_shape(scene, 0, ShapeKind::kCylinder, {0.7F * kRadius, 0.7F * kRadius, 0.01F},
            at + Vector3f(0, 0, 2 * kPaintLift), kPaint);
  add_shape(scene, 0, ShapeKind::kCylinder, {0.4F * kRadius, 0.4F * kRadius, 0.01F},
            at + Vector3f(0, 0, 3 * kPaintLift), kGoalColour);
  // To be seen over people's heads.
  add_shape(scene, 0, ShapeKind::kCylinder, {kRadius, kRadius, 1.4F}, at + Vector3f(0, 0, 1.4F), kGoalColour)
      .opacity = 0.13F;
  const Quaternionf down(Eigen::AngleAxisf(kPi, Vector3f::UnitX()));
  add_shape(scene, 0, ShapeKind::kCone, {0.24F, 0.24F, 0.26F}, at + Vector3f(0, 0, 2.5F), kGoalColour, down)
      .opacity = 0.8F;
}

/// Its origin is halfway up the body that physics knows, 0.45 m above the ground.
void add_robot(Scene& scene) {
  constexpr auto kRadius = static_cast<float>(kRobotRadius);
  constexpr float kGround = -0.45F;
  const auto part = [&](ShapeKind kind, const Vector3f& size, const Vector3f& at, const Vector3f& colour) {
    add_shape(scene, kRobotBody, kind, size, at + Vector3f(0, 0, kGround), colour);
  };
  part(ShapeKind::kCylinder, {kRadius, kRadius, 0.035F}, {0, 0, 0.14F}, kDark);  // bumper
  part(ShapeKind::kCylinder, {0.93F * kRadius, 0.93F * kRadius, 0.17F}, {0, 0, 0.34F}, kPaint);
  part(ShapeKind::kCylinder, {0.95F * kRadius, 0.95F * kRadius, 0.02F}, {0, 0, 0.40F}, kOrange);
  part(ShapeKind::kCylinder, {0.80F * kRadius, 0.80F * kRadius, 0.025F}, {0, 0, 0.53F}, kMetal);  // lid
  part(ShapeKind::kBox, {0.02F, 0.12F, 0.045F}, {0.90F * kRadius, 0, 0.30F}, kDark);              // face
  for (const float y : {-0.05F, 0.05F}) {
    part(ShapeKind::kSphere, Vector3f::Constant(0.022F), {0.97F * kRadius, y, 0.305F}, kLamp);
  }
  for (const float x : {-0.16F, 0.16F}) {
    for (const float y : {-0.16F, 0.16F})
      part(ShapeKind::kSphere, Vector3f::Constant(0.065F), {x, y, 0.065F}, kDark);
  }
  part(ShapeKind::kCylinder, {0.008F, 0.008F, 0.35F}, {-0.2F, 0, 0.88F}, kDark);  // flag
  part(ShapeKind::kBox, {0.11F, 0.006F, 0.07F}, {-0.30F, 0, 1.15F}, kOrange);
}

void add_pedestrian(int index, const WalkerPlan& plan, Scene& scene) {
  const auto pick = [index](const auto& list, int factor) -> const Vector3f& {
    return list[static_cast<std::size_t>(index * factor) % std::size(list)];
  };
  const int trunk = kFirstPedestrianBody + kBodiesPerPedestrian * index;
  const Vector3f& shirt = pick(kShirts, 1);
  const Vector3f& skin = pick(kSkins, 3);
  const auto part = [&](int body, ShapeKind kind, const Vector3f& size, const Vector3f& at,
                        const Vector3f& colour) { add_shape(scene, body, kind, size, at, colour); };
  // The trunk's origin is on the ground, a limb's where it hangs.
  part(trunk, ShapeKind::kCapsule, {0.145F, 0.145F, 0.20F}, {0, 0, 1.16F}, shirt);
  part(trunk, ShapeKind::kCapsule, {0.135F, 0.135F, 0.04F}, {0, 0, 0.93F}, pick(kTrousers, 1));
  part(trunk, ShapeKind::kCylinder, {0.05F, 0.05F, 0.05F}, {0, 0, 1.50F}, skin);
  part(trunk, ShapeKind::kSphere, Vector3f::Constant(0.105F), {0.01F, 0, 1.64F}, skin);
  part(trunk, ShapeKind::kSphere, Vector3f::Constant(0.108F), {-0.018F, 0, 1.665F}, pick(kHairs, 1));
  if (index % 4 == 1)
    part(trunk, ShapeKind::kBox, {0.07F, 0.11F, 0.17F}, {-0.19F, 0, 1.2F}, pick(kShirts, 5));  // rucksack
  for (int side = 0; side < 2; ++side) {
    const float out = side == 0 ? 1.0F : -1.0F;
    const int leg = trunk + 1 + side, arm = trunk + 3 + side;
    part(leg, ShapeKind::kCapsule, {0.068F, 0.068F, 0.33F}, {0, 0, -0.42F}, pick(kTrousers, 1));
    part(leg, ShapeKind::kBox, {0.12F, 0.05F, 0.035F}, {0.045F, 0, -kHip + 0.04F}, kDark);
    part(arm, ShapeKind::kCapsule, {0.045F, 0.045F, 0.22F}, {0, 0, -0.22F}, shirt);
    part(arm, ShapeKind::kSphere, Vector3f::Constant(0.05F), {0, 0, -0.50F}, skin);
    if (!plan.attentive && out < 0)
      part(arm, ShapeKind::kBox, {0.012F, 0.038F, 0.075F}, {0.05F, 0, -0.54F}, kLamp);  // phone
  }
}

void add_cameras(const Eigen::Vector2d& goal, Scene& scene) {
  scene.cameras.push_back({"follow", kRobotBody, {-4.2F, 0, 3.1F}, {2.6F, 0, 0.2F}, 0.95F});
  scene.cameras.push_back({"top", 0, {0, -1.0F, 15.5F}, {0, 0, 0}, 0.95F});
  scene.cameras.push_back(
      {"street", 0, {static_cast<float>(goal.x()) + 6, 0.4F, 3.6F}, {-2, 0, 0.6F}, 0.85F});
}

}  // namespace

void add_crowd_shapes(const std::vector<WalkerPlan>& plans, const Eigen::Vector2d& goal, Scene& scene) {
  add_paving(scene);
  const int shops = static_cast<int>(kHalfLength / kShopWidth);
  for (int i = -shops; i < shops; ++i) {
    const float x = (static_cast<float>(i) + 0.5F) * kShopWidth;
    add_shop(x, 1, 2 * i + 2 * shops, scene);
    add_shop(x, -1, 2 * i + 2 * shops + 5, scene);
  }
  add_street_furniture(scene);
  add_goal(goal, scene);
  add_robot(scene);
  for (std::size_t i = 0; i < plans.size(); ++i) add_pedestrian(static_cast<int>(i), plans[i], scene);
  add_cameras(goal, scene);
  scene.poses.assign(kFirstPedestrianBody + kBodiesPerPedestrian * plans.size(),
                     Eigen::Isometry3f::Identity());
}

void pose_crowd_scene(ConstStateRef state, int pedestrians, Scene& scene) {
  scene.poses[kRobotBody] = pose_of(state.data()).cast<float>();
  const double* extra = state.data() + BulletWorld::kBodyState * (1 + pedestrians);
  for (int i = 0; i < pedestrians; ++i) {
    const double* body = state.data() + BulletWorld::kBodyState * (1 + i);
    const double walked = extra[i], facing = extra[pedestrians + i];
    const double pace = std::min(1.0, std::hypot(body[7], body[8]) / 0.8);  // who stands does not stride
    const double phase = std::sin(2 * std::numbers::pi * walked / kStride + i);
    const Eigen::Isometry3f trunk =
        Eigen::Translation3f(static_cast<float>(body[0]), static_cast<float>(body[1]), 0) *
        Eigen::AngleAxisf(static_cast<float>(facing), Vector3f::UnitZ());
    const auto limb = [&](float y, float z, double swing) -> Eigen::Isometry3f {
      return trunk * Eigen::Translation3f(0, y, z) *
             Eigen::AngleAxisf(static_cast<float>(swing * pace * phase), Vector3f::UnitY());
    };
    const auto first = static_cast<std::size_t>(kFirstPedestrianBody + kBodiesPerPedestrian * i);
    scene.poses[first] = trunk;
    scene.poses[first + 1] = limb(0.085F, kHip, kLegSwing);
    scene.poses[first + 2] = limb(-0.085F, kHip, -kLegSwing);
    scene.poses[first + 3] = limb(0.195F, kShoulder, -kArmSwing);
    scene.poses[first + 4] = limb(-0.195F, kShoulder, kArmSwing);
  }
}

}  // namespace understudy::crowd
