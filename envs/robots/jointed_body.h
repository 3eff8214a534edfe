#pragma once
/// \file Private to envs: a robot in a world, whatever simulates it.

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

/// A robot's links and joints. Degrees of freedom count as in RobotModel.
class JointedBody {
 public:
  JointedBody() = default;
  JointedBody(const JointedBody&) = delete;
  JointedBody& operator=(const JointedBody&) = delete;
  virtual ~JointedBody() = default;

  virtual int dofs() const = 0;
  virtual double position(int dof) const = 0;  ///< rad or m
  virtual double velocity(int dof) const = 0;  ///< rad/s or m/s
  /// Sets a joint without regard to forces. Call settle() after the last one.
  virtual void set_joint(int dof, double position, double velocity) = 0;
  /// Sets pose and velocity of the root link's frame. Call settle() after it.
  virtual void set_base(const Eigen::Isometry3d& pose, const Eigen::Vector3d& linear,
                        const Eigen::Vector3d& angular) = 0;
  /// Brings link poses and collision shapes in line with the joints.
  virtual void settle() = 0;

  /// Adds a torque [N·m] or force [N] for the next physics step; it is forgotten after the step.
  virtual void add_torque(int dof, double torque) = 0;
  /// Adds the torques of joint damping, to be called before each physics step of a robot with damped joints.
  virtual void add_damping() = 0;
  /// N·m·s/rad or N·s/m, as varied for the episode.
  virtual double damping(int dof) const = 0;

  /// Coulomb friction of the joint in its URDF, N·m or N.
  virtual double friction(int dof) const = 0;
  /// Lets only a share of it act from now on. For joints that drive() does not hold.
  virtual void scale_friction(int dof, double share) = 0;

  /// Holds the joint with a motor of at most `max_effort` [N·m or N], times the strength of a varied episode:
  /// it heads for `position` and `velocity` after the next physics step, removing the share `gain` of the
  /// position's error. The motor is made on first use.
  virtual void drive(int dof, double position, double velocity, double gain, double max_effort) = 0;

  /// Gears two joints of one degree of freedom together: `other` moves as `dof` does,
  /// with at most `max_effort`.
  virtual void couple(int dof, int other, double max_effort) = 0;

  virtual Eigen::Isometry3d link_pose(int link) const = 0;  ///< link's frame in the world
  /// Poses of all links' principal axes of inertia in the world `[links]`.
  virtual void read_centres(std::vector<Eigen::Isometry3d>& centres) const = 0;
  virtual Eigen::Vector3d link_centre(int link) const = 0;    ///< centre of mass in the world, m
  virtual Eigen::Vector3d link_velocity(int link) const = 0;  ///< of the centre of mass, world axes, m/s
  virtual Eigen::Vector3d link_rotation(int link) const = 0;  ///< angular velocity, world axes, rad/s
  /// What stands for `link` in Bullet's contacts.
  virtual const btCollisionObject& collider(int link) const = 0;
};

}  // namespace understudy
