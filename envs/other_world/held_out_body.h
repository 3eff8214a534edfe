#pragma once
/// \file Private to envs/other_world: a RobotModel in reduced coordinates whose servos lag behind.

#include <vector>

#include "envs/other_world/servo.h"
#include "envs/robots/reduced_body.h"

namespace understudy {

/// A ReducedBody with the world's friction and damping in its joints. Where a servo holds a joint, what it heads for
/// follows the command with a lag of first order; its motor's friction is lost in that.
class HeldOutBody final : public JointedBody {
 public:
  HeldOutBody(BulletWorld& world, const RobotModel& model, const RobotOptions& options,
              const WorldFile& file);

  /// Before each step of the solver, of `duration` [s].
  void act(double duration);
  /// After a step of the task's: its torques are forgotten.
  void forget();

  int dofs() const override { return body_.dofs(); }
  double position(int dof) const override { return body_.position(dof); }
  double velocity(int dof) const override { return body_.velocity(dof); }
  void set_joint(int dof, double position, double velocity) override {
    body_.set_joint(dof, position, velocity);
  }
  void set_base(const Eigen::Isometry3d& pose, const Eigen::Vector3d& linear,
                const Eigen::Vector3d& angular) override {
    body_.set_base(pose, linear, angular);
  }
  void settle() override { body_.settle(); }
  void add_torque(int dof, double torque) override {
    servos_[static_cast<std::size_t>(dof)].torque += torque;
  }
  void add_damping() override {}  ///< act() adds it
  double damping(int dof) const override { return body_.damping(dof); }
  double friction(int dof) const override { return body_.friction(dof); }
  void scale_friction(int dof, double share) override { body_.scale_friction(dof, share); }
  void drive(int dof, double position, double velocity, double gain, double max_effort) override;
  void couple(int dof, int other, double max_effort) override { body_.couple(dof, other, max_effort); }
  Eigen::Isometry3d link_pose(int link) const override { return body_.link_pose(link); }
  void read_centres(std::vector<Eigen::Isometry3d>& centres) const override { body_.read_centres(centres); }
  Eigen::Vector3d link_centre(int link) const override { return body_.link_centre(link); }
  Eigen::Vector3d link_velocity(int link) const override { return body_.link_velocity(link); }
  Eigen::Vector3d link_rotation(int link) const override { return body_.link_rotation(link); }
  const btCollisionObject& collider(int link) const override { return body_.collider(link); }

 private:
  /// What a servo heads for at present.
  struct Lagging {
    bool begun = false;
    double position = 0, velocity = 0;
  };

  BulletWorld& world_;
  double lag_, servo_rate_;
  ReducedBody body_;
  std::vector<Servo> servos_;     ///< [dofs]
  std::vector<Lagging> lagging_;  ///< [dofs]
};

}  // namespace understudy
