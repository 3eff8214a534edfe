#include "envs/robots/driven_joints.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "datasets/types/error.h"
#include "envs/robots/joint_dynamics.h"
#include "envs/world/bullet_world.h"

namespace understudy {
namespace {

constexpr double kDefaultTurn = 2;     // rad/s
constexpr double kDefaultSlide = 0.5;  // m/s
constexpr double kLeastEffort = 0.1;   // N·m or N
constexpr int kDraws = 200;
constexpr int kInertiaPoses = 32;
constexpr double kHardly = 1e-9;  // share of an inertia that makes any mass matrix positive definite
// Limits that are farther apart are somebody's word for none.
constexpr double kMostTurn = 50;    // rad
constexpr double kMostSlide = 100;  // m
constexpr double kSpareTime = 2;    // s, at least
constexpr double kSpareLags = 4;
constexpr double kSpareFactor = 1.5;
constexpr double kMostTime = 600;  // s

bool hangs_on(const RobotModel& model, int link, int joint) {
  while (link > joint) link = model.links[static_cast<std::size_t>(link)].parent;
  return link == joint;
}

/// Holds what hangs on the joint of link `joint` against gravity when it is
/// stretched out as in the zero pose.
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

/// Sets every joint's greatest and least inertia over the zero pose and some drawn ones.
void set_inertia(const RobotModel& model, std::vector<DrivenJoint>& joints) {
  JointDynamics dynamics(model);
  Rng rng(1);
  Eigen::VectorXd positions = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(joints.size()));
  Eigen::VectorXd added(positions.size()), response(positions.size());
  for (int pose = 0; pose < kInertiaPoses; ++pose) {
    std::vector<Eigen::Isometry3d> centres = link_poses(model, Eigen::Isometry3d::Identity(), positions);
    for (std::size_t i = 0; i < centres.size(); ++i) centres[i] = centres[i] * model.links[i].inertial;
    dynamics.update(centres);
    added = kHardly * dynamics.inertia().diagonal();
    for (std::size_t i = 0; i < joints.size(); ++i) {
      const auto dof = static_cast<Eigen::Index>(i);
      response.setZero();
      response[dof] = 1;
      dynamics.solve(added, response);
      const double free = 1 / response[dof];
      joints[i].least_inertia = pose == 0 ? free : std::min(joints[i].least_inertia, free);
      joints[i].inertia = std::max(joints[i].inertia, dynamics.inertia()(dof, dof));
      positions[dof] = rng.uniform(joints[i].low, joints[i].high);
    }
  }
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
    const double range = link.high - link.low;
    const bool unlimited = range > kMostTurn && link.low <= -kMostTurn / 2 && link.high >= kMostTurn / 2;
    joint.endless = joint.turns && (link.type == JointType::kContinuous || link.low > link.high || unlimited);
    if (!joint.turns && range > kMostSlide) {
      char found[64];
      std::snprintf(found, sizeof found, "%g and %g", link.low, link.high);
      throw Error(place + "joint '" + link.joint + "': want limits at most 100 m apart, found " + found +
                  ": correct its <limit lower upper>");
    }
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
    joint.friction = link.friction;
    if (joint.friction >= joint.effort) {
      char found[80];
      std::snprintf(found, sizeof found, "%g with an effort of %g", joint.friction, joint.effort);
      throw Error(place + "joint '" + link.joint + "': want a friction below the effort, found " + found +
                  ": correct its <dynamics friction> or <limit effort>");
    }
    joints.push_back(std::move(joint));
  }
  if (joints.empty()) {
    throw Error(place + "no joint can be driven: want at least one revolute, continuous or prismatic joint");
  }
  set_inertia(model, joints);
  for (DrivenJoint& joint : joints) {
    // In the middle of its range at most, having sped up all the way, if it is to stop in the other half.
    joint.speed = std::min(joint.speed, std::sqrt(2 * joint.half_range() * joint.effort / joint.inertia));
  }
  return joints;
}

double time_for(const RobotModel& model, const std::vector<DrivenJoint>& joints) {
  double longest = 0, spare = kSpareTime;
  for (const DrivenJoint& joint : joints) {
    // What friction leaves of the effort, against the drive's own slope and the damping.
    const double speed = joint.friction > 0 || joint.damping > 0
                             ? (joint.effort - joint.friction) / (joint.effort / joint.speed + joint.damping)
                             : joint.speed;
    const double way = 2 * kDrawnShare * joint.half_range() / speed;
    if (kSpareFactor * way + kSpareLags * joint.lag() > kMostTime) {
      char found[64];
      std::snprintf(found, sizeof found, "%g with %g %s to move", joint.effort, joint.inertia,
                    joint.turns ? "kg·m²" : "kg");
      throw Error("robot '" + model.name + "': joint '" + joint.name +
                  "': want an effort and a velocity that take it through its range within minutes, found an "
                  "effort of " +
                  found + ": correct its <limit effort velocity>");
    }
    longest = std::max(longest, way);
    spare = std::max(spare, kSpareLags * joint.lag());
  }
  return spare + kSpareFactor * longest;
}

std::vector<bool> moving_links(const RobotModel& model) {
  std::vector<bool> moves(model.links.size(), false);
  for (std::size_t i = 1; i < moves.size(); ++i) {
    const RobotLink& link = model.links[i];
    moves[i] = moves[static_cast<std::size_t>(link.parent)] || joint_dofs(link.type) > 0;
  }
  return moves;
}

Eigen::VectorXd draw_joints(const RobotModel& model, const std::vector<DrivenJoint>& joints, Rng& rng) {
  const std::vector<bool> moves = moving_links(model);
  Eigen::VectorXd positions(static_cast<Eigen::Index>(joints.size()));
  for (int attempt = 0; attempt < kDraws; ++attempt) {
    for (std::size_t i = 0; i < joints.size(); ++i) {
      const double middle = (joints[i].low + joints[i].high) / 2;
      const double reach = (joints[i].endless ? 1 : kDrawnShare) * joints[i].half_range();
      positions[static_cast<Eigen::Index>(i)] = rng.uniform(middle - reach, middle + reach);
    }
    const auto poses = link_poses(model, Eigen::Isometry3d::Identity(), positions);
    bool above = true;
    for (std::size_t i = 1; i < poses.size(); ++i) {
      const Eigen::Vector3d centre = poses[i] * model.links[i].inertial.translation();
      above = above && (!moves[i] || centre.z() >= 0);
    }
    if (above) break;
  }
  return positions;
}

std::string joint_field_name(const std::string& joint, const std::vector<Field>& taken) {
  std::string name;
  for (const char c : joint) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    name += upper ? static_cast<char>(c - 'A' + 'a') : fits ? c : '_';
  }
  if (name.empty() || name.front() < 'a' || name.front() > 'z') name.insert(0, "joint_");
  const bool twice =
      std::any_of(taken.begin(), taken.end(), [&](const Field& field) { return field.name == name; });
  return twice ? name + "_dof_" + std::to_string(taken.size()) : name;
}

}  // namespace understudy
