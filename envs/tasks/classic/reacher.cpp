#include "envs/tasks/classic/reacher.h"

#include <array>
#include <cmath>
#include <optional>

#include "datasets/types/rng.h"
#include "datasets/types/rng_streams.h"
#include "envs/contract/task_list.h"
#include "envs/robots/robot_body.h"
#include "envs/robots/robot_scene.h"
#include "envs/robots/urdf.h"
#include "envs/world/bullet_task.h"
#include "envs/world/bullet_world.h"

namespace understudy {
namespace {

using Eigen::Vector2d;

constexpr double kActionTime = 0.0165;  // s
constexpr double kTorque = 0.05;        // N·m at action 1
constexpr double kTargetSide = 0.27;    // m
constexpr double kStartAngle = 3.14;    // rad
constexpr double kElbowLimit = 3.0;     // rad
constexpr double kUpper = 0.1;          // m, shoulder to elbow
constexpr double kLower = 0.11;         // m, elbow to fingertip
constexpr double kSpeedScale = 0.1;
constexpr int kFirstBody = 1, kTargetBody = 5;  // in the scene; the robot has four links

EnvironmentSpec make_spec() {
  EnvironmentSpec spec;
  spec.id = "Reacher";
  spec.summary = "bring the fingertip of a two-link arm to a target";
  spec.success = "none: the return counts";
  spec.observation = Space({
      {"target", 2, "m", -0.3, 0.3, "x, y of the target"},
      {"to_target", 2, "m", -1, 1, "fingertip minus target"},
      {"shoulder", 3, "-", -50, 50, "cosine and sine of the angle; 0.1 times its rate in rad/s"},
      {"elbow", 2, "-", -50, 50, "angle, -1 to 1 between its limits; 0.1 times its rate in rad/s"},
  });
  spec.action = Space({
      {"shoulder", 1, "-", -1, 1, "torque, 1 = 0.05 N m"},
      {"elbow", 1, "-", -1, 1, "torque, 1 = 0.05 N m"},
  });
  spec.control_rate = 1 / kActionTime;
  spec.substeps = 1;
  spec.horizon = 150;
  spec.layout = "default";
  return spec;
}

WorldOptions make_world() {
  WorldOptions options = pybullet_environment_options(kActionTime);
  options.gravity = 0;
  return options;
}

class Reacher final : public BulletTask {
 public:
  Reacher() : BulletTask(make_spec(), make_world()), model_(read_model("reacher")) {}

  int state_dim() const override { return BulletWorld::kBodyState + 4 + 2; }

 protected:
  void build(std::uint64_t seed) override {
    Rng rng = Rng::stream(seed, RngStream::kTask);
    target_.x() = rng.uniform(-kTargetSide, kTargetSide);
    target_.y() = rng.uniform(-kTargetSide, kTargetSide);
    robot_.emplace(world(), model_, RobotOptions{.fixed_base = true});
    for (int joint = 0; joint < 2; ++joint) robot_->set_joint(joint, rng.uniform(-kStartAngle, kStartAngle));
    robot_->settle();
  }

  StepResult advance(ConstVectorRef action) override {
    const double before = to_target().norm();
    for (int joint = 0; joint < 2; ++joint) robot_->add_torque(joint, kTorque * double{action[joint]});
    world().step();

    double reward = 100 * (before - to_target().norm());
    for (int joint = 0; joint < 2; ++joint) {
      const double push = std::abs(double{action[joint]});
      reward -= 0.1 * push * std::abs(kSpeedScale * robot_->velocity(joint)) + 0.01 * push;
    }
    if (std::abs(std::abs(robot_->position(1) / kElbowLimit) - 1) < 0.01) reward -= 0.1;
    StepResult result;
    result.reward = static_cast<float>(reward);
    return result;
  }

  void observe(VectorRef observation) const override {
    const double shoulder = robot_->position(0);
    Eigen::Matrix<double, 9, 1> o;
    o << target_, to_target(), std::cos(shoulder), std::sin(shoulder), kSpeedScale * robot_->velocity(0),
        robot_->position(1) / kElbowLimit, kSpeedScale * robot_->velocity(1);
    observation = o.cast<float>();
  }

  void write_state(StateRef state) const override {
    world().read_state(state.head(BulletWorld::kBodyState + 4));
    state.tail<2>() = target_;
  }

  void build_scene(Scene& scene) const override;
  void pose_scene(ConstStateRef state, Scene& scene) const override;

 private:
  static Vector2d fingertip(double shoulder, double elbow) {
    const double upper = shoulder, lower = upper + elbow;
    return Vector2d(kUpper * std::cos(upper) + kLower * std::cos(lower),
                    kUpper * std::sin(upper) + kLower * std::sin(lower));
  }
  Vector2d to_target() const { return fingertip(robot_->position(0), robot_->position(1)) - target_; }

  RobotModel model_;
  std::optional<RobotBody> robot_;
  Vector2d target_ = Vector2d::Zero();
};

void Reacher::build_scene(Scene& scene) const {
  const auto add = [&](ShapeKind kind, int body, const Eigen::Vector3f& size, const Eigen::Vector3f& at,
                       const Eigen::Vector3f& colour) {
    SceneShape shape;
    shape.kind = kind;
    shape.body = body;
    shape.size = size;
    shape.local.translation() = at;
    shape.colour = colour;
    scene.shapes.push_back(shape);
  };
  const Eigen::Vector3f rim(0.16F, 0.17F, 0.20F);
  constexpr float kSide = 0.3F, kRim = 0.012F;
  add(ShapeKind::kBox, 0, {1.2F, 1.2F, 0.02F}, {0, 0, -0.04F}, {0.30F, 0.33F, 0.35F});
  add(ShapeKind::kBox, 0, {kSide, kSide, 0.005F}, {0, 0, -0.015F}, {0.62F, 0.64F, 0.62F});
  for (const float sign : {-1.0F, 1.0F}) {
    add(ShapeKind::kBox, 0, {kSide + kRim, kRim, 0.02F}, {0, sign * (kSide + kRim), -0.005F}, rim);
    add(ShapeKind::kBox, 0, {kRim, kSide, 0.02F}, {sign * (kSide + kRim), 0, -0.005F}, rim);
  }
  add_robot_shapes(model_, kFirstBody, scene);
  add(ShapeKind::kSphere, kTargetBody, {0.014F, 0.014F, 0.014F}, {0, 0, 0.01F}, {0.85F, 0.05F, 0.07F});
  scene.cameras.push_back({"follow", 0, {0, -0.55F, 0.75F}, {0, -0.02F, 0}, 0.75F});
  scene.cameras.push_back({"top", 0, {0, -0.01F, 1.0F}, {0, 0, 0}, 0.7F});
}

void Reacher::pose_scene(ConstStateRef state, Scene& scene) const {
  constexpr int kJoints = BulletWorld::kBodyState;
  const Eigen::Vector2d positions(state[kJoints], state[kJoints + 2]);
  pose_robot(link_poses(model_, Eigen::Isometry3d::Identity(), positions), kFirstBody, scene);
  scene.poses.resize(kTargetBody + 1, Eigen::Isometry3f::Identity());
  scene.poses[kTargetBody].translation() =
      Eigen::Vector3f(static_cast<float>(state[kJoints + 4]), static_cast<float>(state[kJoints + 5]), 0);
  const Vector2d away = fingertip(positions[0], positions[1]) - Vector2d(state.tail<2>());
  scene.figures = {{.name = "to the target", .value = 100 * away.norm(), .unit = "cm"}};
}

}  // namespace

std::unique_ptr<Environment> make_reacher() {
  return std::make_unique<Reacher>();
}

void add_reacher(TaskList& tasks) {
  tasks.add({.id = "Reacher", .make = make_reacher});
}

}  // namespace understudy
