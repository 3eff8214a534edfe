#include "envs/tasks/locomotion/dog.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

#include "datasets/types/rng.h"
#include "datasets/types/rng_streams.h"
#include "envs/contract/task_list.h"
#include "envs/robots/robot_body.h"
#include "envs/robots/robot_scene.h"
#include "envs/robots/urdf.h"
#include "envs/world/bullet_task.h"
#include "envs/world/bullet_world.h"
#include "envs/world/ground_scene.h"

namespace understudy {
namespace {

using Eigen::Vector3d;
using JointArray = Eigen::Matrix<double, 12, 1>;

constexpr int kJoints = 12, kLegs = 4;
constexpr double kControlRate = 50;  // Hz
constexpr int kSubsteps = 10;
constexpr std::array kStance{0.0, 0.75, -1.5};  // rad: abduction, hip, knee
constexpr double kReach = 0.5;                  // rad at action 1
constexpr double kStiffness = 25;               // N·m/rad
constexpr double kDamping = 0.5;                // N·m·s/rad
constexpr double kStartHeight = 0.315;          // m, of the trunk's centre
constexpr double kStartAngle = 0.05;            // rad
constexpr double kTrotRate = 2;                 // Hz
constexpr double kLowest = 0.15;                // m
constexpr double kGreatestTilt = 60 * std::numbers::pi / 180;
constexpr double kTracking = 0.25;  // width of the tracking terms, (m/s)² and (rad/s)²
constexpr int kGroundBit = 1, kRobotBit = 2;
constexpr int kFollowBody = 1, kFirstBody = 2;  // in the scene
constexpr std::array kShins{"front_left_shin", "front_right_shin", "back_left_shin", "back_right_shin"};
constexpr int kExtraState = 3 + 1 + kJoints;  // command, steps, last action

EnvironmentSpec make_spec(const RobotModel& model) {
  EnvironmentSpec spec;
  spec.id = "Dog";
  spec.summary = "trot on four legs at a commanded velocity";
  spec.success = "none: the return counts";
  spec.observation = Space({
      {"velocity", 3, "m/s", -20, 20, "of the trunk's centre: forwards, to the left, up (trunk's frame)"},
      {"turning", 3, "rad/s", -100, 100, "angular velocity of the trunk, its frame"},
      {"gravity", 3, "-", -1, 1, "direction of gravity in the trunk's frame"},
      {"command", 3, "m/s", -1, 1, "wanted velocity forwards and to the left, wanted yaw rate in rad/s"},
      {"clock", 2, "-", -1, 1, "sine and cosine of the trot's phase, 2 Hz"},
      {"joint_pos", kJoints, "rad", -5, 5, "angle minus stance: abduction, hip, knee of each leg"},
      {"joint_vel", kJoints, "rad/s", -100, 100, "rate"},
      {"last_action", kJoints, "-", -1, 1, "the action before"},
  });
  std::vector<Field> actions;
  for (const RobotLink& link : model.links) {
    if (joint_dofs(link.type) == 1)
      actions.push_back({link.joint, 1, "-", -1, 1, "target minus stance, 1 = 0.5 rad"});
  }
  spec.action = Space(std::move(actions));
  spec.control_rate = kControlRate;
  spec.substeps = kSubsteps;
  spec.horizon = 500;
  spec.layout = "default";
  return spec;
}

WorldOptions make_world() {
  WorldOptions options = pybullet_options();
  options.time_step = 1 / (kControlRate * kSubsteps);
  return options;
}

class Dog final : public BulletTask {
 public:
  explicit Dog(RobotModel model) : BulletTask(make_spec(model), make_world()), model_(std::move(model)) {
    int dof = 0;
    for (const RobotLink& link : model_.links) {
      if (joint_dofs(link.type) == 1) limits_[dof++] = link.max_effort;
    }
    for (std::size_t leg = 0; leg < kLegs; ++leg) shins_[leg] = model_.link_index(kShins[leg]);
  }

  int state_dim() const override { return BulletWorld::kBodyState + 2 * kJoints + kExtraState; }

 protected:
  void build(std::uint64_t seed) override;
  StepResult advance(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void write_state(StateRef state) const override;
  void build_scene(Scene& scene) const override;
  void pose_scene(ConstStateRef state, Scene& scene) const override;

 private:
  void look();
  double phase() const { return std::fmod(steps_ * kTrotRate / kControlRate, 1.0); }

  RobotModel model_;
  JointArray limits_ = JointArray::Zero();  // N·m
  std::array<int, kLegs> shins_{};

  std::optional<RobotBody> robot_;
  const btRigidBody* ground_ = nullptr;
  Vector3d command_ = Vector3d::Zero();
  JointArray last_action_ = JointArray::Zero();
  int steps_ = 0;

  double height_ = 0;                     // of the trunk's centre, m
  Vector3d velocity_ = Vector3d::Zero();  // of the trunk, its frame
  Vector3d turning_ = Vector3d::Zero();
  Vector3d gravity_ = -Vector3d::UnitZ();
};

double stance(int joint) {
  return kStance[static_cast<std::size_t>(joint % 3)];
}

void Dog::build(std::uint64_t seed) {
  Rng rng = Rng::stream(seed, RngStream::kTask);
  command_ = {rng.uniform(0, 1), rng.uniform(-0.3, 0.3), rng.uniform(-0.6, 0.6)};
  auto& plane = world().keep(std::make_unique<btStaticPlaneShape>(btVector3(0, 0, 1), 0));
  ground_ = &world().add_body(plane, btTransform::getIdentity(),
                              {.mass = 0, .friction = 0.8, .group = kGroundBit, .mask = kRobotBit});
  RobotOptions options;
  options.pose.translation().z() = kStartHeight;
  options.group = kRobotBit;
  options.mask = kGroundBit;
  options.friction = 1;
  robot_.emplace(world(), model_, options);
  for (int joint = 0; joint < kJoints; ++joint) {
    robot_->set_joint(joint, stance(joint) + rng.uniform(-kStartAngle, kStartAngle));
  }
  robot_->settle();
  last_action_.setZero();
  steps_ = 0;
  look();
}

void Dog::look() {
  const Eigen::Matrix3d to_trunk = robot_->link_pose(0).linear().transpose();
  height_ = robot_->link_centre(0).z();
  velocity_ = to_trunk * robot_->link_velocity(0);
  turning_ = to_trunk * robot_->link_rotation(0);
  gravity_ = -to_trunk.col(2);
}

StepResult Dog::advance(ConstVectorRef action) {
  double torques = 0;  // mean of the squared norm
  for (int i = 0; i < kSubsteps; ++i) {
    for (int joint = 0; joint < kJoints; ++joint) {
      const double target = stance(joint) + kReach * double{action[joint]};
      const double torque =
          std::clamp(kStiffness * (target - robot_->position(joint)) - kDamping * robot_->velocity(joint),
                     -limits_[joint], limits_[joint]);
      robot_->add_torque(joint, torque);
      torques += torque * torque / kSubsteps;
    }
    world().step();
  }
  ++steps_;
  look();

  const bool first_half = phase() < 0.5;
  int fitting = 0;
  for (std::size_t leg = 0; leg < kLegs; ++leg) {
    const bool first_pair = leg == 0 || leg == 3;
    fitting += world().near(robot_->collider(shins_[leg]), *ground_) == (first_pair == first_half);
  }
  const JointArray change = action.cast<double>() - last_action_;
  last_action_ = action.cast<double>();
  const double off = (velocity_ - command_).head<2>().squaredNorm();
  const double turn_off = turning_.z() - command_.z();
  StepResult result;
  result.reward = static_cast<float>(
      std::exp(-off / kTracking) + 0.5 * std::exp(-turn_off * turn_off / kTracking) + 0.25 * fitting / kLegs -
      0.5 * velocity_.z() * velocity_.z() - 0.05 * turning_.head<2>().squaredNorm() -
      0.5 * gravity_.head<2>().squaredNorm() - 0.0002 * torques - 0.01 * change.squaredNorm());
  result.terminated = height_ < kLowest || gravity_.z() > -std::cos(kGreatestTilt);
  if (result.terminated) result.cause = "fell";
  return result;
}

void Dog::observe(VectorRef observation) const {
  const double angle = 2 * std::numbers::pi * phase();
  Eigen::Matrix<double, 14 + 3 * kJoints, 1> o;
  o.head<14>() << velocity_, turning_, gravity_, command_, std::sin(angle), std::cos(angle);
  for (int joint = 0; joint < kJoints; ++joint) {
    o[14 + joint] = robot_->position(joint) - stance(joint);
    o[14 + kJoints + joint] = robot_->velocity(joint);
  }
  o.tail<kJoints>() = last_action_;
  observation = o.cast<float>();
}

void Dog::write_state(StateRef state) const {
  const int bodies = world().state_dim();
  world().read_state(state.head(bodies));
  state.segment<3>(bodies) = command_;
  state[bodies + 3] = steps_;
  state.tail<kJoints>() = last_action_;
}

void Dog::build_scene(Scene& scene) const {
  add_ground(scene);
  scene.poses.resize(kFirstBody, Eigen::Isometry3f::Identity());
  add_robot_shapes(model_, kFirstBody, scene);
  scene.cameras.push_back({"follow", kFollowBody, {-0.9F, -1.15F, 0.45F}, {0.1F, 0, -0.08F}, 0.75F});
  scene.cameras.push_back({"front", kFollowBody, {1.3F, -0.7F, 0.35F}, {0, 0, -0.08F}, 0.75F});
  scene.cameras.push_back({"top", kFollowBody, {-0.4F, -0.01F, 2.2F}, {0.1F, 0, 0}, 0.75F});
}

void Dog::pose_scene(ConstStateRef state, Scene& scene) const {
  JointArray positions;
  for (int joint = 0; joint < kJoints; ++joint) positions[joint] = state[BulletWorld::kBodyState + 2 * joint];
  const Eigen::Quaterniond turn(state[6], state[3], state[4], state[5]);
  const Eigen::Isometry3d centre = Eigen::Translation3d(Vector3d(state.head<3>())) * turn;
  pose_robot(link_poses(model_, centre * model_.links.front().inertial.inverse(), positions), kFirstBody,
             scene);
  scene.poses[kFollowBody] = Eigen::Isometry3f::Identity();
  scene.poses[kFollowBody].translation() = centre.translation().cast<float>();
}

}  // namespace

std::unique_ptr<Environment> make_dog() {
  return std::make_unique<Dog>(read_model("dog"));
}

void add_dog(TaskList& tasks) {
  tasks.add({.id = "Dog", .make = make_dog});
}

}  // namespace understudy
