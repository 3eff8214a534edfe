#include "envs/robots/manipulator.h"

#include <cmath>
#include <optional>

#include "tests/support/catch.h"

namespace understudy {
namespace {

constexpr double kDuration = 1.0 / 30;
constexpr int kSubsteps = 8;

WorldOptions options() {
  return {.solver_iterations = 30, .friction_cone = true};
}

void run(BulletWorld& world, Manipulator& arm, const HandAction& action, int steps = 1) {
  for (int t = 0; t < steps; ++t) {
    arm.command(action, kDuration);
    for (int i = 1; i <= kSubsteps; ++i) {
      arm.drive(static_cast<double>(i) / kSubsteps);
      world.step();
    }
    arm.look();
  }
}

HandPose start() {
  return {.position = {0.5, 0.05, 0.25}, .yaw = 0.3, .opening = 0.06};
}

TEST_CASE("a hand starts where it is told to, pointing down, and stays there") {
  BulletWorld world(options());
  Manipulator arm(world, our_arm(), {}, start());
  for (const int steps : {0, 90}) {
    run(world, arm, {}, steps);
    CAPTURE(steps);
    CHECK((arm.hand().position - start().position).norm() < 5e-4);
    CHECK(arm.hand().yaw == Approx(0.3).margin(1e-3));
    CHECK(arm.hand().opening == Approx(0.06).margin(1e-4));
    CHECK(arm.grip().linear().col(2).z() == Approx(-1).margin(1e-5));
  }
}

TEST_CASE("a full push moves the hand at its greatest speed without tilting it") {
  const Eigen::Vector3d way = Eigen::Vector3d::Unit(GENERATE(0, 1, 2)) * GENERATE(-1.0, 1.0);
  BulletWorld world(options());
  Manipulator arm(world, our_arm(), {}, start());
  run(world, arm, {.velocity = way}, 6);
  CHECK((arm.hand().position - start().position - 0.1 * way).norm() < 4e-3);
  CHECK((arm.velocity() - 0.5 * way).norm() < 0.02);
  CHECK(arm.grip().linear().col(2).z() < -0.9999);
}

TEST_CASE("the hand turns about the vertical on the spot") {
  BulletWorld world(options());
  Manipulator arm(world, our_arm(), {}, start());
  run(world, arm, {.turn = -1}, 12);
  CHECK(arm.hand().yaw == Approx(0.3 - 1.5 * 12 * kDuration).margin(0.01));
  CHECK((arm.hand().position - start().position).norm() < 2e-3);
}

TEST_CASE("the fingers open and close together at their speed, also while the hand is thrown sideways") {
  BulletWorld world(options());
  Manipulator arm(world, our_arm(), {}, start());
  run(world, arm, {.velocity = {0, 1, 0}, .close = 1}, 6);
  CHECK(arm.hand().opening == Approx(0.06 - 0.2 * 6 * kDuration).margin(2e-3));
  const std::vector<int>& fingers = our_arm().fingers;
  CHECK(arm.body().position(fingers[0]) == Approx(arm.body().position(fingers[1])).margin(1e-4));
}

/// A 4 cm cube of 0.1 kg between the pads, in the air, gripped for a second.
struct Grip {
  BulletWorld world{options()};
  btBoxShape shape{btVector3(0.02, 0.02, 0.02)};
  btRigidBody* cube = nullptr;
  std::optional<Manipulator> arm;

  explicit Grip(double friction = 1) {
    const HandPose hand{.position = {0.5, 0, 0.25}, .yaw = 0, .opening = 0.045};
    shape.setMargin(0.001);
    arm.emplace(world, our_arm(), ManipulatorOptions{}, hand);
    cube = &world.add_body(shape, btTransform(btQuaternion::getIdentity(), btVector3(0.5, 0, 0.25)),
                           {.mass = 0.1, .friction = friction, .friction_anchor = true, .group = 4});
    cube->setGravity(btVector3(0, 0, 0));
    run(world, *arm, {.close = 1}, 10);
    cube->setGravity(btVector3(0, 0, -kGravity));
    run(world, *arm, {}, 30);
  }

  /// The cube in the hand's frame.
  Eigen::Isometry3d held() const {
    const btTransform& pose = cube->getWorldTransform();
    const btQuaternion q = pose.getRotation();
    return arm->grip().inverse() *
           (Eigen::Translation3d(pose.getOrigin().x(), pose.getOrigin().y(), pose.getOrigin().z()) *
            Eigen::Quaterniond(q.w(), q.x(), q.y(), q.z()));
  }
};

TEST_CASE("what is gripped slips less than a millimetre in a shake of ten seconds") {
  Grip grip;
  REQUIRE(grip.arm->pinches(*grip.cube));
  const Eigen::Isometry3d before = grip.held();
  for (int t = 0; t < 300; ++t) {
    HandAction action;
    action.velocity = {std::sin(0.9 * t), std::cos(0.7 * t), std::sin(0.5 * t)};
    action.turn = std::cos(0.3 * t);
    run(grip.world, *grip.arm, action);
  }
  const Eigen::Isometry3d moved = before.inverse() * grip.held();
  UNSCOPED_INFO("slipped " << moved.translation().transpose() << ", turned "
                           << Eigen::AngleAxisd(moved.linear()).angle());
  CHECK(moved.translation().norm() < 1e-3);
  CHECK(Eigen::AngleAxisd(moved.linear()).angle() < 5e-3);
}

TEST_CASE("what is gripped falls when there is no friction, and when the hand opens") {
  const double friction = GENERATE(0.0, 1.0);
  Grip grip(friction);
  if (friction > 0) run(grip.world, *grip.arm, {.close = -1}, 15);
  CHECK(grip.cube->getWorldTransform().getOrigin().z() < 0.2);
}

TEST_CASE("the fingers press with their force limit: friction carries 50 N but not 70 N") {
  // Two pads of 30 N and friction 1 hold 60 N against the vertical.
  const double load = GENERATE(50.0, 70.0);
  Grip grip;
  const double before = grip.held().translation().z();
  for (int t = 0; t < 60; ++t) {
    grip.arm->command({}, kDuration);
    for (int i = 1; i <= kSubsteps; ++i) {
      grip.arm->drive(static_cast<double>(i) / kSubsteps);
      grip.cube->applyCentralForce(btVector3(0, 0, -load + 0.1 * kGravity));
      grip.world.step();
    }
    grip.arm->look();
  }
  const double slip = std::abs(grip.held().translation().z() - before);
  CAPTURE(load, slip);
  CHECK((slip > 0.02) == (load > 60));
}

TEST_CASE("a start out of reach is refused with the distance it misses by") {
  BulletWorld world(options());
  CHECK_THROWS_WITH(Manipulator(world, our_arm(), {}, {.position = {1.5, 0, 0.2}}),
                    ContainsSubstring("cannot start") && ContainsSubstring("m: use a robot"));
}

}  // namespace
}  // namespace understudy
