#pragma once
/// \file Private to envs/other_world: a RobotModel as rigid bodies and joints between them.

#include <memory>
#include <vector>

#include "envs/other_world/joint_rows.h"
#include "envs/other_world/servo.h"
#include "envs/robots/jointed_body.h"

namespace understudy {

/// Every link is a rigid body of six coordinates, every joint a JointRows. Everything belongs to the world.
class MaximalBody final : public JointedBody, public WorldPart {
 public:
  /// Throws Error when a link that moves has no mass.
  MaximalBody(BulletWorld& world, const RobotModel& model, const RobotOptions& options,
              const WorldFile& file);

  /// Before each step of the solver, of `duration` [s].
  void act(double duration);
  /// After a step of the task's: its torques are forgotten.
  void forget();
  /// Most that any joint's sides are apart, m.
  double gap() const;

  int dofs() const override { return static_cast<int>(servos_.size()); }
  double position(int dof) const override;
  double velocity(int dof) const override;
  void set_joint(int dof, double position, double velocity) override;
  void set_base(const Eigen::Isometry3d& pose, const Eigen::Vector3d& linear,
                const Eigen::Vector3d& angular) override;
  void settle() override;
  void add_torque(int dof, double torque) override { servo(dof).torque += torque; }
  void add_damping() override {}  ///< it is part of a joint's friction
  double damping(int dof) const override { return servos_[static_cast<std::size_t>(dof)].friction.viscous; }
  double friction(int dof) const override { return servos_[static_cast<std::size_t>(dof)].friction.coulomb; }
  void scale_friction(int dof, double share) override { servo(dof).friction_share = share; }
  void drive(int dof, double position, double velocity, double gain, double max_effort) override;
  void couple(int dof, int other, double max_effort) override;
  Eigen::Isometry3d link_pose(int link) const override;
  void read_centres(std::vector<Eigen::Isometry3d>& centres) const override;
  Eigen::Vector3d link_centre(int link) const override;
  Eigen::Vector3d link_velocity(int link) const override;
  Eigen::Vector3d link_rotation(int link) const override;
  const btCollisionObject& collider(int link) const override {
    return *bodies_[static_cast<std::size_t>(link)];
  }

  int state_dim() const override { return BulletWorld::kBodyState + 2 * dofs(); }
  void read_state(double* out) const override;

 private:
  Servo& servo(int dof) { return servos_[static_cast<std::size_t>(dof)]; }
  JointRows& joint(int dof) const { return *joints_[places_[static_cast<std::size_t>(dof)].joint]; }

  struct Place {
    std::size_t joint = 0;
    int dof = 0;  ///< within the joint
  };
  struct Gear {
    int dof = 0, other = 0;
    double max_effort = 0;
  };

  BulletWorld& world_;
  RobotModel model_;
  double servo_rate_;
  std::vector<btRigidBody*> bodies_;  ///< [links]
  std::vector<JointRows*> joints_;    ///< [links - 1]
  std::vector<Place> places_;         ///< [dofs]
  std::vector<Servo> servos_;         ///< [dofs]
  std::vector<Gear> gears_;
  Eigen::Isometry3d base_;
  Eigen::Vector3d base_linear_ = Eigen::Vector3d::Zero(), base_angular_ = Eigen::Vector3d::Zero();
  Eigen::VectorXd set_positions_, set_velocities_;  ///< [dofs] until settle()
};

}  // namespace understudy
