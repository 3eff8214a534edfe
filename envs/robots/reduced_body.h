#pragma once
/// \file Private to envs: a RobotModel as a Bullet multibody, in reduced coordinates.

#include <BulletDynamics/Featherstone/btMultiBodyJointMotor.h>

#include "envs/robots/jointed_body.h"

namespace understudy {

/// The multibody and its motors. Link 0 is Bullet's base, link i its link i - 1.
class ReducedBody final : public JointedBody {
 public:
  ReducedBody(BulletWorld& world, const RobotModel& model, const RobotOptions& options);

  int dofs() const override { return static_cast<int>(places_.size()); }
  double position(int dof) const override;
  double velocity(int dof) const override;
  void set_joint(int dof, double position, double velocity) override;
  void set_base(const Eigen::Isometry3d& pose, const Eigen::Vector3d& linear,
                const Eigen::Vector3d& angular) override;
  void settle() override;
  void add_torque(int dof, double torque) override;  ///< Bullet forgets it after the step
  void add_damping() override;
  double damping(int dof) const override { return places_[static_cast<std::size_t>(dof)].damping; }
  double friction(int dof) const override { return places_[static_cast<std::size_t>(dof)].friction; }
  void scale_friction(int dof, double share) override;
  void drive(int dof, double position, double velocity, double gain, double max_effort) override;
  void couple(int dof, int other, double max_effort) override;
  Eigen::Isometry3d link_pose(int link) const override;
  void read_centres(std::vector<Eigen::Isometry3d>& centres) const override;
  Eigen::Vector3d link_centre(int link) const override;
  Eigen::Vector3d link_velocity(int link) const override;
  Eigen::Vector3d link_rotation(int link) const override;
  const btCollisionObject& collider(int link) const override;

  btMultiBody& body() { return *body_; }

 private:
  struct Place {
    int link = 0;  ///< Bullet's number
    int dof = 0;   ///< within the link's joint
    double damping = 0;
    double friction = 0;
    btMultiBodyJointMotor* motor = nullptr;
  };

  void add_motor(int dof, double max_effort);
  btTransform inertial_pose(int link) const;
  /// Angular and linear velocity of the centre of mass in the link's inertial axes; `link` counts as Bullet
  /// does.
  void local_velocity(int link, btVector3& angular, btVector3& linear) const;

  BulletWorld& world_;
  btMultiBody* body_ = nullptr;
  std::vector<Place> places_;
  std::vector<Eigen::Isometry3d> from_inertial_;  ///< per link: link's frame in its inertial frame
};

}  // namespace understudy
