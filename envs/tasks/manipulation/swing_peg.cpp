#include "envs/tasks/manipulation/swing_peg.h"

#include <cmath>
#include <optional>

#include "envs/contract/task_list.h"
#include "envs/robots/rope.h"
#include "envs/tasks/manipulation/block_with_hole.h"
#include "envs/tasks/manipulation/tabletop_scene.h"
#include "envs/tasks/manipulation/tabletop_task.h"
#include "envs/world/world_form.h"

namespace understudy {
namespace swing_peg {
namespace {

using Eigen::Vector3d;

constexpr BlockWithHole kBlock{.half = kBlockHalf, .hole_half = kHoleHalf, .height = kBlockHeight};
constexpr int kRopeLinks = 8;
constexpr double kRopeMass = 0.048;     // kg
constexpr double kPegMass = 0.1;        // kg
constexpr double kHingeDamping = 1e-4;  // N·m·s/rad
constexpr double kBlockFriction = 0.3;  // [-]
constexpr double kRopeGrip = 0.006;     // m between the pads
constexpr double kMostLean = 0.3;       // rad, of the rope at the start
constexpr double kMargin = 0.01;        // m that the hand stays above where the rope would be slack

constexpr double kActionCost = 0.01;
constexpr double kSuccessReward = 5;

EnvironmentSpec make_spec() {
  EnvironmentSpec spec;
  spec.id = "SwingPeg";
  spec.summary = "put the peg that hangs from the hand on a rope into the hole";
  spec.success = "the peg's lower end inside the hole, 4 cm below its mouth";
  spec.observation = Space({
      {"tip_to_hole", 3, "m", -2, 2,
       "the hole's mouth minus the peg's lower end: x away from the base, y left, z up"},
      {"peg_vel", 3, "m/s", -5, 5, "velocity of the peg's middle"},
      {"peg_to_hand", 3, "m", -1, 1, "grip point minus the peg's middle"},
      {"lean", 2, "-", -1, 1, "x and y of the unit vector along the peg, upwards"},
      {"eef_vel", 3, "m/s", -5, 5, "velocity of the grip point: x, y, z"},
  });
  spec.action = Space(hand_action_fields(false, false));
  spec.horizon = 300;
  spec.layout = "default";
  return spec;
}

TabletopOptions options() {
  TabletopOptions tabletop;
  tabletop.grips = false;
  tabletop.friction_cone = false;
  tabletop.hand.low = {0.32, -0.28, kRopeLength + kPegLength + kMargin};
  tabletop.hand.high = {0.62, 0.28, 0.48};
  return tabletop;
}

/// Our arm with a rope of `links` links in its hand and the peg on the rope. The last two links are
/// the peg's joint and the peg.
ArmDescription make_arm_with_peg(int links, double damping, double friction) {
  ArmDescription result = our_arm();
  RobotModel& model = result.model;
  const RopeOptions rope_options{.links = links,
                                 .link_length = kRopeLength / links,
                                 .link_mass = kRopeMass / links,
                                 .damping = damping,
                                 .friction = friction};
  const int rope = add_rope(model, result.grip.link, result.grip.pose, rope_options);
  const Eigen::Isometry3d end(Eigen::Translation3d(0, 0, kRopeLength / links));
  const double across = kPegMass * (3 * kPegRadius * kPegRadius + kPegLength * kPegLength) / 12;
  RobotLink joint;
  joint.name = "peg_joint";
  joint.damping = damping;
  joint.friction = friction;
  joint.mass = 0.005;
  joint.inertia = Vector3d::Constant(1e-6);  // a sphere of 5 g and 2 cm radius, nearly
  const int cross = add_hinged(model, rope, end, Vector3d::UnitX(), joint);
  RobotLink peg;
  peg.name = "peg";
  peg.damping = damping;
  peg.friction = friction;
  peg.mass = kPegMass;
  peg.inertial = Eigen::Translation3d(0, 0, kPegLength / 2);
  peg.inertia = {across, across, kPegMass * kPegRadius * kPegRadius / 2};
  RobotShape shape;
  shape.kind = ShapeKind::kCylinder;
  shape.size = {kPegRadius, kPegRadius, kPegLength / 2};
  shape.pose = Eigen::Translation3d(0, 0, kPegLength / 2);
  shape.colour = Eigen::Vector4f(0.80F, 0.45F, 0.02F, 1);
  peg.collisions = {shape};
  add_hinged(model, cross, Eigen::Isometry3d::Identity(), Vector3d::UnitY(), peg);
  const auto driven = result.posture.size();
  for (int dof = static_cast<int>(driven); dof < model.dofs(); ++dof) result.loose.push_back(dof);
  result.posture.conservativeResize(model.dofs());
  result.posture.tail(model.dofs() - driven).setZero();
  return result;
}

const ArmDescription& arm_with_peg() {
  static const ArmDescription arm = make_arm_with_peg(kRopeLinks, kHingeDamping, 0);
  return arm;
}

class SwingPeg final : public TabletopTask {
 public:
  SwingPeg() : TabletopTask(make_spec(), options(), arm_with_peg()) {}

 private:
  HandPose draw(Rng& rng) override;
  void place() override;
  void adapt(const WorldForm& form) override;
  StepResult judge(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void add_objects(Scene& scene) const override;
  void pose_objects(ConstStateRef state, Scene& scene) const override;

  int peg() const { return static_cast<int>(arm().model.links.size()) - 1; }
  Vector3d tip() const { return manipulator().body().link_pose(peg()) * Vector3d(0, 0, kPegLength); }
  Vector3d mouth() const { return block_ + Vector3d(0, 0, kBlockHeight); }

  std::optional<ArmDescription> other_arm_;  // of another form of world
  Vector3d block_ = Vector3d::Zero();
  double lean_[2] = {};  // rad, of the rope at the start, about x and about y of the hand
};

HandPose SwingPeg::draw(Rng& rng) {
  block_ = {rng.uniform(0.44, 0.54), rng.uniform(0.02, 0.14), 0};
  HandPose hand;
  hand.position.x() = rng.uniform(0.40, 0.54);
  hand.position.y() = rng.uniform(-0.20, -0.08);
  hand.position.z() = rng.uniform(0.40, 0.44);
  hand.opening = kRopeGrip;
  for (double& lean : lean_) lean = rng.uniform(-kMostLean, kMostLean);
  return hand;
}

void SwingPeg::place() {
  RobotBody& body = manipulator().body();
  for (int i = 0; i < 2; ++i) body.set_joint(arm().loose[static_cast<std::size_t>(i)], lean_[i]);
  body.settle();
  for (const BlockPart& part : block_parts(kBlock)) {
    add_fixture(part.half, Eigen::Isometry3d(Eigen::Translation3d(block_ + part.centre)), kBlockFriction);
  }
}

void SwingPeg::adapt(const WorldForm& form) {
  const RopeForm rope = form.rope();
  other_arm_ = make_arm_with_peg(rope.links > 0 ? rope.links : kRopeLinks, rope.damping * kHingeDamping,
                                 rope.friction);
  set_arm(*other_arm_);
}

StepResult SwingPeg::judge(ConstVectorRef action) {
  StepResult result;
  result.success = result.terminated = depth_in_hole(kBlock, tip() - block_) >= kDepth;
  const double distance = (mouth() - Vector3d(0, 0, kDepth) - tip()).norm();
  double reward = -distance - kActionCost * double{action.squaredNorm()};
  if (result.success) reward += kSuccessReward;
  result.reward = static_cast<float>(reward);
  return result;
}

void SwingPeg::observe(VectorRef observation) const {
  const RobotBody& body = manipulator().body();
  observation.segment<3>(kTipToHole) = (mouth() - tip()).cast<float>();
  observation.segment<3>(kPegVel) = body.link_velocity(peg()).cast<float>();
  observation.segment<3>(kPegToHand) = (hand().position - body.link_centre(peg())).cast<float>();
  // The peg's own z axis points down.
  observation.segment<2>(kLean) = (-body.link_pose(peg()).linear().col(2)).head<2>().cast<float>();
  observation.segment<3>(kEefVel) = manipulator().velocity().cast<float>();
}

void SwingPeg::add_objects(Scene& scene) const {
  for (const BlockPart& part : block_parts(kBlock)) {
    add_part(scene, {.size = part.half.cast<float>(),
                     .at = (block_ + part.centre).cast<float>(),
                     .colour = {0.10F, 0.22F, 0.36F}});
  }
}

void SwingPeg::pose_objects(ConstStateRef, Scene& scene) const {
  const Vector3d end = body_pose(scene, 1 + peg()) * Vector3d(0, 0, kPegLength);
  scene.figures = {
      {.name = "tip beside the hole", .value = 100 * (mouth() - end).head<2>().norm(), .unit = "cm"},
      {.name = "tip over the hole", .value = 100 * (end - mouth()).z(), .unit = "cm"},
      {.name = "depth",
       .value = 1000 * depth_in_hole(kBlock, end - block_),
       .unit = "mm",
       .low = 1000 * kDepth}};
}

}  // namespace
}  // namespace swing_peg

std::unique_ptr<Environment> make_swing_peg() {
  return std::make_unique<swing_peg::SwingPeg>();
}

void add_swing_peg(TaskList& tasks) {
  tasks.add({.id = "SwingPeg",
             .make = make_swing_peg,
             .make_expert = make_swing_peg_expert,
             .ways = "carries the peg in a bow to the left or right, higher or lower"});
}

}  // namespace understudy
