#include "envs/reach.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "datasets/rng.h"
#include "envs/arm_body.h"
#include "envs/bullet_task.h"
#include "envs/bullet_world.h"
#include "envs/inverse_kinematics.h"
#include "envs/reach_scene.h"

namespace understudy {
namespace reach {
namespace {

using Eigen::Vector3d;

const TargetBox kBox{.low = {0.35, -0.3, 0.15}, .high = {0.65, 0.3, 0.55}};       // m
const Vector3d kWorkspaceLow(0.25, -0.4, 0.06), kWorkspaceHigh(0.70, 0.4, 0.65);  // m, of the set point
constexpr double kLeast = 0.2;    // m from the hand to the target at the start
constexpr double kLeash = 0.05;   // m from the hand to the set point
constexpr int kIkIterations = 2;  // per action: leaves less than 0.1 mm at full speed
constexpr int kTableBit = 1, kArmBit = 2;
constexpr int kExtraState = kArmJoints + 3 + 3 + 1;
constexpr int kStateSize = BulletWorld::kBodyState + 2 * kArmJoints + kExtraState;

constexpr double kNearCost = 0.2;
constexpr double kNearScale = 10;  // 1/m
constexpr double kActionCost = 0.01;
constexpr double kSuccessReward = 5;

EnvironmentSpec make_spec() {
  EnvironmentSpec spec;
  spec.id = "Reach";
  spec.summary = "bring the hand of a 7-joint arm to the target and hold it there";
  spec.success = "the hand within 2 cm of the target after each of 10 steps in a row";
  spec.observation = Space({
      {"to_target", 3, "m", -2, 2, "target minus hand: x away from the base, y to its left, z up"},
      {"eef_vel", 3, "m/s", -5, 5, "velocity of the hand: x, y, z"},
  });
  spec.action = Space({
      {"dx", 1, "-", -1, 1, "velocity of the set point along x (away from the base), 1 = 0.5 m/s"},
      {"dy", 1, "-", -1, 1, "along y (to the base's left)"},
      {"dz", 1, "-", -1, 1, "along z (up)"},
  });
  spec.control_rate = 30;
  spec.substeps = 8;
  spec.horizon = 200;
  spec.layout = "default";
  spec.dimensions = {{"tool_length", "the pointer, of which the arm's controller knows nothing"}};
  return spec;
}

Vector3d draw_in_box(Rng& rng) {
  Vector3d point;
  for (int i = 0; i < 3; ++i) point[i] = rng.uniform(kBox.low[i], kBox.high[i]);
  return point;
}

class Reach final : public BulletTask {
 public:
  Reach() : BulletTask(make_spec()) {}

  int state_dim() const override { return kStateSize; }

 protected:
  void build(std::uint64_t seed) override;
  StepResult advance(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void write_state(StateRef state) const override;
  void build_scene(Scene& scene) const override {
    add_reach_shapes(kBox, kTolerance, target_.z(), tool_.z(), scene);
  }
  void pose_scene(ConstStateRef state, Scene& scene) const override;

 private:
  void move_set_point(ConstVectorRef action);
  void look_at_arm();

  std::optional<ArmBody> arm_;
  Vector3d tool_ = kArmTool;
  Vector3d target_ = Vector3d::Zero();
  Vector3d set_point_ = Vector3d::Zero();
  JointVector wanted_ = JointVector::Zero();  // joint angles that the motors are heading for
  int held_ = 0;                              // steps in a row within the tolerance

  JointVector angles_ = JointVector::Zero();
  JointVector velocities_ = JointVector::Zero();
  Vector3d hand_ = Vector3d::Zero();
  Vector3d hand_velocity_ = Vector3d::Zero();
};

void Reach::build(std::uint64_t seed) {
  Rng rng = Rng::stream(seed, 2);
  set_point_ = draw_in_box(rng);
  do {
    target_ = draw_in_box(rng);
  } while ((target_ - set_point_).norm() < kLeast);
  wanted_ = solve_ik(arm_posture(), set_point_);
  tool_ = variation().size("tool_length") * kArmTool;

  auto& table = world().keep(std::make_unique<btBoxShape>(btVector3(0.65, 0.65, 0.05)));
  world().add_body(table, btTransform(btQuaternion::getIdentity(), btVector3(0.35, 0, -0.05)),
                   {.mass = 0, .group = kTableBit, .mask = kArmBit});
  arm_.emplace(world(), wanted_, kArmBit, kTableBit);
  held_ = 0;
  look_at_arm();
}

void Reach::look_at_arm() {
  angles_ = arm_->angles();
  velocities_ = arm_->velocities();
  const ArmPose pose = arm_pose(angles_, tool_);
  hand_ = pose.hand;
  hand_velocity_ = arm_jacobian(pose) * velocities_;
}

void Reach::move_set_point(ConstVectorRef action) {
  Vector3d velocity = kMaxSpeed * action.head<3>().cast<double>();
  velocity *= std::min(1.0, kMaxSpeed / std::max(velocity.norm(), 1e-12));
  set_point_ += velocity / spec().control_rate;
  set_point_ = set_point_.cwiseMax(kWorkspaceLow).cwiseMin(kWorkspaceHigh);
  // On a leash, so that the set point does not run ahead when a motor is at its limit.
  const Vector3d lead = set_point_ - hand_;
  set_point_ = hand_ + lead * std::min(1.0, kLeash / std::max(lead.norm(), 1e-12));
}

StepResult Reach::advance(ConstVectorRef action) {
  move_set_point(action);
  const JointVector from = wanted_;
  for (int i = 0; i < kIkIterations; ++i) wanted_ = ik_step(wanted_, set_point_);
  // The joints move evenly from the old to the new angles within the step.
  const JointVector speed = (wanted_ - from) * spec().control_rate;
  for (int i = 0; i < spec().substeps; ++i) {
    arm_->drive(from + speed * (kPhysicsStep * (i + 1)), speed);
    world().step();
  }
  look_at_arm();

  const double distance = (target_ - hand_).norm();
  held_ = distance < kTolerance ? held_ + 1 : 0;
  StepResult result;
  result.success = held_ >= kHoldSteps;
  result.terminated = result.success;
  double reward =
      -distance - kNearCost * std::tanh(kNearScale * distance) - kActionCost * double{action.squaredNorm()};
  if (result.success) reward += kSuccessReward;
  result.reward = static_cast<float>(reward);
  return result;
}

void Reach::observe(VectorRef observation) const {
  observation.segment<3>(kToTarget) = (target_ - hand_).cast<float>();
  observation.segment<3>(kEefVel) = hand_velocity_.cast<float>();
}

void Reach::write_state(StateRef state) const {
  const int bodies = world().state_dim();
  world().read_state(state.head(bodies));
  state.segment<kArmJoints>(bodies) = wanted_;
  state.segment<3>(bodies + kArmJoints) = set_point_;
  state.segment<3>(bodies + kArmJoints + 3) = target_;
  state[bodies + kArmJoints + 6] = held_;
}

void Reach::pose_scene(ConstStateRef state, Scene& scene) const {
  JointVector angles;
  for (int i = 0; i < kArmJoints; ++i) angles[i] = state[BulletWorld::kBodyState + 2 * i];
  const Vector3d target = state.segment<3>(BulletWorld::kBodyState + 2 * kArmJoints + kArmJoints + 3);
  pose_reach_scene(angles, target, scene);
}

}  // namespace
}  // namespace reach

std::unique_ptr<Environment> make_reach() {
  return std::make_unique<reach::Reach>();
}

}  // namespace understudy
