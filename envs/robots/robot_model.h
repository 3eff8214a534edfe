#pragma once
/// \file A robot as a tree of links and joints: what a URDF file says, in plain types.

#include <Eigen/Core>
#include <Eigen/Geometry>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "envs/contract/scene.h"

namespace understudy {

enum class JointType {
  kFixed,
  kRevolute,    ///< turns about the axis between low and high
  kContinuous,  ///< turns about the axis without limits
  kPrismatic,   ///< slides along the axis between low and high
  kPlanar,      ///< turns about the axis and slides in the plane across it
};

/// A primitive or a mesh on a link, for touching or for drawing.
struct RobotShape {
  ShapeKind kind = ShapeKind::kBox;
  Eigen::Vector3d size = Eigen::Vector3d::Ones();  ///< as SceneShape::size [m]; for a mesh: scale factors
  Eigen::Isometry3d pose = Eigen::Isometry3d::Identity();  ///< shape in its link's frame
  int mesh = -1;                                           ///< index into RobotModel::meshes
  std::optional<Eigen::Vector4f> colour;                   ///< linear RGB and opacity in [0, 1]
};

/// A link and the joint that holds it to its parent.
struct RobotLink {
  std::string name;
  double mass = 0;                                             ///< kg
  Eigen::Isometry3d inertial = Eigen::Isometry3d::Identity();  ///< principal axes of inertia, link frame
  Eigen::Vector3d inertia = Eigen::Vector3d::Zero();           ///< principal moments, kg·m²
  std::vector<RobotShape> collisions, visuals;

  int parent = -1;  ///< index into RobotModel::links; -1: the root
  std::string joint;
  JointType type = JointType::kFixed;
  Eigen::Isometry3d origin = Eigen::Isometry3d::Identity();  ///< link's frame at zero, in its parent's
  Eigen::Vector3d axis = Eigen::Vector3d::UnitX();           ///< unit length, in the link's frame
  double low = 1, high = -1;                                 ///< rad or m; low > high: no limits
  double max_effort = 0;                                     ///< N·m or N; 0: not said
  double max_velocity = 0;                                   ///< rad/s or m/s; 0: not said
  double damping = 0;                                        ///< N·m·s/rad or N·s/m
  double friction = 0;                                       ///< N·m or N
};

/// Degrees of freedom of a joint: 0 fixed, 3 planar, else 1.
int joint_dofs(JointType type);

/// Parents stand before their children; links[0] is the root. Degrees of freedom count in this order.
struct RobotModel {
  std::string name;
  std::vector<RobotLink> links;
  std::vector<SceneMesh> meshes;
  std::string sha256;                 ///< of its file; empty: it is from none
  std::vector<std::string> warnings;  ///< of its file, one line each: what was taken to be meant

  int dofs() const;
  /// Index of the link called `link`; throws Error that lists the links if there is none.
  int link_index(const std::string& link) const;
  /// First degree of freedom of the joint called `joint`; throws Error that lists the joints that move.
  int joint_dof(const std::string& joint) const;
  /// First degree of freedom of link `link`'s joint, or -1 for a fixed one.
  int link_dof(int link) const;
  double mass() const;  ///< kg, of all links
};

/// The two directions that a planar joint slides along, in the link's frame; across
/// its axis (as Bullet has it).
std::pair<Eigen::Vector3d, Eigen::Vector3d> planar_axes(const RobotLink& link);

/// World pose of every link `[links]` for the base's pose and joint positions `[dofs]` [rad or m; planar:
/// angle, then the two offsets].
std::vector<Eigen::Isometry3d> link_poses(const RobotModel& model, const Eigen::Isometry3d& base,
                                          const Eigen::Ref<const Eigen::VectorXd>& positions);

}  // namespace understudy
