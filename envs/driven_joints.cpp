#include "envs/driven_joints.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "datasets/error.h"
#include "envs/bullet_world.h"
#include "envs/kinematics.h"

namespace understudy {
namespace {

constexpr double kDefaultTurn = 2;     // rad/s
constexpr double kDefaultSlide = 0.5;  // m/s
constexpr double kLeastEffort = 0.1;   // N·m or N

bool hangs_on(const RobotModel& model, int link, int joint) {
  while (link > joint) link = model.links[static_cast<std::size_t>(link)].parent;
  return link == joint;
}

/// Holds what hangs on the joint of link `joint` against gravity when it is stretched out as in the zero pose.
double default_effort(const RobotModel& model, int joint, bool turns) {
  const auto poses = link_poses(model, Eigen::Isometry3d::Identity(), Eigen::VectorXd::Zero(model.dofs()));
  const Eigen::Vector3d pivot = poses[static_cast<std::size_t>(joint)].translation();
  double load = 0;
  for (std::size_t i = 0; i < model.links.size(); ++i) {
    if (!hangs_on(model, static_cast<int>(i), joint)) continue;
    const RobotLink& link = model.links[i];
    const Eigen::Vector3d centre = poses[i] * link.inertial.translation();
    load += link.mass * (turns ? (centre - pivot).norm() : 1);
  }
  return std::max(kLeastEffort, kGravity * load);
}

}  // namespace

double DrivenJoint::way(double position, double target) const {
  const double straight = target - position;
  return endless ? std::remainder(straight, 2 * std::numbers::pi) : straight;
}

std::vector<DrivenJoint> driven_joints(const RobotModel& model) {
  std::vector<DrivenJoint> joints;
  const std::string place = "robot '" + model.name + "': ";
  for (std::size_t i = 0; i < model.links.size(); ++i) {
    const RobotLink& link = model.links[i];
    if (joint_dofs(link.type) == 0) continue;
    if (link.type == JointType::kPlanar) {
      throw Error(place + "joint '" + link.joint +
                  "' is planar and cannot be driven: make it fixed, revolute, continuous or prismatic");
    }
    DrivenJoint joint;
    joint.name = link.joint;
    joint.turns = link.type != JointType::kPrismatic;
    joint.endless = joint.turns && (link.type == JointType::kContinuous || link.low > link.high);
    joint.low = joint.endless ? -std::numbers::pi : link.low;
    joint.high = joint.endless ? std::numbers::pi : link.high;
    if (joint.low >= joint.high) {
      throw Error(place + "joint '" + link.joint +
                  "' has no room between its limits: give it <limit lower upper>, or make it fixed");
    }
    joint.effort =
        link.max_effort > 0 ? link.max_effort : default_effort(model, static_cast<int>(i), joint.turns);
    joint.speed = link.max_velocity > 0 ? link.max_velocity : joint.turns ? kDefaultTurn : kDefaultSlide;
    joint.damping = link.damping;
    joints.push_back(std::move(joint));
  }
  if (joints.empty()) {
    throw Error(place + "no joint can be driven: want at least one revolute, continuous or prismatic joint");
  }
  return joints;
}

JointDynamics joint_dynamics(const RobotModel& model, const Eigen::Ref<const Eigen::VectorXd>& positions) {
  const auto poses = link_poses(model, Eigen::Isometry3d::Identity(), positions);
  JointDynamics result;
  result.inertia = Eigen::MatrixXd::Zero(positions.size(), positions.size());
  result.gravity = Eigen::VectorXd::Zero(positions.size());
  for (std::size_t i = 1; i < model.links.size(); ++i) {
    const RobotLink& link = model.links[i];
    if (link.mass <= 0) continue;
    const RobotFrame centre{.link = static_cast<int>(i), .pose = link.inertial};
    const FrameJacobian jacobian = frame_jacobian(model, centre, poses);
    // In the principal axes the angular part is a sum of squares.
    const Eigen::Matrix3d axes = (poses[i] * link.inertial).linear();
    const Eigen::MatrixXd turning = axes.transpose() * jacobian.bottomRows<3>();
    result.inertia += link.mass * jacobian.topRows<3>().transpose() * jacobian.topRows<3>();
    result.inertia += turning.transpose() * link.inertia.asDiagonal() * turning;
    result.gravity += link.mass * kGravity * jacobian.row(2).transpose();
  }
  return result;
}

}  // namespace understudy
