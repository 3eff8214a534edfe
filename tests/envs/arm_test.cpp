#include "envs/arm.h"

#include <cmath>
#include <utility>

#include "datasets/rng.h"
#include "envs/arm_body.h"
#include "envs/inverse_kinematics.h"
#include "tests/catch.h"

namespace understudy {
namespace {

JointVector random_angles(Rng& rng) {
  JointVector q;
  for (int i = 0; i < kArmJoints; ++i) {
    const ArmJoint& joint = kArm[static_cast<std::size_t>(i)];
    q[i] = rng.uniform(joint.low, joint.high);
  }
  return q;
}

Eigen::Vector3d random_target(Rng& rng) {
  return {rng.uniform(0.35, 0.65), rng.uniform(-0.3, 0.3), rng.uniform(0.15, 0.55)};
}

TEST_CASE("upright the hand is above the base at the sum of the link lengths") {
  // 0.15 + 0.19 + 4 links of 0.20, 0.20, 0.19, 0.19, then 0.07 and the tool of 0.08.
  const Eigen::Vector3d hand = arm_pose(JointVector::Zero()).hand;
  CHECK(hand.x() == 0);
  CHECK(hand.y() == 0);
  CHECK(hand.z() == Approx(1.27));
}

TEST_CASE("bent at the shoulder alone the hand is 0.93 m from it, whatever the angle") {
  const double angle = GENERATE(-2.0, -0.4, 1.0, 1.57);
  JointVector q = JointVector::Zero();
  q[1] = angle;
  const Eigen::Vector3d shoulder(0, 0, 0.34);
  const Eigen::Vector3d hand = arm_pose(q).hand;
  CHECK((hand - shoulder).norm() == Approx(0.93));
  // Positive pitch leans towards +x.
  CHECK(hand.x() == Approx(0.93 * std::sin(angle)));
}

TEST_CASE("the Jacobian is the derivative of the hand's place") {
  Rng rng(GENERATE(1, 2, 3, 4));
  const JointVector q = random_angles(rng);
  const ArmJacobian jacobian = arm_jacobian(arm_pose(q));
  const double h = 1e-6;  // central differences: error of order h² plus rounding / h, about 1e-10
  for (int i = 0; i < kArmJoints; ++i) {
    JointVector up = q, down = q;
    up[i] += h, down[i] -= h;
    const Eigen::Vector3d slope = (arm_pose(up).hand - arm_pose(down).hand) / (2 * h);
    CHECK((jacobian.col(i) - slope).norm() < 1e-8);
  }
}

TEST_CASE("inverse kinematics reach every target in the box, within the joints' limits") {
  Rng rng(5);
  for (int i = 0; i < 300; ++i) {
    const Eigen::Vector3d target = random_target(rng);
    const JointVector q = solve_ik(arm_posture(), target);
    CAPTURE(target.transpose());
    REQUIRE((arm_pose(q).hand - target).norm() < 1e-5);
    for (int j = 0; j < kArmJoints; ++j) {
      REQUIRE(q[j] >= kArm[static_cast<std::size_t>(j)].low);
      REQUIRE(q[j] <= kArm[static_cast<std::size_t>(j)].high);
    }
  }
}

TEST_CASE("inverse kinematics draw the spare joints to the posture without moving the hand") {
  Rng rng(6);
  const Eigen::Vector3d target = random_target(rng);
  JointVector q = solve_ik(arm_posture(), target);
  // Twist the arm about the line from shoulder to wrist as far as the null space goes, then let go.
  JointVector twisted = q;
  twisted[2] += 0.8, twisted[4] -= 0.6;
  twisted = solve_ik(twisted, target, 1e-6, {.posture_gain = 0});
  REQUIRE((arm_pose(twisted).hand - target).norm() < 1e-5);
  const double before = (twisted - arm_posture()).norm();
  for (int i = 0; i < 100; ++i) twisted = ik_step(twisted, target);
  CHECK((twisted - arm_posture()).norm() < 0.7 * before);
  CHECK((arm_pose(twisted).hand - target).norm() < 1e-4);
}

TEST_CASE("inverse kinematics of a target out of reach stretch towards it and stay finite") {
  const Eigen::Vector3d far(2, 0, 0.34);
  const JointVector q = solve_ik(arm_posture(), far);
  REQUIRE(q.allFinite());
  const Eigen::Vector3d hand = arm_pose(q).hand;
  CHECK(hand.x() > 0.85);
  CHECK(std::abs(hand.y()) < 0.05);
}

TEST_CASE("Bullet places the links where the kinematics say") {
  Rng rng(GENERATE(7, 8, 9));
  const JointVector q = random_angles(rng);
  BulletWorld world;
  ArmBody arm(world, q, 2, 0);
  const ArmPose pose = arm_pose(q);
  for (int i = 0; i < kArmJoints; ++i) {
    const auto joint = static_cast<std::size_t>(i);
    const btTransform& link = arm.body().getLink(i).m_cachedWorldTransform;
    const Eigen::Vector3d centre = pose.joints[joint] * Eigen::Vector3d(0, 0, kArm[joint].length / 2);
    CHECK(
        (Eigen::Vector3d(link.getOrigin().x(), link.getOrigin().y(), link.getOrigin().z()) - centre).norm() <
        1e-12);
  }
}

TEST_CASE("the motors hold the arm against gravity and follow a moving target") {
  BulletWorld world;
  const JointVector start = arm_posture();
  ArmBody arm(world, start, 2, 0);
  for (int i = 0; i < 480; ++i) world.step();
  CHECK((arm.angles() - start).cwiseAbs().maxCoeff() < 1e-3);
  JointVector speed = JointVector::Constant(0.3);
  for (int i = 1; i <= 240; ++i) {
    arm.drive(start + speed * (kPhysicsStep * i), speed);
    world.step();
  }
  CHECK((arm.angles() - start - speed).cwiseAbs().maxCoeff() < 5e-3);
}

TEST_CASE("without power the arm falls, and its energy is conserved to a few per cent") {
  BulletWorld world;
  ArmBody arm(world, arm_posture(), 2, 0);
  arm.set_powered(false);
  // From the kinematics, not from Bullet: every joint carries all links after it.
  const auto energies = [&] {
    const ArmPose pose = arm_pose(arm.angles());
    const JointVector speeds = arm.velocities();
    double kinetic = 0, potential = 0;
    for (std::size_t i = 0; i < kArm.size(); ++i) {
      const Eigen::Vector3d centre = pose.joints[i] * Eigen::Vector3d(0, 0, kArm[i].length / 2);
      Eigen::Vector3d velocity = Eigen::Vector3d::Zero(), turning = Eigen::Vector3d::Zero();
      for (std::size_t j = 0; j <= i; ++j) {
        const Eigen::Vector3d axis =
            pose.joints[j].linear() * kArm[j].axis * speeds[static_cast<Eigen::Index>(j)];
        velocity += axis.cross(centre - pose.joints[j].translation());
        turning += axis;
      }
      const btVector3& inertia = arm.body().getLink(static_cast<int>(i)).m_inertiaLocal;
      const Eigen::Vector3d local = pose.joints[i].linear().transpose() * turning;
      const Eigen::Vector3d moments(inertia.x(), inertia.y(), inertia.z());
      kinetic += 0.5 * kArm[i].mass * velocity.squaredNorm() + 0.5 * local.cwiseAbs2().dot(moments);
      potential += kArm[i].mass * kGravity * centre.z();
    }
    return std::pair(kinetic, potential);
  };
  const auto [kinetic_before, potential_before] = energies();
  const double height = arm_pose(arm.angles()).hand.z();
  CHECK(kinetic_before == 0);
  for (int i = 0; i < 72; ++i) world.step();
  CHECK(arm_pose(arm.angles()).hand.z() < height - 0.1);
  const auto [kinetic, potential] = energies();
  CHECK(kinetic > 5);
  // Semi-implicit Euler errs by the order of the step.
  CHECK(std::abs(kinetic + potential - potential_before) < 0.05 * kinetic);
}

}  // namespace
}  // namespace understudy
