#include "envs/tasks/any_robot/joint_control.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "datasets/types/rng.h"
#include "datasets/types/rng_streams.h"
#include "envs/contract/task_list.h"
#include "envs/robots/driven_joints.h"
#include "envs/robots/joint_dynamics.h"
#include "envs/robots/robot_body.h"
#include "envs/robots/robot_scene.h"
#include "envs/robots/urdf.h"
#include "envs/world/bullet_task.h"
#include "envs/world/bullet_world.h"
#include "envs/world/ground_scene.h"

namespace understudy {
namespace {

using Eigen::VectorXd;

constexpr double kControlRate = 60;  // Hz
constexpr int kSubsteps = 4;
constexpr double kTurnTolerance = 0.05;    // rad
constexpr double kTurnSlow = 0.1;          // rad/s
constexpr double kSlideTolerance = 0.002;  // m
constexpr double kSlideSlow = 0.01;        // m/s
constexpr int kFrictionSweeps = 20;
constexpr int kHoldSteps = 10;  // in a row
constexpr double kActionCost = 0.01;
constexpr double kSuccessReward = 5;
constexpr int kFirstBody = 1;  // in the scene
constexpr float kGhostOpacity = 0.3F;
const Eigen::Vector3f kGhostColour(0.10F, 0.45F, 0.80F);

EnvironmentSpec make_spec(const std::string& id, const RobotModel& model,
                          const std::vector<DrivenJoint>& joints) {
  const int count = static_cast<int>(joints.size());
  EnvironmentSpec spec;
  spec.id = id;
  spec.summary = "drive the joints of a robot to a target pose by their torques and hold it";
  spec.success = "every joint within 0.05 rad or 2 mm of its target and slow after each of 10 steps in a row";
  spec.observation = Space({
      {"to_target", count, "-", -2, 2, "target minus position of each joint, 1 = half its range"},
      {"velocity", count, "-", -5, 5, "of each joint, 1 = its speed limit"},
  });
  std::vector<Field> actions;
  for (const DrivenJoint& joint : joints) {
    actions.push_back({joint_field_name(joint.name, actions), 1, "-", -1, 1,
                       "share of the joint's greatest torque or force"});
  }
  spec.action = Space(std::move(actions));
  spec.control_rate = kControlRate;
  spec.substeps = kSubsteps;
  spec.horizon = static_cast<int>(std::ceil(kControlRate * time_for(model, joints)));
  spec.layout = "default";
  return spec;
}

class JointControl final : public BulletTask {
 public:
  JointControl(const std::string& id, const RobotModel& model, const std::vector<DrivenJoint>& joints)
      : BulletTask(make_spec(id, model, joints)),
        model_(model),
        joints_(joints),
        moves_(moving_links(model)),
        dynamics_(model) {}

  int state_dim() const override { return BulletWorld::kBodyState + 3 * count() + 1; }

 protected:
  void build(std::uint64_t seed) override;
  StepResult advance(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void write_state(StateRef state) const override;
  void build_scene(Scene& scene) const override;
  void pose_scene(ConstStateRef state, Scene& scene) const override;

 private:
  int count() const { return static_cast<int>(joints_.size()); }
  const DrivenJoint& joint(int dof) const { return joints_[static_cast<std::size_t>(dof)]; }
  double to_target(int dof) const { return joint(dof).way(robot_->position(dof), target_[dof]); }
  void push(ConstVectorRef action);
  void add_friction();
  bool settled() const;

  RobotModel model_;
  std::vector<DrivenJoint> joints_;
  std::vector<bool> moves_;  // per link: hangs on a driven joint
  std::optional<RobotBody> robot_;
  JointDynamics dynamics_;
  std::vector<Eigen::Isometry3d> centres_;  // of the links
  VectorXd efforts_, slopes_, damped_;      // of the episode; damped_: hD
  VectorXd torques_, solved_;               // of one step
  VectorXd speeds_, frictions_;             // of add_friction
  Eigen::MatrixXd response_;                // [dofs, rough]: of the speeds to each rough joint's friction
  std::vector<int> rough_;                  // degrees of freedom with friction
  VectorXd target_;
  int held_ = 0;  // steps in a row
};

void JointControl::build(std::uint64_t seed) {
  Rng rng = Rng::stream(seed, RngStream::kTask);
  // The drives' own damping is the only one: a share of all speeds would not belong to the robot.
  robot_.emplace(
      world(), model_,
      RobotOptions{.fixed_base = true, .group = 0, .mask = 0, .linear_damping = 0, .angular_damping = 0});
  const VectorXd start = draw_joints(model_, joints_, rng);
  for (int dof = 0; dof < count(); ++dof) robot_->set_joint(dof, start[dof]);
  robot_->settle();
  target_ = draw_joints(model_, joints_, rng);
  held_ = 0;
  const double strength = variation().strength.value_or(1), damped = variation().damping.value_or(1);
  efforts_.resize(count()), slopes_.resize(count()), torques_.resize(count());
  for (int dof = 0; dof < count(); ++dof) {
    efforts_[dof] = strength * joint(dof).effort;
    slopes_[dof] = efforts_[dof] / joint(dof).speed + damped * joint(dof).damping;
  }
  damped_ = world().time_step() * slopes_;
  rough_.clear();
  for (int dof = 0; dof < count(); ++dof) {
    if (robot_->friction(dof) <= 0) continue;
    rough_.push_back(dof);
    robot_->scale_friction(dof, 0);  // it is reckoned here, with the drives
  }
  speeds_.resize(count());
  response_.resize(count(), static_cast<Eigen::Index>(rough_.size()));
}

void JointControl::push(ConstVectorRef action) {
  robot_->read_centres(centres_);
  dynamics_.update(centres_);
  frictions_.setZero(count());
  for (int dof = 0; dof < count(); ++dof) {
    torques_[dof] = efforts_[dof] * double{action[dof]} - slopes_[dof] * robot_->velocity(dof);
  }
  if (!rough_.empty()) add_friction();
  // M (M + hD)^-1 tau = tau - hD (M + hD)^-1 tau
  solved_ = torques_;
  dynamics_.solve(damped_, solved_);
  for (int dof = 0; dof < count(); ++dof) {
    robot_->add_torque(dof, torques_[dof] - damped_[dof] * solved_[dof] + dynamics_.gravity()[dof]);
  }
}

/// Coulomb friction at the end of the step, where the drive's slope counts too: what keeps a joint still, or all of
/// it against the joint's way. By projected Gauss-Seidel on v+ = v + h (M + hD)^-1 (tau + friction).
void JointControl::add_friction() {
  const double step = world().time_step();
  solved_ = torques_;
  dynamics_.solve(damped_, solved_);
  for (int dof = 0; dof < count(); ++dof) speeds_[dof] = robot_->velocity(dof) + step * solved_[dof];
  for (std::size_t i = 0; i < rough_.size(); ++i) {
    solved_.setZero();
    solved_[rough_[i]] = 1;
    dynamics_.solve(damped_, solved_);
    response_.col(static_cast<Eigen::Index>(i)) = step * solved_;
  }
  for (int sweep = 0; sweep < kFrictionSweeps; ++sweep) {
    for (std::size_t i = 0; i < rough_.size(); ++i) {
      const int dof = rough_[i];
      const auto column = response_.col(static_cast<Eigen::Index>(i));
      const double most = robot_->friction(dof);
      const double next = std::clamp(frictions_[dof] - speeds_[dof] / column[dof], -most, most);
      speeds_ += (next - frictions_[dof]) * column;
      frictions_[dof] = next;
    }
  }
  torques_ += frictions_;
}

bool JointControl::settled() const {
  for (int dof = 0; dof < count(); ++dof) {
    const bool turns = joint(dof).turns;
    if (std::abs(to_target(dof)) >= (turns ? kTurnTolerance : kSlideTolerance)) return false;
    if (std::abs(robot_->velocity(dof)) >= (turns ? kTurnSlow : kSlideSlow)) return false;
  }
  return true;
}

StepResult JointControl::advance(ConstVectorRef action) {
  for (int i = 0; i < kSubsteps; ++i) {
    push(action);
    world().step();
  }
  held_ = settled() ? held_ + 1 : 0;
  double off = 0;
  for (int dof = 0; dof < count(); ++dof) off += std::abs(to_target(dof)) / joint(dof).half_range();
  StepResult result;
  result.success = held_ >= kHoldSteps;
  result.terminated = result.success;
  double reward = -(off + kActionCost * double{action.squaredNorm()}) / count();
  if (result.success) reward += kSuccessReward;
  result.reward = static_cast<float>(reward);
  return result;
}

void JointControl::observe(VectorRef observation) const {
  for (int dof = 0; dof < count(); ++dof) {
    observation[dof] = static_cast<float>(to_target(dof) / joint(dof).half_range());
    observation[count() + dof] = static_cast<float>(robot_->velocity(dof) / joint(dof).speed);
  }
}

void JointControl::write_state(StateRef state) const {
  const int bodies = world().state_dim();
  world().read_state(state.head(bodies));
  state.segment(bodies, count()) = target_;
  state[bodies + count()] = held_;
}

void JointControl::build_scene(Scene& scene) const {
  add_ground(scene);
  add_robot_shapes(model_, kFirstBody, scene);
  // The target as a translucent copy, without what stands still in any case.
  const std::size_t first = scene.shapes.size();
  const int ghost = kFirstBody + static_cast<int>(model_.links.size());
  add_robot_shapes(model_, ghost, scene);
  for (std::size_t i = 0; i < model_.links.size(); ++i) {
    name_body(scene, ghost + static_cast<int>(i), "target_" + model_.links[i].name);
  }
  for (std::size_t i = first; i < scene.shapes.size(); ++i) {
    SceneShape& shape = scene.shapes[i];
    shape.colour = kGhostColour;
    shape.opacity = kGhostOpacity;
  }
  std::erase_if(scene.shapes, [&](const SceneShape& shape) {
    return shape.body >= ghost && !moves_[static_cast<std::size_t>(shape.body - ghost)];
  });
  add_robot_cameras(model_, scene);
}

void JointControl::pose_scene(ConstStateRef state, Scene& scene) const {
  VectorXd positions(count());
  for (int dof = 0; dof < count(); ++dof) positions[dof] = state[BulletWorld::kBodyState + 2 * dof];
  const VectorXd target = state.segment(BulletWorld::kBodyState + 2 * count(), count());
  const auto base = Eigen::Isometry3d::Identity();
  pose_robot(link_poses(model_, base, positions), kFirstBody, scene);
  pose_robot(link_poses(model_, base, target), kFirstBody + static_cast<int>(model_.links.size()), scene);
}

}  // namespace

std::unique_ptr<Environment> make_joint_control() {
  return make_joint_control(read_model("arm"), "JointControl");
}

std::unique_ptr<Environment> make_joint_control(const RobotModel& robot, const std::string& id) {
  return std::make_unique<JointControl>(id, robot, driven_joints(robot));
}

void add_joint_control(TaskList& tasks) {
  tasks.add(
      {.id = "JointControl",
       .make = [] { return make_joint_control(); },
       .make_expert = [](const ExpertStyle& style) { return make_joint_control_expert(style); },
       .robot_form = RobotForm{.make = [](const RobotModel& robot, const std::string&,
                                          const std::string& id) { return make_joint_control(robot, id); },
                               .make_expert =
                                   [](const RobotModel& robot, const std::string&, const ExpertStyle& style) {
                                     return make_joint_control_expert(robot, style);
                                   }}});
}

}  // namespace understudy
