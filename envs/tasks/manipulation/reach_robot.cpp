#include "envs/tasks/manipulation/reach_robot.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "datasets/types/rng_streams.h"
#include "envs/robots/end_effector.h"
#include "envs/robots/joint_dynamics.h"
#include "envs/robots/robot_body.h"
#include "envs/robots/robot_scene.h"
#include "envs/world/bullet_task.h"
#include "envs/world/bullet_world.h"
#include "envs/world/ground_scene.h"

namespace understudy {
namespace reach_robot {
namespace {

using Eigen::Vector3d;
using Eigen::VectorXd;

constexpr double kControlRate = 30;  // Hz
constexpr int kSubsteps = 8;
constexpr double kLeast = 0.25;  // of R, from the start to the target
constexpr int kDraws = 200;
constexpr double kLead = 0.1;  // s at the speed limit, of the set point before the joint
constexpr double kGain = 0.1;  // share of the set point's lead that a motor removes in a physics step
constexpr double kNearCost = 0.2, kNearScale = 10;
constexpr double kActionCost = 0.01;
constexpr double kSuccessReward = 5;
constexpr int kFirstBody = 1;  // in the scene

EnvironmentSpec make_spec(const std::string& id, const RobotModel& model,
                          const std::vector<DrivenJoint>& joints, const EndEffector& effector) {
  const int count = static_cast<int>(effector.joints.size());
  const double far = 4 * effector.radius;
  EnvironmentSpec spec;
  spec.id = id;
  spec.summary = "bring the end effector of a robot to the target and hold it there";
  spec.success =
      "the end effector within 3 % of its radius of action from the target after each of 10 steps in a row";
  spec.observation = Space({
      {"to_target", 3, "m", -far, far, "target minus end effector: x, y, z"},
      {"joints", count, "-", -2, 2, "position of each joint from the middle of its range, 1 = half of it"},
      {"velocity", count, "-", -5, 5, "of each joint, 1 = its speed limit"},
  });
  std::vector<Field> actions;
  std::vector<DrivenJoint> moved;
  for (const int dof : effector.joints) {
    const DrivenJoint& joint = joints[static_cast<std::size_t>(dof)];
    actions.push_back({joint_field_name(joint.name, actions), 1, "-", -1, 1,
                       "velocity of the joint's set point, 1 = its speed limit"});
    moved.push_back(joint);
  }
  spec.action = Space(std::move(actions));
  spec.control_rate = kControlRate;
  spec.substeps = kSubsteps;
  spec.horizon = static_cast<int>(std::ceil(kControlRate * time_for(model, moved)));
  spec.layout = "default";
  return spec;
}

class ReachRobot final : public BulletTask {
 public:
  ReachRobot(const std::string& id, const RobotModel& model, const std::vector<DrivenJoint>& joints,
             const EndEffector& effector)
      : BulletTask(make_spec(id, model, joints, effector)),
        model_(model),
        joints_(joints),
        effector_(effector),
        dynamics_(model) {}

  int state_dim() const override { return BulletWorld::kBodyState + 2 * dofs() + 4; }

 protected:
  void build(std::uint64_t seed) override;
  StepResult advance(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void write_state(StateRef state) const override;
  void build_scene(Scene& scene) const override;
  void pose_scene(ConstStateRef state, Scene& scene) const override;

 private:
  int dofs() const { return static_cast<int>(joints_.size()); }
  const DrivenJoint& joint(int dof) const { return joints_[static_cast<std::size_t>(dof)]; }
  Vector3d place() const {
    return robot_->link_pose(effector_.frame.link) * effector_.frame.pose.translation();
  }
  void push();

  RobotModel model_;
  std::vector<DrivenJoint> joints_;
  EndEffector effector_;
  std::optional<RobotBody> robot_;
  JointDynamics dynamics_;
  std::vector<Eigen::Isometry3d> centres_;  // of the links
  VectorXd wanted_;                         // [dofs] velocities
  VectorXd set_points_;                     // [dofs]
  VectorXd damping_, damped_, solved_;      // [dofs] of one step: torque, times the step, response
  Vector3d target_ = Vector3d::Zero();
  int held_ = 0;  // steps in a row
};

void ReachRobot::build(std::uint64_t seed) {
  Rng rng = Rng::stream(seed, RngStream::kTask);
  robot_.emplace(
      world(), model_,
      RobotOptions{.fixed_base = true, .group = 0, .mask = 0, .linear_damping = 0, .angular_damping = 0});
  set_points_ = draw_joints(model_, joints_, rng);
  wanted_ = damping_ = damped_ = VectorXd::Zero(dofs());
  for (int dof = 0; dof < dofs(); ++dof) robot_->set_joint(dof, set_points_[dof]);
  robot_->settle();
  const Vector3d start = place();
  for (int attempt = 0; attempt < kDraws; ++attempt) {
    target_ = place_of(effector_, model_, draw_joints(model_, joints_, rng));
    if ((target_ - start).norm() >= kLeast * effector_.radius) break;
  }
  held_ = 0;
}

/// What acts on the joints in one step of the world.
void ReachRobot::push() {
  const double step = world().time_step();
  robot_->read_centres(centres_);
  dynamics_.update(centres_);
  // The URDF's damping at the end of the step: what it is at the beginning may be more than a light joint can bear.
  for (int dof = 0; dof < dofs(); ++dof) {
    damped_[dof] = step * robot_->damping(dof);
    damping_[dof] = -robot_->damping(dof) * robot_->velocity(dof);
  }
  solved_ = damping_;
  dynamics_.solve(damped_, solved_);
  for (int dof = 0; dof < dofs(); ++dof) {
    robot_->add_torque(dof, dynamics_.gravity()[dof] + damping_[dof] - damped_[dof] * solved_[dof]);
    const double before = set_points_[dof], lead = kLead * joint(dof).speed, at = robot_->position(dof);
    double next = std::clamp(before + wanted_[dof] * step, at - lead, at + lead);
    if (!joint(dof).endless) next = std::clamp(next, joint(dof).low, joint(dof).high);
    set_points_[dof] = next;
    const double velocity = std::clamp((next - before) / step, -joint(dof).speed, joint(dof).speed);
    // Braking from the lead asks for no more than half of the effort of a drive that is weak for its load.
    const double gain = std::min(kGain, step * std::sqrt(0.5 / (kLead * joint(dof).lag())));
    robot_->drive(dof, next, velocity, gain, joint(dof).effort);
  }
}

StepResult ReachRobot::advance(ConstVectorRef action) {
  for (std::size_t i = 0; i < effector_.joints.size(); ++i) {
    const int dof = effector_.joints[i];
    wanted_[dof] = joint(dof).speed * double{action[static_cast<Eigen::Index>(i)]};
  }
  for (int i = 0; i < kSubsteps; ++i) {
    push();
    world().step();
  }
  const double distance = (target_ - place()).norm() / effector_.radius;
  held_ = distance < kTolerance ? held_ + 1 : 0;
  StepResult result;
  result.success = held_ >= kHoldSteps;
  result.terminated = result.success;
  double reward = -distance - kNearCost * std::tanh(kNearScale * distance) -
                  kActionCost * double{action.squaredNorm()} / static_cast<double>(action.size());
  if (result.success) reward += kSuccessReward;
  result.reward = static_cast<float>(reward);
  return result;
}

void ReachRobot::observe(VectorRef observation) const {
  observation.segment<3>(kToTarget) = (target_ - place()).cast<float>();
  const auto count = static_cast<Eigen::Index>(effector_.joints.size());
  for (Eigen::Index i = 0; i < count; ++i) {
    const int dof = effector_.joints[static_cast<std::size_t>(i)];
    const DrivenJoint& moved = joint(dof);
    const double off = moved.way((moved.low + moved.high) / 2, robot_->position(dof));
    observation[kJoints + i] = static_cast<float>(off / moved.half_range());
    observation[kJoints + count + i] = static_cast<float>(robot_->velocity(dof) / moved.speed);
  }
}

void ReachRobot::write_state(StateRef state) const {
  const int bodies = world().state_dim();
  world().read_state(state.head(bodies));
  state.segment<3>(bodies) = target_;
  state[bodies + 3] = held_;
}

void ReachRobot::build_scene(Scene& scene) const {
  add_ground(scene);
  add_robot_shapes(model_, kFirstBody, scene);
  const int target = kFirstBody + static_cast<int>(model_.links.size());
  name_body(scene, target, "target");
  const auto ball = [&](int body, double radius, const Vector3d& at, const Eigen::Vector3f& colour,
                        float opacity) {
    SceneShape shape;
    shape.kind = ShapeKind::kSphere;
    shape.body = body;
    shape.size = Eigen::Vector3f::Constant(static_cast<float>(radius));
    shape.local.translation() = at.cast<float>();
    shape.colour = colour;
    shape.opacity = opacity;
    scene.shapes.push_back(shape);
  };
  const double tolerance = kTolerance * effector_.radius;
  const Eigen::Vector3f red(0.85F, 0.05F, 0.07F), blue(0.10F, 0.45F, 0.80F);
  ball(target, 0.4 * tolerance, Vector3d::Zero(), red, 1);
  ball(target, tolerance, Vector3d::Zero(), red, 0.35F);
  ball(kFirstBody + effector_.frame.link, 0.5 * tolerance, effector_.frame.pose.translation(), blue, 1);
  add_robot_cameras(model_, scene);
}

void ReachRobot::pose_scene(ConstStateRef state, Scene& scene) const {
  VectorXd positions(dofs());
  for (int dof = 0; dof < dofs(); ++dof) positions[dof] = state[BulletWorld::kBodyState + 2 * dof];
  pose_robot(link_poses(model_, Eigen::Isometry3d::Identity(), positions), kFirstBody, scene);
  scene.poses.resize(static_cast<std::size_t>(kFirstBody) + model_.links.size() + 1);
  const Vector3d target = state.segment<3>(BulletWorld::kBodyState + 2 * dofs());
  scene.poses.back() = Eigen::Isometry3f(Eigen::Translation3f(target.cast<float>()));
  const Eigen::Isometry3d link =
      scene.poses[static_cast<std::size_t>(kFirstBody + effector_.frame.link)].cast<double>();
  const double away = (target - link * effector_.frame.pose.translation()).norm();
  scene.figures = {{.name = "to the target",
                    .value = 100 * away,
                    .unit = "cm",
                    .high = 100 * kTolerance * effector_.radius},
                   {.name = "held",
                    .value = state[BulletWorld::kBodyState + 2 * dofs() + 3] / spec().control_rate,
                    .unit = "s",
                    .decimals = 2,
                    .low = kHoldSteps / spec().control_rate}};
}

}  // namespace
}  // namespace reach_robot

std::unique_ptr<Environment> make_reach_robot(const RobotModel& robot, const std::string& link,
                                              const std::string& id) {
  const auto joints = driven_joints(robot);
  return std::make_unique<reach_robot::ReachRobot>(id, robot, joints, find_end_effector(robot, joints, link));
}

}  // namespace understudy
