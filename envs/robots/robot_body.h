#pragma once
/// \file Private to envs: a RobotModel as a Bullet multibody.

#include <BulletDynamics/Featherstone/btMultiBodyJointMotor.h>

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <vector>

#include "envs/robots/robot_model.h"
#include "envs/world/bullet_world.h"

namespace understudy {

struct RobotOptions {
  Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();  ///< of the root link's frame
  bool fixed_base = false;
  int group = 1;                   ///< collision filter bit
  int mask = -1;                   ///< bits it collides with
  bool self_collision = false;     ///< links touch one another, but never their parents
  double friction = 0.5;           ///< of every link [-]
  double restitution = 0;          ///< of every link [-]
  double linear_damping = 0.04F;   ///< 1/s, of every link; like the next Bullet's default, a float there
  double angular_damping = 0.04F;  ///< 1/s
};

/// The multibody and its motors. Degrees of freedom count as in RobotModel. Link 0 is Bullet's base, link i
/// its link i - 1. Everything belongs to the world.
class RobotBody {
 public:
  /// At rest, all joints at 0. The model must outlive nothing; it is only read here.
  RobotBody(BulletWorld& world, const RobotModel& model, const RobotOptions& options = {});

  int dofs() const { return static_cast<int>(places_.size()); }
  double position(int dof) const;  ///< rad or m
  double velocity(int dof) const;  ///< rad/s or m/s
  /// Sets a joint without regard to forces. Call settle() after the last one.
  void set_joint(int dof, double position, double velocity = 0);
  /// Sets pose and velocity of the root link's frame. Call settle() after it.
  void set_base(const Eigen::Isometry3d& pose, const Eigen::Vector3d& linear = Eigen::Vector3d::Zero(),
                const Eigen::Vector3d& angular = Eigen::Vector3d::Zero());
  /// Brings link poses and collision shapes in line with the joints.
  void settle();

  /// Adds a torque [N·m] or force [N] for the next physics step; Bullet forgets it after the step.
  void add_torque(int dof, double torque);
  /// Adds the torques of joint damping, to be called before each physics step of a robot with damped joints.
  void add_damping();
  /// N·m·s/rad or N·s/m, as varied for the episode.
  double damping(int dof) const { return places_[static_cast<std::size_t>(dof)].damping; }

  /// Coulomb friction of the joint in its URDF, N·m or N.
  double friction(int dof) const { return places_[static_cast<std::size_t>(dof)].friction; }
  /// Lets only a share of it act from now on. For joints that drive() does not hold.
  void scale_friction(int dof, double share);

  /// Holds the joint with a motor of at most `max_effort` [N·m or N], times the strength of a varied episode:
  /// it heads for `position` and `velocity` after the next physics step, removing the share `gain` of the
  /// position's error. The motor is made on first use.
  void drive(int dof, double position, double velocity, double gain, double max_effort);

  /// Gears two joints of one degree of freedom together: `other` moves as `dof` does,
  /// with at most `max_effort`.
  void couple(int dof, int other, double max_effort);

  Eigen::Isometry3d link_pose(int link) const;  ///< link's frame in the world
  /// Poses of all links' principal axes of inertia in the world `[links]`.
  void read_centres(std::vector<Eigen::Isometry3d>& centres) const;
  Eigen::Vector3d link_centre(int link) const;    ///< centre of mass in the world, m
  Eigen::Vector3d link_velocity(int link) const;  ///< of the centre of mass, world axes, m/s
  Eigen::Vector3d link_rotation(int link) const;  ///< angular velocity, world axes, rad/s
  /// Whether `link` had contact (distance <= 0) with anything in the last physics step.
  bool touching(int link) const;
  /// What stands for `link` in Bullet's contacts.
  const btMultiBodyLinkCollider& collider(int link) const;
  /// Whether `link` pressed on `object` in the last physics step.
  bool pressing(int link, const btCollisionObject& object) const;

  btMultiBody& body() { return *body_; }
  const btMultiBody& body() const { return *body_; }

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
