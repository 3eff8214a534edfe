#include "envs/robots/joint_dynamics.h"

#include "datasets/types/error.h"
#include "envs/world/bullet_world.h"

namespace understudy {

using Eigen::Matrix3d;
using Eigen::Vector3d;

JointDynamics::JointDynamics(const RobotModel& model) {
  std::vector<int> nearest(model.links.size(), -1);  // joint that moves the link, by the way to the root
  for (std::size_t i = 0; i < model.links.size(); ++i) {
    const RobotLink& link = model.links[i];
    links_.push_back(link);
    links_.back().collisions.clear();
    links_.back().visuals.clear();
    if (link.parent < 0) continue;
    nearest[i] = nearest[static_cast<std::size_t>(link.parent)];
    if (joint_dofs(link.type) == 0) continue;
    if (link.type == JointType::kPlanar) {
      throw Error("robot '" + model.name + "': joint '" + link.joint +
                  "' is planar: want joints of one axis");
    }
    const Eigen::Isometry3d to_centre = link.inertial.inverse();
    joints_.push_back({.link = static_cast<int>(i),
                       .above = nearest[i],
                       .turns = link.type != JointType::kPrismatic,
                       .axis = to_centre.linear() * link.axis,
                       .pivot = to_centre.translation()});
    nearest[i] = static_cast<int>(joints_.size()) - 1;
  }
  const auto dofs = static_cast<Eigen::Index>(joints_.size());
  composites_.resize(links_.size());
  motions_.resize(joints_.size());
  inertia_ = factor_ = Eigen::MatrixXd::Zero(dofs, dofs);
  gravity_ = Eigen::VectorXd::Zero(dofs);
}

void JointDynamics::update(const std::vector<Eigen::Isometry3d>& centres) {
  for (std::size_t i = 0; i < links_.size(); ++i) {
    const RobotLink& link = links_[i];
    const Matrix3d axes = centres[i].linear();
    const Vector3d centre = centres[i].translation();
    Composite& own = composites_[i];
    own.mass = link.mass;
    own.moment = link.mass * centre;
    own.inertia.noalias() = axes * link.inertia.asDiagonal() * axes.transpose();
    own.inertia.noalias() -= own.moment * centre.transpose();
    own.inertia.diagonal().array() += own.moment.dot(centre);
  }
  for (std::size_t i = links_.size(); i-- > 1;) {
    const Composite& own = composites_[i];
    Composite& parent = composites_[static_cast<std::size_t>(links_[i].parent)];
    parent.mass += own.mass;
    parent.moment += own.moment;
    parent.inertia += own.inertia;
  }
  for (std::size_t dof = 0; dof < joints_.size(); ++dof) {
    const Joint& joint = joints_[dof];
    const auto link = static_cast<std::size_t>(joint.link);
    const Vector3d axis = centres[link].linear() * joint.axis;
    Motion& motion = motions_[dof];
    if (joint.turns) {
      const Vector3d pivot = centres[link] * joint.pivot;
      motion = {.angular = axis, .linear = pivot.cross(axis)};
    } else {
      motion = {.angular = Vector3d::Zero(), .linear = axis};
    }
    // Momentum of everything that hangs on the joint when it moves with unit speed.
    const Composite& hung = composites_[link];
    const Vector3d linear = hung.mass * motion.linear + motion.angular.cross(hung.moment);
    const Vector3d angular = hung.inertia * motion.angular + hung.moment.cross(motion.linear);
    const auto row = static_cast<Eigen::Index>(dof);
    gravity_[row] = kGravity * linear.z();
    for (int other = static_cast<int>(dof); other >= 0;
         other = joints_[static_cast<std::size_t>(other)].above) {
      const Motion& moved = motions_[static_cast<std::size_t>(other)];
      inertia_(row, other) = moved.angular.dot(angular) + moved.linear.dot(linear);
    }
  }
}

void JointDynamics::solve(const Eigen::VectorXd& added, Eigen::VectorXd& x) {
  const auto above = [&](int joint) { return joints_[static_cast<std::size_t>(joint)].above; };
  const int count = static_cast<int>(joints_.size());
  factor_ = inertia_;
  factor_.diagonal() += added;
  // L^T D L = factor, L with ones on its diagonal; what is no ancestor of a row's joint stays zero.
  for (int k = count - 1; k >= 0; --k) {
    for (int i = above(k); i >= 0; i = above(i)) {
      const double share = factor_(k, i) / factor_(k, k);
      for (int j = i; j >= 0; j = above(j)) factor_(i, j) -= share * factor_(k, j);
      factor_(k, i) = share;
    }
  }
  for (int i = count - 1; i >= 0; --i) {
    for (int j = above(i); j >= 0; j = above(j)) x[j] -= factor_(i, j) * x[i];
  }
  for (int i = 0; i < count; ++i) {
    x[i] /= factor_(i, i);
    for (int j = above(i); j >= 0; j = above(j)) x[i] -= factor_(i, j) * x[j];
  }
}

}  // namespace understudy
