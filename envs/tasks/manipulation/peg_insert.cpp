#include "envs/tasks/manipulation/peg_insert.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "envs/contract/task_list.h"
#include "envs/tasks/manipulation/block_with_hole.h"
#include "envs/tasks/manipulation/carry.h"
#include "envs/tasks/manipulation/tabletop_scene.h"
#include "envs/tasks/manipulation/tabletop_task.h"

namespace understudy {
namespace peg_insert {
namespace {

using Eigen::Vector3d;

constexpr double kPegMass = 0.1;        // kg
constexpr double kPegFriction = 1.0;    // [-]
constexpr double kBlockFriction = 0.3;  // [-]
constexpr double kGripPlace = 0.02;     // m above the peg's middle

constexpr double kReachReward = 0.1, kNearReward = 0.6, kDepthReward = 0.2;
constexpr double kReachScale = 10, kNearScale = 5;  // 1/m

EnvironmentSpec make_spec() {
  EnvironmentSpec spec;
  spec.id = "PegInsert";
  spec.summary = "grip the square peg and put it into the hole";
  spec.success = "the peg's lower end inside the hole, 4 cm below its mouth";
  spec.observation = Space({
      {"to_peg", 3, "m", -2, 2, "place to grip minus grip point: x away from the base, y to its left, z up"},
      {"peg_turn", 2, "-", -1, 1, "sine and cosine of 4 times the peg's yaw against the hand's"},
      {"tip_to_hole", 3, "m", -2, 2, "the hole's mouth minus the peg's lower end"},
      {"hole_turn", 2, "-", -1, 1, "sine and cosine of 4 times the hole's yaw against the peg's"},
      {"lean", 2, "-", -1, 1, "x and y of the unit vector along the peg"},
      {"opening", 1, "m", 0, 0.1, "between the pads of the fingers"},
      {"eef_vel", 3, "m/s", -5, 5, "velocity of the grip point: x, y, z"},
  });
  spec.action = Space(hand_action_fields(true, true));
  spec.horizon = 300;
  spec.layout = "default";
  spec.dimensions = {{"clearance", "room that the peg has in the hole"}, {"peg_length", "of the peg"}};
  return spec;
}

TabletopOptions options() {
  TabletopOptions tabletop;
  tabletop.turns = true;
  tabletop.objects = 1;
  tabletop.hand.low = {0.30, -0.30, 0.03};
  tabletop.hand.high = {0.62, 0.30, 0.36};
  return tabletop;
}

double yaw_of(const Eigen::Isometry3d& pose) {
  return std::atan2(pose(1, 0), pose(0, 0));
}

/// Degrees from -45 to 45 that a square peg turned by `angle` [rad] is away from where it fits.
double quarter_turn(double angle) {
  return std::remainder(angle, std::numbers::pi / 2) * 180 / std::numbers::pi;
}

class PegInsert final : public TabletopTask {
 public:
  PegInsert() : TabletopTask(make_spec(), options()) {}

 private:
  HandPose draw(Rng& rng) override;
  void place() override;
  StepResult judge(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void add_objects(Scene& scene) const override;
  void pose_objects(ConstStateRef state, Scene& scene) const override;

  Vector3d to_peg() const { return pose_of(*peg_) * Vector3d(0, 0, kGripPlace) - hand().position; }
  Vector3d tip_to_hole() const {
    return block_ * Vector3d(0, 0, kBlockHeight) - pose_of(*peg_) * Vector3d(0, 0, -half_length_);
  }
  /// How far the lower end of a peg at `peg` is below the hole's mouth, m; 0 beside the hole.
  double depth(const Eigen::Isometry3d& peg) const;
  double depth() const { return depth(pose_of(*peg_)); }

  double half_length_ = kPegHalfLength;  // m, of the peg
  BlockWithHole shape_{.half = kBlockHalf, .hole_half = kHoleHalf, .height = kBlockHeight};
  Eigen::Isometry3d start_ = Eigen::Isometry3d::Identity();  // of the peg
  Eigen::Isometry3d block_ = Eigen::Isometry3d::Identity();  // on the table
  btRigidBody* peg_ = nullptr;
  Carry carry_;
};

HandPose PegInsert::draw(Rng& rng) {
  half_length_ = variation().size("peg_length") * kPegHalfLength;
  shape_.hole_half = kHoleHalf + (variation().size("clearance") - 1) * (kHoleHalf - kPegHalf);
  const auto turned = [&] {
    return Eigen::AngleAxisd(rng.uniform(-std::numbers::pi, std::numbers::pi), Vector3d::UnitZ());
  };
  const double x = rng.uniform(0.40, 0.54), y = rng.uniform(-0.22, -0.06);
  start_ = Eigen::Translation3d(x, y, half_length_) * turned();
  const double block_x = rng.uniform(0.42, 0.52), block_y = rng.uniform(0.10, 0.20);
  block_ = Eigen::Translation3d(block_x, block_y, 0) * turned();
  HandPose hand;
  hand.position.x() = rng.uniform(0.40, 0.54);
  hand.position.y() = rng.uniform(-0.20, 0.0);
  hand.position.z() = rng.uniform(0.22, 0.30);
  return hand;
}

void PegInsert::place() {
  carry_ = {};
  peg_ = &add_box({kPegHalf, kPegHalf, half_length_}, start_, kPegMass, kPegFriction);
  for (const auto& [half, centre] : block_parts(shape_)) {
    add_fixture(half, block_ * Eigen::Translation3d(centre), kBlockFriction);
  }
}

double PegInsert::depth(const Eigen::Isometry3d& peg) const {
  return depth_in_hole(shape_, block_.inverse() * (peg * Vector3d(0, 0, -half_length_)));
}

StepResult PegInsert::judge(ConstVectorRef) {
  StepResult result;
  result.success = result.terminated = depth() >= kDepth;
  double reward = kReachReward * (1 - std::tanh(kReachScale * to_peg().norm())) - 1;
  const bool gripped = manipulator().pinches(*peg_);
  const Eigen::Isometry3d peg = pose_of(*peg_);
  const std::string_view carried =
      carry_.after(gripped, peg.translation().z() - half_length_, peg.linear()(2, 2));
  if (depth() <= 0) result.cause = carried;
  if (gripped) {
    reward = kNearReward * (1 - std::tanh(kNearScale * tip_to_hole().head<2>().norm())) +
             kDepthReward * std::min(1.0, depth() / kDepth) - (kNearReward + kDepthReward);
  }
  result.reward = static_cast<float>(result.success ? 0 : reward);
  return result;
}

void PegInsert::observe(VectorRef observation) const {
  const Eigen::Isometry3d peg = pose_of(*peg_);
  const double peg_turn = yaw_of(peg) - hand().yaw, hole_turn = yaw_of(block_) - yaw_of(peg);
  observation.segment<3>(kToPeg) = to_peg().cast<float>();
  observation[kPegTurn] = static_cast<float>(std::sin(4 * peg_turn));
  observation[kPegTurn + 1] = static_cast<float>(std::cos(4 * peg_turn));
  observation.segment<3>(kTipToHole) = tip_to_hole().cast<float>();
  observation[kHoleTurn] = static_cast<float>(std::sin(4 * hole_turn));
  observation[kHoleTurn + 1] = static_cast<float>(std::cos(4 * hole_turn));
  observation.segment<2>(kLean) = peg.linear().col(2).head<2>().cast<float>();
  observation[kOpening] = static_cast<float>(hand().opening);
  observation.segment<3>(kEefVel) = manipulator().velocity().cast<float>();
}

void PegInsert::add_objects(Scene& scene) const {
  name_body(scene, object_body(0), "peg");
  const Vector3d half(kPegHalf, kPegHalf, half_length_);
  add_part(scene, {.body = object_body(0), .size = half.cast<float>(), .colour = {0.80F, 0.45F, 0.02F}});
  const Eigen::Quaternionf turn(block_.linear().cast<float>());
  for (const auto& [extent, centre] : block_parts(shape_)) {
    add_part(scene, {.size = extent.cast<float>(),
                     .at = (block_ * centre).cast<float>(),
                     .colour = {0.10F, 0.22F, 0.36F},
                     .turn = turn});
  }
}

void PegInsert::pose_objects(ConstStateRef, Scene& scene) const {
  const Eigen::Isometry3d peg = body_pose(scene, object_body(0));
  const Vector3d tip = peg * Vector3d(0, 0, -half_length_), mouth = block_ * Vector3d(0, 0, kBlockHeight);
  scene.figures = {
      {.name = "tip beside the hole", .value = 1000 * (mouth - tip).head<2>().norm(), .unit = "mm"},
      {.name = "turned to the hole", .value = quarter_turn(yaw_of(block_) - yaw_of(peg)), .unit = "deg"},
      {.name = "depth", .value = 1000 * depth(peg), .unit = "mm", .low = 1000 * kDepth}};
}

}  // namespace
}  // namespace peg_insert

std::unique_ptr<Environment> make_peg_insert() {
  return std::make_unique<peg_insert::PegInsert>();
}

void add_peg_insert(TaskList& tasks) {
  tasks.add({.id = "PegInsert",
             .make = make_peg_insert,
             .make_expert = make_peg_insert_expert,
             .ways = "goes there in a bow to the left or right, higher or lower, and takes one pair of faces "
                     "or the other"});
}

}  // namespace understudy
