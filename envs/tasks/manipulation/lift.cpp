#include "envs/tasks/manipulation/lift.h"

#include <cmath>
#include <numbers>

#include "envs/contract/task_list.h"
#include "envs/tasks/manipulation/carry.h"
#include "envs/tasks/manipulation/tabletop_scene.h"
#include "envs/tasks/manipulation/tabletop_task.h"

namespace understudy {
namespace lift {
namespace {

using Eigen::Vector3d;

constexpr double kCubeMass = 0.1;      // kg
constexpr double kCubeFriction = 1.0;  // [-]

constexpr double kBestReward = 2.25;  // robosuite's
constexpr double kGripReward = 0.25;
constexpr double kReachScale = 10;  // 1/m

EnvironmentSpec make_spec() {
  EnvironmentSpec spec;
  spec.id = "Lift";
  spec.summary = "grip the cube on the table and lift it";
  spec.success = "the cube's centre more than 4 cm above where it lies on the table";
  spec.observation = Space({
      {"to_cube", 3, "m", -2, 2, "cube minus grip point: x away from the base, y to its left, z up"},
      {"cube_turn", 2, "-", -1, 1, "sine and cosine of 4 times the cube's yaw against the hand's"},
      {"opening", 1, "m", 0, 0.1, "between the pads of the fingers"},
      {"lifted", 1, "m", -0.1, 1, "cube's centre above where it lies on the table"},
      {"eef_vel", 3, "m/s", -5, 5, "velocity of the grip point: x, y, z"},
  });
  spec.action = Space(hand_action_fields(true, true));
  spec.horizon = 200;
  spec.layout = "default";
  spec.dimensions = {{"cube_size", "edges of the cube"}};
  return spec;
}

TabletopOptions options() {
  TabletopOptions tabletop;
  tabletop.turns = true;
  tabletop.objects = 1;
  tabletop.hand.low = {0.30, -0.30, 0.012};
  tabletop.hand.high = {0.65, 0.30, 0.40};
  return tabletop;
}

class Lift final : public TabletopTask {
 public:
  Lift() : TabletopTask(make_spec(), options()) {}

 private:
  HandPose draw(Rng& rng) override;
  void place() override;
  StepResult judge(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void add_objects(Scene& scene) const override;
  void pose_objects(ConstStateRef state, Scene& scene) const override;

  Vector3d to_cube() const { return position_of(*cube_) - hand().position; }
  bool gripped() const { return manipulator().pinches(*cube_); }
  double lifted() const { return position_of(*cube_).z() - half_; }

  Eigen::Isometry3d start_ = Eigen::Isometry3d::Identity();  // of the cube
  double half_ = kCubeHalf;                                  // m, of the cube's edges
  btRigidBody* cube_ = nullptr;
  Carry carry_;
};

HandPose Lift::draw(Rng& rng) {
  half_ = variation().size("cube_size") * kCubeHalf;
  const double x = rng.uniform(0.40, 0.56), y = rng.uniform(-0.18, 0.18);
  const double yaw = rng.uniform(-std::numbers::pi, std::numbers::pi);
  start_ = Eigen::Translation3d(x, y, half_) * Eigen::AngleAxisd(yaw, Vector3d::UnitZ());
  HandPose hand;
  hand.position.x() = rng.uniform(0.40, 0.56);
  hand.position.y() = rng.uniform(-0.18, 0.18);
  hand.position.z() = rng.uniform(0.14, 0.24);
  return hand;
}

void Lift::place() {
  carry_ = {};
  cube_ = &add_box(Vector3d::Constant(half_), start_, kCubeMass, kCubeFriction);
}

StepResult Lift::judge(ConstVectorRef) {
  StepResult result;
  result.success = result.terminated = lifted() > kLiftHeight;
  if (!result.success) result.cause = carry_.after(gripped(), lifted());
  double reward = 1 - std::tanh(kReachScale * to_cube().norm());
  if (gripped()) reward += kGripReward;
  if (result.success) reward = kBestReward;
  result.reward = static_cast<float>(reward / kBestReward - 1);
  return result;
}

void Lift::observe(VectorRef observation) const {
  const Eigen::Matrix3d turn = pose_of(*cube_).linear();
  const double yaw = std::atan2(turn(1, 0), turn(0, 0)) - hand().yaw;
  observation.segment<3>(kToCube) = to_cube().cast<float>();
  observation[kCubeTurn] = static_cast<float>(std::sin(4 * yaw));
  observation[kCubeTurn + 1] = static_cast<float>(std::cos(4 * yaw));
  observation[kOpening] = static_cast<float>(hand().opening);
  observation[kLifted] = static_cast<float>(lifted());
  observation.segment<3>(kEefVel) = manipulator().velocity().cast<float>();
}

void Lift::add_objects(Scene& scene) const {
  name_body(scene, object_body(0), "cube");
  add_part(scene, {.body = object_body(0),
                   .size = Eigen::Vector3f::Constant(static_cast<float>(half_)),
                   .colour = {0.75F, 0.05F, 0.06F}});
  add_table_cameras(scene);
}

void Lift::pose_objects(ConstStateRef, Scene& scene) const {
  const Vector3d cube = body_pose(scene, object_body(0)).translation();
  scene.figures = {
      {.name = "to the cube", .value = 100 * (cube - grip_in(scene)).norm(), .unit = "cm"},
      {.name = "lifted", .value = 100 * (cube.z() - half_), .unit = "cm", .low = 100 * kLiftHeight}};
}

}  // namespace
}  // namespace lift

std::unique_ptr<Environment> make_lift() {
  return std::make_unique<lift::Lift>();
}

void add_lift(TaskList& tasks) {
  tasks.add({.id = "Lift",
             .make = make_lift,
             .make_expert = make_lift_expert,
             .ways = "goes there in a bow to the left or right, higher or lower, and takes one pair of faces "
                     "or the other"});
}

}  // namespace understudy
