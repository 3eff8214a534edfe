#include "envs/tasks/manipulation/pick_place.h"

#include <algorithm>
#include <cmath>

#include "envs/contract/task_list.h"
#include "envs/tasks/manipulation/carry.h"
#include "envs/tasks/manipulation/tabletop_scene.h"
#include "envs/tasks/manipulation/tabletop_task.h"

namespace understudy {
namespace pick_place {
namespace {

using Eigen::Vector3d;

constexpr double kCanMass = 0.15;     // kg
constexpr double kCanFriction = 1.0;  // [-]
constexpr double kBinFriction = 0.7;  // [-]
constexpr double kWall = 0.006;       // m, thickness of the bin's walls

// robosuite's stages.
constexpr double kReach = 0.1, kGrip = 0.35, kLift = 0.5, kHover = 0.7;
constexpr double kLiftedTo = 0.18;  // m, ours: clear of the rim

EnvironmentSpec make_spec() {
  EnvironmentSpec spec;
  spec.id = "PickPlace";
  spec.summary = "put the can into the bin and let go of it";
  spec.success = "the can's centre inside the bin and below its rim, the hand more than 8 cm away from it";
  spec.observation = Space({
      {"to_can", 3, "m", -2, 2, "can minus grip point: x away from the base, y to its left, z up"},
      {"can_to_bin", 3, "m", -2, 2, "centre of the bin's floor minus can"},
      {"opening", 1, "m", 0, 0.1, "between the pads of the fingers"},
      {"eef_vel", 3, "m/s", -5, 5, "velocity of the grip point: x, y, z"},
  });
  spec.action = Space(hand_action_fields(false, true));
  spec.horizon = 300;
  spec.layout = "default";
  spec.dimensions = {{"can_size", "diameter and height of the can"},
                     {"bin_size", "width of the bin, inside"}};
  return spec;
}

TabletopOptions options() {
  TabletopOptions tabletop;
  tabletop.objects = 1;
  tabletop.hand.low = {0.30, -0.32, 0.012};
  tabletop.hand.high = {0.62, 0.32, 0.36};
  return tabletop;
}

class PickPlace final : public TabletopTask {
 public:
  PickPlace() : TabletopTask(make_spec(), options()) {}

 private:
  HandPose draw(Rng& rng) override;
  void place() override;
  StepResult judge(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void add_objects(Scene& scene) const override;
  void pose_objects(ConstStateRef state, Scene& scene) const override;

  Vector3d to_can() const { return position_of(*can_) - hand().position; }
  Vector3d can_to_bin() const { return bin_ + Vector3d(0, 0, kBinFloor) - position_of(*can_); }
  bool in_bin() const;

  double can_radius_ = kCanRadius, can_half_height_ = kCanHalfHeight;  // m
  double bin_half_ = kBinHalf;                                         // m, inside
  Vector3d can_start_ = Vector3d::Zero();
  Vector3d bin_ = Vector3d::Zero();  // its centre, on the table
  btRigidBody* can_ = nullptr;
  Carry carry_;
};

HandPose PickPlace::draw(Rng& rng) {
  can_radius_ = variation().size("can_size") * kCanRadius;
  can_half_height_ = variation().size("can_size") * kCanHalfHeight;
  bin_half_ = variation().size("bin_size") * kBinHalf;
  can_start_ = {rng.uniform(0.40, 0.56), rng.uniform(-0.24, -0.04), can_half_height_};
  bin_ = {rng.uniform(0.42, 0.52), rng.uniform(0.17, 0.23), 0};
  HandPose hand;
  hand.position.x() = rng.uniform(0.40, 0.56);
  hand.position.y() = rng.uniform(-0.18, 0.0);
  hand.position.z() = rng.uniform(0.20, 0.28);
  return hand;
}

void PickPlace::place() {
  carry_ = {};
  auto& shape =
      world().keep(std::make_unique<btCylinderShapeZ>(btVector3(can_radius_, can_radius_, can_half_height_)));
  can_ = &add_object(shape, Eigen::Isometry3d(Eigen::Translation3d(can_start_)), kCanMass, kCanFriction);

  const auto fixture = [&](const Vector3d& half, const Vector3d& centre) {
    add_fixture(half, Eigen::Isometry3d(Eigen::Translation3d(bin_ + centre)), kBinFriction);
  };
  const double outer = bin_half_ + kWall, middle = bin_half_ + kWall / 2;
  fixture({outer, outer, kBinFloor / 2}, {0, 0, kBinFloor / 2});
  for (const double side : {-1.0, 1.0}) {
    fixture({kWall / 2, outer, kBinHeight / 2}, {side * middle, 0, kBinHeight / 2});
    fixture({bin_half_, kWall / 2, kBinHeight / 2}, {0, side * middle, kBinHeight / 2});
  }
}

bool PickPlace::in_bin() const {
  const Vector3d way = can_to_bin();
  return std::abs(way.x()) < bin_half_ && std::abs(way.y()) < bin_half_ &&
         position_of(*can_).z() < kBinHeight;
}

StepResult PickPlace::judge(ConstVectorRef) {
  StepResult result;
  result.success = result.terminated = in_bin() && to_can().norm() > kClear;
  const bool gripped = manipulator().pinches(*can_);
  const double upright = pose_of(*can_).linear()(2, 2);
  const std::string_view carried = carry_.after(gripped, position_of(*can_).z() - can_half_height_, upright);
  if (!in_bin()) result.cause = carried;
  double stage = kReach * (1 - std::tanh(10 * to_can().norm()));
  if (gripped) {
    const double low = std::max(0.0, kLiftedTo - position_of(*can_).z());
    const double lift = kGrip + (kLift - kGrip) * (1 - std::tanh(15 * low));
    stage = lift + (kHover - kLift) * (1 - std::tanh(10 * can_to_bin().head<2>().norm()));
  }
  result.reward = static_cast<float>(result.success ? 0 : stage - 1);
  return result;
}

void PickPlace::observe(VectorRef observation) const {
  observation.segment<3>(kToCan) = to_can().cast<float>();
  observation.segment<3>(kCanToBin) = can_to_bin().cast<float>();
  observation[kOpening] = static_cast<float>(hand().opening);
  observation.segment<3>(kEefVel) = manipulator().velocity().cast<float>();
}

void PickPlace::add_objects(Scene& scene) const {
  name_body(scene, object_body(0), "can");
  const auto radius = static_cast<float>(can_radius_), half = static_cast<float>(can_half_height_);
  const Eigen::Vector3f red(0.62F, 0.03F, 0.04F), metal(0.55F, 0.56F, 0.58F), wood(0.20F, 0.32F, 0.42F);
  const int can = object_body(0);
  add_part(
      scene,
      {.body = can, .kind = ShapeKind::kCylinder, .size = {radius, radius, 0.86F * half}, .colour = red});
  add_part(scene, {.body = can,
                   .kind = ShapeKind::kCylinder,
                   .size = {0.93F * radius, 0.93F * radius, half},
                   .colour = metal});
  const Eigen::Vector3f bin = bin_.cast<float>();
  const auto part = [&](const Vector3d& extent, const Vector3d& centre) {
    add_part(scene, {.size = extent.cast<float>(), .at = bin + centre.cast<float>(), .colour = wood});
  };
  const double outer = bin_half_ + kWall, middle = bin_half_ + kWall / 2;
  part({outer, outer, kBinFloor / 2}, {0, 0, kBinFloor / 2});
  for (const double side : {-1.0, 1.0}) {
    part({kWall / 2, outer, kBinHeight / 2}, {side * middle, 0, kBinHeight / 2});
    part({bin_half_, kWall / 2, kBinHeight / 2}, {0, side * middle, kBinHeight / 2});
  }
}

void PickPlace::pose_objects(ConstStateRef, Scene& scene) const {
  const Vector3d can = body_pose(scene, object_body(0)).translation();
  const Vector3d beside = (can - bin_).cwiseAbs();
  scene.figures = {{.name = "beside the bin",
                    .value = 100 * std::max(0.0, std::max(beside.x(), beside.y()) - bin_half_),
                    .unit = "cm",
                    .high = 0},
                   {.name = "can's height", .value = 100 * can.z(), .unit = "cm", .high = 100 * kBinHeight},
                   {.name = "hand off the can",
                    .value = 100 * (can - grip_in(scene)).norm(),
                    .unit = "cm",
                    .low = 100 * kClear}};
}

}  // namespace
}  // namespace pick_place

std::unique_ptr<Environment> make_pick_place() {
  return std::make_unique<pick_place::PickPlace>();
}

void add_pick_place(TaskList& tasks) {
  tasks.add({.id = "PickPlace",
             .make = make_pick_place,
             .make_expert = make_pick_place_expert,
             .ways = "goes there in a bow to the left or right, carries the can higher or lower"});
}

}  // namespace understudy
