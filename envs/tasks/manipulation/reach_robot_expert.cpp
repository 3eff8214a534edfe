#include <algorithm>
#include <cmath>

#include "envs/robots/end_effector.h"
#include "envs/tasks/manipulation/reach_robot.h"

namespace understudy {
namespace {

using namespace reach_robot;
using Eigen::Vector3d;
using Eigen::VectorXd;

constexpr double kApproach = 4;   // 1/s, wanted speed per way that is left (ours)
constexpr double kGrid = 0.004;   // of R, that targets are rounded to
constexpr int kStarts = 40;       // poses that the inverse kinematics begins from
constexpr double kSolved = 0.01;  // of R

class ReachRobotExpert final : public Actor {
 public:
  ReachRobotExpert(const RobotModel& model, const std::vector<DrivenJoint>& joints,
                   const EndEffector& effector)
      : model_(model), joints_(joints), effector_(effector) {
    Rng rng(2);
    for (int i = 0; i < kStarts; ++i) starts_.push_back(draw_joints(model, joints, rng));
    options_.damping *= effector.radius;
    options_.singular *= effector.radius;
  }

  void reset(int, std::uint64_t) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      act_row(observations.row(row).data(), actions.row(row).data(), static_cast<std::size_t>(row));
    }
  }

 private:
  /// The latest target of a row, in steps of the grid, and how to reach it: what is remembered is
  /// what would be found again.
  struct Solution {
    Eigen::Vector3i cell;
    VectorXd joints;  ///< empty: none yet
  };

  void act_row(const float* observation, float* action, std::size_t row) {
    VectorXd positions = VectorXd::Zero(model_.dofs());
    for (std::size_t i = 0; i < effector_.joints.size(); ++i) {
      const DrivenJoint& joint = joints_[static_cast<std::size_t>(effector_.joints[i])];
      positions[effector_.joints[i]] =
          (joint.low + joint.high) / 2 + joint.half_range() * double{observation[kJoints + i]};
    }
    const Vector3d target = place_of(effector_, model_, positions) +
                            Eigen::Map<const Eigen::Vector3f>(observation + kToTarget).cast<double>();
    const VectorXd& goal = solution(target, row);
    for (std::size_t i = 0; i < effector_.joints.size(); ++i) {
      const int dof = effector_.joints[i];
      const DrivenJoint& joint = joints_[static_cast<std::size_t>(dof)];
      const double speed = kApproach * joint.way(positions[dof], goal[dof]);
      action[i] = static_cast<float>(std::clamp(speed / joint.speed, -1.0, 1.0));
    }
  }

  const VectorXd& solution(const Vector3d& target, std::size_t row) {
    const double grid = kGrid * effector_.radius;
    const Eigen::Vector3i cell = (target / grid).array().round().cast<int>();
    if (solutions_.size() <= row) solutions_.resize(row + 1);
    Solution& latest = solutions_[row];
    if (latest.joints.size() == 0 || latest.cell != cell) latest = {cell, solve(grid * cell.cast<double>())};
    return latest.joints;
  }

  VectorXd solve(const Vector3d& target) const {
    VectorXd best;
    double least = 0;
    for (const VectorXd& start : starts_) {
      VectorXd found =
          solve_ik(model_, Eigen::Isometry3d::Identity(), effector_.frame,
                   {.position = target, .orientation = {}}, start, kSolved * effector_.radius, options_);
      const double off = (place_of(effector_, model_, found) - target).norm();
      if (best.size() == 0 || off < least) {
        best = std::move(found);
        least = off;
      }
      if (least < kSolved * effector_.radius) break;
    }
    return best;
  }

  RobotModel model_;
  std::vector<DrivenJoint> joints_;
  EndEffector effector_;
  IkOptions options_;
  std::vector<VectorXd> starts_;
  std::vector<Solution> solutions_;  ///< per row
};

}  // namespace

std::unique_ptr<Actor> make_reach_robot_expert(const RobotModel& robot, const std::string& link,
                                               const ExpertStyle&) {
  const auto joints = driven_joints(robot);
  return std::make_unique<ReachRobotExpert>(robot, joints, find_end_effector(robot, joints, link));
}

}  // namespace understudy
