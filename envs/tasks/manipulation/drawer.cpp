#include "envs/tasks/manipulation/drawer.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "envs/contract/task_list.h"
#include "envs/robots/robot_scene.h"
#include "envs/robots/urdf.h"
#include "envs/tasks/manipulation/tabletop_task.h"

namespace understudy {
namespace drawer {
namespace {

using Eigen::Vector3d;

const Vector3d kHandle(-0.071, 0, 0.105);  // m, the bar's middle when shut, in the cabinet's frame
constexpr int kDrawerLink = 1;
constexpr double kFriction = 1.0;                    // [-]
constexpr double kDistance = 0.63;                   // m, the middle of where the cabinet may stand
constexpr double kNearest = 0.28, kFarthest = 0.62;  // m, of the hand along x

constexpr double kDistanceCost = 0.5;  // 1/m
constexpr double kLeftCost = 0.4;      // 1/m
constexpr double kSuccessReward = 5;

EnvironmentSpec make_spec() {
  EnvironmentSpec spec;
  spec.id = "Drawer";
  spec.summary = "grip the handle of the drawer and pull it open by 20 cm";
  spec.success = "the handle within 3 cm of where it is when the drawer is open by 20 cm";
  spec.observation = Space({
      {"to_handle", 3, "m", -2, 2, "handle minus grip point: x away from the base, y to its left, z up"},
      {"left", 1, "m", -0.1, 0.3, "20 cm less how far the drawer is open"},
      {"opening", 1, "m", 0, 0.1, "between the pads of the fingers"},
      {"eef_vel", 3, "m/s", -5, 5, "velocity of the grip point: x, y, z"},
  });
  spec.action = Space(hand_action_fields(false, true));
  spec.horizon = 200;
  spec.layout = "default";
  spec.dimensions = {{"handle_size", "thickness of the handle's bar"},
                     {"distance", "where the drawer stands on average, 63 cm from the arm's base"}};
  return spec;
}

TabletopOptions options() {
  TabletopOptions tabletop;
  tabletop.further_state = BulletWorld::kBodyState + 2;
  tabletop.hand.low = {kNearest, -0.25, 0.05};
  tabletop.hand.high = {kFarthest, 0.25, 0.36};
  return tabletop;
}

/// With a bar that is `size` times as thick.
RobotModel drawer_model(double size) {
  RobotModel model = read_model("drawer");
  RobotLink& link = model.links[kDrawerLink];
  for (std::vector<RobotShape>* shapes : {&link.collisions, &link.visuals}) {
    for (RobotShape& shape : *shapes) {
      if (!shape.pose.translation().isApprox(kHandle)) continue;
      shape.size.x() *= size;
      shape.size.z() *= size;
    }
  }
  return model;
}

class Drawer final : public TabletopTask {
 public:
  Drawer() : TabletopTask(make_spec(), options()), plain_(drawer_model(1)) {}

 private:
  HandPose draw(Rng& rng) override;
  void place() override;
  void push() override { drawer_->add_damping(); }
  StepResult judge(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void add_objects(Scene& scene) const override;
  void pose_objects(ConstStateRef state, Scene& scene) const override;

  double left() const { return kPull - drawer_->position(0); }
  Vector3d to_handle() const { return drawer_->link_pose(kDrawerLink) * kHandle - hand().position; }

  const RobotModel& model() const { return varied_ ? *varied_ : plain_; }

  const RobotModel plain_;
  std::optional<RobotModel> varied_;  // with a handle of another size
  Eigen::Isometry3d cabinet_ = Eigen::Isometry3d::Identity();
  std::optional<RobotBody> drawer_;
};

HandPose Drawer::draw(Rng& rng) {
  const double x = rng.uniform(0.60, 0.66), y = rng.uniform(-0.12, 0.12);
  const double moved = kDistance * (variation().size("distance") - 1);
  cabinet_ = Eigen::Translation3d(x + moved, y, 0);
  set_workspace_x(std::min(kNearest, kNearest + moved), std::max(kFarthest, kFarthest + moved));
  HandPose hand;
  hand.position.x() = rng.uniform(0.36, 0.50);
  hand.position.y() = rng.uniform(-0.15, 0.15);
  hand.position.z() = rng.uniform(0.20, 0.28);
  hand.yaw = std::numbers::pi / 2;
  hand.opening = kStartOpening;
  return hand;
}

void Drawer::place() {
  RobotOptions robot;
  robot.pose = cabinet_;
  robot.fixed_base = true;
  robot.group = kObjectBit;
  robot.mask = kArmBit;
  robot.friction = kFriction;
  const double size = variation().size("handle_size");
  varied_.reset();
  if (size != 1) varied_ = drawer_model(size);
  drawer_.emplace(world(), model(), robot);
}

StepResult Drawer::judge(ConstVectorRef) {
  StepResult result;
  result.success = result.terminated = std::abs(left()) <= kTolerance;
  double reward = -kDistanceCost * to_handle().norm() - kLeftCost * std::abs(left());
  if (result.success) reward += kSuccessReward;
  result.reward = static_cast<float>(reward);
  return result;
}

void Drawer::observe(VectorRef observation) const {
  observation.segment<3>(kToHandle) = to_handle().cast<float>();
  observation[kLeft] = static_cast<float>(left());
  observation[kOpening] = static_cast<float>(hand().opening);
  observation.segment<3>(kEefVel) = manipulator().velocity().cast<float>();
}

void Drawer::add_objects(Scene& scene) const {
  add_robot_shapes(model(), first_free_body(), scene);
}

void Drawer::pose_objects(ConstStateRef state, Scene& scene) const {
  Eigen::VectorXd slide(1);
  slide[0] = state[further_state_at() + BulletWorld::kBodyState];
  pose_robot(link_poses(model(), cabinet_, slide), first_free_body(), scene);
  const Vector3d handle = body_pose(scene, first_free_body() + kDrawerLink) * kHandle;
  scene.figures = {{.name = "to the handle", .value = 100 * (handle - grip_in(scene)).norm(), .unit = "cm"},
                   {.name = "open",
                    .value = 100 * slide[0],
                    .unit = "cm",
                    .low = 100 * (kPull - kTolerance),
                    .high = 100 * (kPull + kTolerance)}};
}

}  // namespace
}  // namespace drawer

std::unique_ptr<Environment> make_drawer() {
  return std::make_unique<drawer::Drawer>();
}

void add_drawer(TaskList& tasks) {
  tasks.add({.id = "Drawer",
             .make = make_drawer,
             .make_expert = make_drawer_expert,
             .ways = "goes to the handle in a bow to the left or right, higher or lower"});
}

}  // namespace understudy
