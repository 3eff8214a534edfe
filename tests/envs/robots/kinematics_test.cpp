#include "envs/robots/kinematics.h"

#include <cmath>
#include <numbers>

#include "datasets/types/rng.h"
#include "envs/robots/urdf.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

const Eigen::Isometry3d kBase = Eigen::Isometry3d::Identity();

RobotModel every_joint() {
  return read_urdf(UNDERSTUDY_TEST_ROBOTS "/every_joint.urdf");
}

RobotFrame grip_of(const RobotModel& arm) {
  return {arm.link_index("link_7"), Eigen::Isometry3d(Eigen::Translation3d(0, 0, 0.115))};
}

Eigen::VectorXd bent() {
  Eigen::VectorXd q(9);
  q << 0, 0.35, 0, 1.75, 0, 1.04, 0, 0.02, 0.02;
  return q;
}

Eigen::Matrix3d down(double yaw) {
  return (Eigen::AngleAxisd(yaw, Eigen::Vector3d::UnitZ()) *
          Eigen::AngleAxisd(std::numbers::pi, Eigen::Vector3d::UnitY()))
      .toRotationMatrix();
}

void check_limits(const RobotModel& arm, const Eigen::VectorXd& q) {
  for (const RobotLink& link : arm.links) {
    if (joint_dofs(link.type) == 0) continue;
    const double position = q[arm.joint_dof(link.joint)];
    REQUIRE(position >= link.low);
    REQUIRE(position <= link.high);
  }
}

TEST_CASE("our arm upright holds its grip point 1.305 m above the table, and weighs 16.96 kg") {
  // 0.15 + 0.19 + 0.20 + 0.20 + 0.19 + 0.19 + 0.07 to the last joint, then 0.115.
  const RobotModel arm = read_model("arm");
  const auto links = link_poses(arm, kBase, Eigen::VectorXd::Zero(arm.dofs()));
  const Eigen::Vector3d grip = frame_pose(grip_of(arm), links).translation();
  CHECK((grip - Eigen::Vector3d(0, 0, 1.305)).norm() < 1e-12);
  // 3.5 + 3.6 + 2.9 + 2.6 + 1.8 + 1.5 + 0.9, and two fingers of 0.08.
  CHECK(arm.mass() == Approx(16.96));
}

TEST_CASE("the Jacobian is the derivative of the frame's pose, for every type of joint") {
  Rng rng(GENERATE(1, 2, 3, 4));
  const RobotModel model = every_joint();
  Eigen::Isometry3d base = Eigen::Isometry3d::Identity();
  base.translate(Eigen::Vector3d(0.3, -0.2, 0.5)).rotate(Eigen::AngleAxisd(0.8, Eigen::Vector3d::UnitX()));
  Eigen::VectorXd q(model.dofs());
  for (Eigen::Index i = 0; i < q.size(); ++i) q[i] = rng.uniform(-1, 1);
  const double h = 1e-6;  // central differences: error of order h² plus rounding / h, about 1e-10
  for (int link = 0; link < static_cast<int>(model.links.size()); ++link) {
    RobotFrame frame{link, Eigen::Isometry3d::Identity()};
    frame.pose.translate(Eigen::Vector3d(0.1, 0.2, -0.05))
        .rotate(Eigen::AngleAxisd(0.4, Eigen::Vector3d::UnitY()));
    const FrameJacobian jacobian = frame_jacobian(model, frame, link_poses(model, base, q));
    for (Eigen::Index i = 0; i < q.size(); ++i) {
      Eigen::VectorXd up = q, low = q;
      up[i] += h, low[i] -= h;
      const Eigen::Isometry3d above = frame_pose(frame, link_poses(model, base, up)),
                              below = frame_pose(frame, link_poses(model, base, low));
      const Eigen::Vector3d slope = (above.translation() - below.translation()) / (2 * h);
      const Eigen::AngleAxisd turn(above.linear() * below.linear().transpose());
      const Eigen::Vector3d rate = turn.angle() * turn.axis() / (2 * h);
      CAPTURE(link, i);
      REQUIRE((jacobian.col(i).head<3>() - slope).norm() < 1e-8);
      REQUIRE((jacobian.col(i).tail<3>() - rate).norm() < 1e-8);
    }
  }
}

TEST_CASE(
    "inverse kinematics bring our hand to every point in front of it, upside down, within the joints' "
    "limits") {
  Rng rng(5);
  const RobotModel arm = read_model("arm");
  const RobotFrame grip = grip_of(arm);
  for (int i = 0; i < 300; ++i) {
    const Eigen::Vector3d point(rng.uniform(0.35, 0.6), rng.uniform(-0.3, 0.3), rng.uniform(0.0, 0.3));
    const Eigen::Matrix3d turn = down(rng.uniform(-1.2, 1.2));
    const Eigen::VectorXd q = solve_ik(arm, kBase, grip, {point, turn}, bent(), 1e-6, {.posture = bent()});
    const Eigen::Isometry3d pose = frame_pose(grip, link_poses(arm, kBase, q));
    CAPTURE(point.transpose());
    REQUIRE((pose.translation() - point).norm() < 1e-5);
    REQUIRE((pose.linear() - turn).norm() < 1e-4);
    check_limits(arm, q);
  }
}

TEST_CASE("with any orientation allowed inverse kinematics reach further") {
  Rng rng(6);
  const RobotModel arm = read_model("arm");
  const RobotFrame grip = grip_of(arm);
  for (int i = 0; i < 300; ++i) {
    const Eigen::Vector3d point(rng.uniform(0.35, 0.65), rng.uniform(-0.3, 0.3), rng.uniform(0.15, 0.55));
    const Eigen::VectorXd q =
        solve_ik(arm, kBase, grip, {point, std::nullopt}, bent(), 1e-6, {.posture = bent()});
    CAPTURE(point.transpose());
    REQUIRE((frame_pose(grip, link_poses(arm, kBase, q)).translation() - point).norm() < 1e-5);
    check_limits(arm, q);
  }
}

TEST_CASE("spare joints are drawn to the posture without moving the hand") {
  const RobotModel arm = read_model("arm");
  const RobotFrame grip = grip_of(arm);
  const FrameTarget target{Eigen::Vector3d(0.5, 0.1, 0.3), std::nullopt};
  Eigen::VectorXd twisted = solve_ik(arm, kBase, grip, target, bent());
  // Twist the arm about the line from shoulder to wrist as far as the null space goes, then let go.
  twisted[2] += 0.8, twisted[4] -= 0.6;
  twisted = solve_ik(arm, kBase, grip, target, twisted);
  const auto miss = [&] {
    return (frame_pose(grip, link_poses(arm, kBase, twisted)).translation() - target.position).norm();
  };
  REQUIRE(miss() < 1e-5);
  const double before = (twisted - bent()).norm();
  for (int i = 0; i < 100; ++i) twisted = ik_step(arm, kBase, grip, target, twisted, {.posture = bent()});
  CHECK((twisted - bent()).norm() < 0.7 * before);
  CHECK(miss() < 1e-4);
  // The fingers do not hang on the way to the grip point: nothing moves them.
  CHECK(twisted.tail<2>() == bent().tail<2>());
}

TEST_CASE("a target out of reach makes the arm stretch towards it and stay finite") {
  const RobotModel arm = read_model("arm");
  const RobotFrame grip = grip_of(arm);
  const Eigen::VectorXd q = solve_ik(arm, kBase, grip, {Eigen::Vector3d(2, 0, 0.34), std::nullopt}, bent());
  REQUIRE(q.allFinite());
  const Eigen::Vector3d hand = frame_pose(grip, link_poses(arm, kBase, q)).translation();
  CHECK(hand.x() > 0.85);
  CHECK(std::abs(hand.y()) < 0.05);
}

}  // namespace
}  // namespace understudy
