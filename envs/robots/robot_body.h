#pragma once
/// \file Private to envs: a RobotModel in a world.

#include <memory>

#include "envs/robots/jointed_body.h"

namespace understudy {

/// A robot as tasks hold it: a Bullet multibody (envs/robots/reduced_body.h), or what the world's form
/// (envs/world/world_form.h) makes of it. What the functions mean says JointedBody. Everything belongs to the
/// world.
class RobotBody {
 public:
  /// At rest, all joints at 0. The model must outlive nothing; it is only read here.
  RobotBody(BulletWorld& world, const RobotModel& model, const RobotOptions& options = {});

  int dofs() const { return body_->dofs(); }
  double position(int dof) const { return body_->position(dof); }
  double velocity(int dof) const { return body_->velocity(dof); }
  void set_joint(int dof, double position, double velocity = 0) { body_->set_joint(dof, position, velocity); }
  void set_base(const Eigen::Isometry3d& pose, const Eigen::Vector3d& linear = Eigen::Vector3d::Zero(),
                const Eigen::Vector3d& angular = Eigen::Vector3d::Zero()) {
    body_->set_base(pose, linear, angular);
  }
  void settle() { body_->settle(); }
  void add_torque(int dof, double torque) { body_->add_torque(dof, torque); }
  void add_damping() { body_->add_damping(); }
  double damping(int dof) const { return body_->damping(dof); }
  double friction(int dof) const { return body_->friction(dof); }
  void scale_friction(int dof, double share) { body_->scale_friction(dof, share); }
  void drive(int dof, double position, double velocity, double gain, double max_effort) {
    body_->drive(dof, position, velocity, gain, max_effort);
  }
  void couple(int dof, int other, double max_effort) { body_->couple(dof, other, max_effort); }

  Eigen::Isometry3d link_pose(int link) const { return body_->link_pose(link); }
  void read_centres(std::vector<Eigen::Isometry3d>& centres) const { body_->read_centres(centres); }
  Eigen::Vector3d link_centre(int link) const { return body_->link_centre(link); }
  Eigen::Vector3d link_velocity(int link) const { return body_->link_velocity(link); }
  Eigen::Vector3d link_rotation(int link) const { return body_->link_rotation(link); }
  const btCollisionObject& collider(int link) const { return body_->collider(link); }
  /// Whether `link` had contact (distance <= 0) with anything in the last physics step.
  bool touching(int link) const { return world_.touching(body_->collider(link)); }
  /// Whether `link` pressed on `object` in the last physics step.
  bool pressing(int link, const btCollisionObject& object) const {
    return world_.pressing(body_->collider(link), object);
  }

 private:
  BulletWorld& world_;
  std::unique_ptr<JointedBody> body_;
};

}  // namespace understudy
