#include "envs/robots/manipulator.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "datasets/types/error.h"
#include "envs/robots/urdf.h"

namespace understudy {
namespace {

const Eigen::Isometry3d kBase = Eigen::Isometry3d::Identity();

constexpr double kPositionGain = 0.2;  // share of the position error that a motor removes per physics step
constexpr double kFingerLeash = 0.01;  // m from the opening to its set point
constexpr double kYawLeash = 0.3;      // rad from the hand's yaw to its set point
constexpr double kGearForce = 500;     // N: the gear between the fingers never slips
constexpr double kFreeTorque = 100;    // N·m or N where the model names no limit
constexpr int kIkIterations = 2;       // per action: leaves less than 0.1 mm at full speed
constexpr double kReachError = 1e-3;   // m, that a start may be missed by

Eigen::Matrix3d pointing_down(double yaw) {
  return (Eigen::AngleAxisd(yaw, Eigen::Vector3d::UnitZ()) *
          Eigen::AngleAxisd(std::numbers::pi, Eigen::Vector3d::UnitY()))
      .toRotationMatrix();
}

/// Of a hand that points down, more or less.
double yaw_of(const Eigen::Matrix3d& turn) {
  return std::atan2(-turn(1, 0), -turn(0, 0));
}

/// `value` no further than `leash` from `anchor`.
double leashed(double value, double anchor, double leash) {
  return std::clamp(value, anchor - leash, anchor + leash);
}

RobotOptions robot_options(const ManipulatorOptions& options) {
  RobotOptions robot;
  robot.fixed_base = true;
  robot.group = options.group;
  robot.mask = options.mask;
  robot.friction = options.friction;
  robot.linear_damping = 0;
  robot.angular_damping = 0;
  return robot;
}

}  // namespace

const ArmDescription& our_arm() {
  static const ArmDescription arm = [] {
    ArmDescription ours;
    ours.model = read_model("arm");
    ours.grip = {ours.model.link_index("link_7"), Eigen::Isometry3d(Eigen::Translation3d(0, 0, 0.115))};
    ours.fingers = {ours.model.joint_dof("grip_left"), ours.model.joint_dof("grip_right")};
    ours.posture.resize(9);
    ours.posture << 0, 0.35, 0, 1.75, 0, 1.04, 0, 0.04,
        0.04;  // elbow up, hand pointing down in front of the base
    return ours;
  }();
  return arm;
}

Manipulator::Manipulator(BulletWorld& world, const ArmDescription& arm, const ManipulatorOptions& options,
                         const HandPose& start)
    : arm_(arm), options_(options), body_(world, arm.model, robot_options(options)), set_point_(start) {
  for (std::size_t i = 0; i < arm.model.links.size(); ++i) {
    const RobotLink& link = arm.model.links[i];
    const double effort = link.max_effort > 0 ? link.max_effort : kFreeTorque;
    for (int dof = 0; dof < joint_dofs(link.type); ++dof) effort_.push_back(effort);
  }
  for (const int finger : arm.fingers) {
    effort_[static_cast<std::size_t>(finger)] = options.grip_force;
    for (int link = 0; link < static_cast<int>(arm.model.links.size()); ++link) {
      if (arm.model.link_dof(link) == finger) finger_links_.push_back(link);
    }
  }
  for (const int dof : arm.loose) effort_[static_cast<std::size_t>(dof)] = 0;
  wanted_ = solve_ik(arm.model, kBase, arm.grip, target(), arm.posture, 1e-6, {.posture = arm.posture});
  for (const int finger : arm.fingers) wanted_[finger] = start.opening / 2;
  for (int dof = 0; dof < body_.dofs(); ++dof) body_.set_joint(dof, wanted_[dof]);
  body_.settle();
  if (arm.fingers.size() == 2) body_.couple(arm.fingers[0], arm.fingers[1], kGearForce);
  from_ = wanted_;
  speed_ = Eigen::VectorXd::Zero(wanted_.size());
  drive(1);
  look();
  if ((hand_.position - start.position).norm() > kReachError) {
    throw Error(
        "robot '" + arm.model.name + "': its hand cannot start where the task wants it; it misses by " +
        std::to_string((hand_.position - start.position).norm()) + " m: use a robot that reaches further");
  }
}

FrameTarget Manipulator::target() const {
  FrameTarget result{.position = set_point_.position, .orientation = std::nullopt};
  if (options_.wrist == Wrist::kDown) result.orientation = pointing_down(set_point_.yaw);
  return result;
}

void Manipulator::move_set_point(const HandAction& action, double duration) {
  const Eigen::Vector3d velocity = action.velocity / std::max(1.0, action.velocity.norm());
  Eigen::Vector3d& point = set_point_.position;
  point += options_.max_speed * duration * velocity;
  point = point.cwiseMax(options_.low).cwiseMin(options_.high);
  const Eigen::Vector3d lead = point - hand_.position;
  point = hand_.position + lead * std::min(1.0, options_.leash / std::max(lead.norm(), 1e-12));

  set_point_.yaw += options_.max_turn * duration * action.turn;
  set_point_.yaw =
      leashed(std::clamp(set_point_.yaw, -options_.max_yaw, options_.max_yaw), hand_.yaw, kYawLeash);

  if (arm_.fingers.empty()) return;
  set_point_.opening -= 2 * options_.finger_speed * duration * action.close;
  double widest = 0;
  for (const int link : finger_links_) widest += arm_.model.links[static_cast<std::size_t>(link)].high;
  set_point_.opening = std::clamp(leashed(set_point_.opening, hand_.opening, kFingerLeash), 0.0, widest);
}

void Manipulator::command(const HandAction& action, double duration) {
  move_set_point(action, duration);
  from_ = wanted_;
  for (int i = 0; i < kIkIterations; ++i) {
    wanted_ = ik_step(arm_.model, kBase, arm_.grip, target(), wanted_, {.posture = arm_.posture});
  }
  for (const int finger : arm_.fingers) {
    from_[finger] = wanted_[finger] = set_point_.opening / 2;
  }
  speed_ = (wanted_ - from_) / duration;
}

void Manipulator::drive(double share) {
  for (int dof = 0; dof < body_.dofs(); ++dof) {
    if (effort_[static_cast<std::size_t>(dof)] <= 0) continue;
    const double position = from_[dof] + share * (wanted_[dof] - from_[dof]);
    body_.drive(dof, position, speed_[dof], kPositionGain, effort_[static_cast<std::size_t>(dof)]);
  }
  if (!arm_.loose.empty()) body_.add_damping();
}

void Manipulator::look() {
  Eigen::VectorXd positions(body_.dofs()), velocities(body_.dofs());
  for (int dof = 0; dof < body_.dofs(); ++dof) {
    positions[dof] = body_.position(dof);
    velocities[dof] = body_.velocity(dof);
  }
  const std::vector<Eigen::Isometry3d> links = link_poses(arm_.model, kBase, positions);
  grip_ = frame_pose(arm_.grip, links);
  const Eigen::Matrix<double, 6, 1> rate = frame_jacobian(arm_.model, arm_.grip, links) * velocities;
  hand_.position = grip_.translation();
  hand_.yaw = yaw_of(grip_.linear());
  velocity_ = rate.head<3>();
  turn_rate_ = rate[5];
  hand_.opening = 0;
  for (const int finger : arm_.fingers) hand_.opening += positions[finger];
}

bool Manipulator::pinches(const btCollisionObject& object) const {
  if (finger_links_.empty()) return false;
  return std::all_of(finger_links_.begin(), finger_links_.end(),
                     [&](int link) { return body_.pressing(link, object); });
}

void Manipulator::write_state(StateRef state) const {
  const Eigen::Index dofs = wanted_.size();
  state.head(dofs) = wanted_;
  state.segment<3>(dofs) = set_point_.position;
  state[dofs + 3] = set_point_.yaw;
  state[dofs + 4] = set_point_.opening;
}

}  // namespace understudy
