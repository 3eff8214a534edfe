#include "envs/robots/kinematics.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace understudy {
namespace {

/// Rows of the error that count: 3 of the position, 3 more if the orientation matters.
int error_rows(const FrameTarget& target) {
  return target.orientation ? 6 : 3;
}

Eigen::VectorXd frame_error(const FrameTarget& target, const Eigen::Isometry3d& pose, double lever) {
  Eigen::VectorXd error(error_rows(target));
  error.head<3>() = target.position - pose.translation();
  if (target.orientation) {
    const Eigen::AngleAxisd turn(*target.orientation * pose.linear().transpose());
    error.tail<3>() = lever * turn.angle() * turn.axis();
  }
  return error;
}

void clamp_to_limits(const RobotModel& model, Eigen::VectorXd& positions) {
  Eigen::Index dof = 0;
  for (const RobotLink& link : model.links) {
    const bool limited = link.type == JointType::kRevolute || link.type == JointType::kPrismatic;
    if (limited && link.low <= link.high) positions[dof] = std::clamp(positions[dof], link.low, link.high);
    dof += joint_dofs(link.type);
  }
}

}  // namespace

Eigen::Isometry3d frame_pose(const RobotFrame& frame, const std::vector<Eigen::Isometry3d>& links) {
  return links[static_cast<std::size_t>(frame.link)] * frame.pose;
}

FrameJacobian frame_jacobian(const RobotModel& model, const RobotFrame& frame,
                             const std::vector<Eigen::Isometry3d>& links) {
  FrameJacobian jacobian = FrameJacobian::Zero(6, model.dofs());
  const Eigen::Vector3d point = frame_pose(frame, links).translation();
  for (int index = frame.link; index > 0; index = model.links[static_cast<std::size_t>(index)].parent) {
    const RobotLink& link = model.links[static_cast<std::size_t>(index)];
    const Eigen::Isometry3d& pose = links[static_cast<std::size_t>(index)];
    const Eigen::Vector3d axis = pose.linear() * link.axis;
    const int dof = model.link_dof(index);
    switch (link.type) {
      case JointType::kFixed:
        break;
      case JointType::kRevolute:
      case JointType::kContinuous:
        jacobian.col(dof) << axis.cross(point - pose.translation()), axis;
        break;
      case JointType::kPrismatic:
        jacobian.col(dof).head<3>() = axis;
        break;
      case JointType::kPlanar: {
        // Turns about the centre of mass; slides along directions that do not turn with it.
        const auto [first, second] = planar_axes(link);
        const Eigen::Matrix3d before =
            links[static_cast<std::size_t>(link.parent)].linear() * link.origin.linear();
        jacobian.col(dof) << axis.cross(point - pose * link.inertial.translation()), axis;
        jacobian.col(dof + 1).head<3>() = before * first;
        jacobian.col(dof + 2).head<3>() = before * second;
        break;
      }
    }
  }
  return jacobian;
}

Eigen::VectorXd ik_step(const RobotModel& model, const Eigen::Isometry3d& base, const RobotFrame& frame,
                        const FrameTarget& target, const Eigen::VectorXd& positions,
                        const IkOptions& options) {
  const std::vector<Eigen::Isometry3d> links = link_poses(model, base, positions);
  FrameJacobian whole = frame_jacobian(model, frame, links);
  whole.bottomRows<3>() *= options.lever;
  const auto jacobian = whole.topRows(error_rows(target));

  Eigen::MatrixXd gram = jacobian * jacobian.transpose();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> spectrum(gram, Eigen::EigenvaluesOnly);
  const double nearness = std::max(0.0, spectrum.eigenvalues()[0]) / (options.singular * options.singular);
  gram.diagonal().array() += options.damping * options.damping * std::max(0.0, 1 - nearness);

  Eigen::VectorXd pull = Eigen::VectorXd::Zero(positions.size());
  if (options.posture.size() > 0) pull = options.posture_gain * (options.posture - positions);
  for (Eigen::Index dof = 0; dof < pull.size(); ++dof) {
    if (whole.col(dof).isZero(0)) pull[dof] = 0;
  }
  // The frame's error, less what the posture's pull would move the frame by, goes through one solve.
  const Eigen::VectorXd error =
      frame_error(target, frame_pose(frame, links), options.lever) - jacobian * pull;
  Eigen::VectorXd step = pull + jacobian.transpose() * gram.ldlt().solve(error);
  step *= std::min(1.0, options.max_step / std::max(step.cwiseAbs().maxCoeff(), 1e-12));
  Eigen::VectorXd next = positions + step;
  clamp_to_limits(model, next);
  return next;
}

Eigen::VectorXd solve_ik(const RobotModel& model, const Eigen::Isometry3d& base, const RobotFrame& frame,
                         const FrameTarget& target, const Eigen::VectorXd& start, double tolerance,
                         const IkOptions& options) {
  Eigen::VectorXd positions = start;
  for (int i = 0; i < 200; ++i) {
    const Eigen::VectorXd next = ik_step(model, base, frame, target, positions, options);
    const double moved = (next - positions).cwiseAbs().maxCoeff();
    positions = next;
    if (moved > 1e-4) continue;
    const Eigen::Isometry3d pose = frame_pose(frame, link_poses(model, base, positions));
    if (frame_error(target, pose, options.lever).norm() < tolerance) break;
  }
  return positions;
}

}  // namespace understudy
