#include <algorithm>
#include <cmath>

#include "envs/robots/driven_joints.h"
#include "envs/robots/urdf.h"
#include "envs/tasks/any_robot/joint_control.h"

namespace understudy {
namespace {

constexpr double kApproach = 6;             // 1/s, wanted speed per way that is left (ours)
constexpr double kSlowApproach = 4;         // the same per lag of a slow drive, at most
constexpr double kNearTurn = 0.03;          // rad, from where on less is pushed against friction
constexpr double kNearSlide = 0.001;        // m
constexpr double kPhysicsStep = 1.0 / 240;  // s, of the task's world
constexpr int kSubsteps = 4;                // of them while an action is held
constexpr double kStable = 0.8;             // of the restraint at which holding it makes a joint swing
constexpr double kRestraint = 0.5;          // action per share of the speed limit, at least (ours)

class JointControlExpert final : public Actor {
 public:
  JointControlExpert(const std::vector<DrivenJoint>& joints, const ExpertStyle& style)
      : gains_(static_cast<Eigen::Index>(joints.size())),
        restraints_(gains_.size()),
        frictions_(gains_.size()),
        nears_(gains_.size()) {
    for (Eigen::Index i = 0; i < gains_.size(); ++i) {
      const DrivenJoint& joint = joints[static_cast<std::size_t>(i)];
      const double steeper = joint.steepening(), lag = joint.lag() / steeper;
      double approach = style.pace * std::min(kApproach, kSlowApproach / lag);
      // lag x'' + (1 + restraint) x' + approach x = 0 does not swing.
      double restraint = std::max(kRestraint, 2 * std::sqrt(approach * lag) - 1);
      // But the action is held between two steps, and the joint at its lightest would come back faster than it went.
      const double slope = joint.effort / joint.speed * steeper;
      const double kept =
          std::pow(joint.least_inertia / (joint.least_inertia + kPhysicsStep * slope), kSubsteps);
      const double most = std::max(kRestraint, kStable * (1 + kept) / (1 - kept));
      if (restraint > most) {
        restraint = most;
        approach = std::min(approach, (1 + restraint) * (1 + restraint) / (4 * lag));
      }
      gains_[i] = static_cast<float>(approach * joint.half_range() / joint.speed * steeper);
      frictions_[i] = static_cast<float>(joint.friction / joint.effort);
      nears_[i] = static_cast<float>((joint.turns ? kNearTurn : kNearSlide) / joint.half_range());
      restraints_[i] = static_cast<float>(restraint * steeper);
    }
  }

  void reset(int, std::uint64_t) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    const Eigen::Index count = gains_.size();
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      for (Eigen::Index i = 0; i < count; ++i) {
        const float wanted = gains_[i] * observations(row, i);
        // Against friction, which would hold the joint short of its target.
        const float push = frictions_[i] * std::clamp(observations(row, i) / nears_[i], -1.0F, 1.0F);
        const float action = wanted - restraints_[i] * observations(row, count + i) + push;
        actions(row, i) = std::clamp(action, -1.0F, 1.0F);
      }
    }
  }

 private:
  Vector gains_, restraints_, frictions_, nears_;
};

}  // namespace

std::unique_ptr<Actor> make_joint_control_expert(const ExpertStyle& style) {
  return make_joint_control_expert(read_model("arm"), style);
}

std::unique_ptr<Actor> make_joint_control_expert(const RobotModel& robot, const ExpertStyle& style) {
  return std::make_unique<JointControlExpert>(driven_joints(robot), style);
}

}  // namespace understudy
