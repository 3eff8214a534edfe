#pragma once
/// \file Private to envs: mass matrix and gravity of a robot with a fixed base, fast
/// enough for every physics step.

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <vector>

#include "envs/robots/robot_model.h"

namespace understudy {

/// The composite-rigid-body algorithm and the factorisation that keeps to the tree of joints (Featherstone,
/// "Rigid Body Dynamics Algorithms", 2008, 6.2 and 6.5), in the world's axes about the world's origin.
/// Allocates at construction only.
class JointDynamics {
 public:
  /// Throws Error for a planar joint.
  explicit JointDynamics(const RobotModel& model);

  /// `centres` [links]: where the links' principal axes of inertia (RobotLink::inertial) are in the world.
  void update(const std::vector<Eigen::Isometry3d>& centres);

  /// [dofs, dofs] mass matrix: kg·m², kg·m, kg. Its lower triangle is filled.
  const Eigen::MatrixXd& inertia() const { return inertia_; }
  /// [dofs] torques or forces that hold the links against 9.81 m/s².
  const Eigen::VectorXd& gravity() const { return gravity_; }

  /// x = (inertia + diag(`added`))^-1 x, both `[dofs]`. `added` must make the sum positive definite.
  void solve(const Eigen::VectorXd& added, Eigen::VectorXd& x);

 private:
  struct Joint {
    int link = 0;
    int above = -1;  ///< next joint on the way to the root; -1: none
    bool turns = true;
    Eigen::Vector3d axis, pivot;  ///< in the link's principal axes
  };
  /// Of what hangs on a joint, about the world's origin.
  struct Composite {
    double mass;
    Eigen::Vector3d moment;   ///< mass times centre
    Eigen::Matrix3d inertia;  ///< kg·m²
  };
  struct Motion {
    Eigen::Vector3d angular, linear;  ///< of the point at the origin, per unit of joint speed
  };

  std::vector<RobotLink> links_;  ///< without shapes
  std::vector<Joint> joints_;
  std::vector<Composite> composites_;
  std::vector<Motion> motions_;
  Eigen::MatrixXd inertia_, factor_;
  Eigen::VectorXd gravity_;
};

}  // namespace understudy
