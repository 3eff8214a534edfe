// Laws that the engine must obey as we set it up.
#include <cmath>
#include <numbers>

#include "envs/robots/robot_body.h"
#include "envs/robots/urdf.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

constexpr double kPole = 0.5;  // m, hinge to centre of mass
constexpr double kMass = 2;    // kg
constexpr double kInertia = 0.01;

RobotModel pendulum() {
  return parse_urdf(
      "<robot name='pendulum'><link name='root'/><link name='pole'><inertial><origin xyz='0 0 -0.5'/><mass "
      "value='2'/>"
      "<inertia ixx='0.01' iyy='0.01' izz='0.01' ixy='0' ixz='0' iyz='0'/></inertial></link><joint "
      "name='hinge' type='continuous'>"
      "<parent link='root'/><child link='pole'/><axis xyz='0 1 0'/></joint></robot>",
      "pendulum");
}

double energy(const RobotBody& robot) {
  const double w = robot.velocity(0);
  return 0.5 * (kInertia + kMass * kPole * kPole) * w * w -
         kMass * kGravity * kPole * std::cos(robot.position(0));
}

TEST_CASE("the energy of an undamped pendulum drifts by less than 1 % of its swing in a minute") {
  BulletWorld world;
  RobotBody robot(world, pendulum(), {.fixed_base = true, .linear_damping = 0, .angular_damping = 0});
  robot.set_joint(0, 1.0);
  robot.settle();
  const double swing = kMass * kGravity * kPole * (1 - std::cos(1.0));
  // Semi-implicit Euler lets the energy swing within each period by O(h); compare averages over
  // the first and the last 5 s.
  const auto average = [&] {
    double sum = 0;
    constexpr int kSteps = 5 * 240;
    for (int i = 0; i < kSteps; ++i) {
      world.step();
      sum += energy(robot);
    }
    return sum / kSteps;
  };
  const double first = average();
  for (int i = 0; i < 50 * 240; ++i) world.step();
  const double last = average();
  CAPTURE(first, last, swing);
  CHECK(std::abs(last - first) < 0.01 * swing);
}

TEST_CASE("a pendulum's small swings have the period of its moment of inertia") {
  BulletWorld world;
  RobotBody robot(world, pendulum(), {.fixed_base = true, .linear_damping = 0, .angular_damping = 0});
  robot.set_joint(0, 0.02);
  robot.settle();
  std::vector<double> crossings;
  double before = robot.position(0);
  for (int i = 1; i <= 20 * 240; ++i) {
    world.step();
    const double now = robot.position(0);
    if (before < 0 && now >= 0) crossings.push_back((i - now / (now - before)) * kPhysicsStep);
    before = now;
  }
  REQUIRE(crossings.size() > 5);
  const double period = (crossings.back() - crossings.front()) / static_cast<double>(crossings.size() - 1);
  const double w = std::sqrt(kMass * kGravity * kPole / (kInertia + kMass * kPole * kPole));
  CHECK(period == Approx(2 * std::numbers::pi / w).epsilon(1e-3));
}

TEST_CASE("damping slows a free link as the engine's formula says") {
  // Without gravity a link of angular damping c loses c (1 + |w|) w per second: Bullet's
  // two coefficients are equal.
  BulletWorld world({.gravity = 0});
  RobotBody robot(world, pendulum(), {.fixed_base = true, .linear_damping = 0, .angular_damping = 0.3});
  robot.set_joint(0, 0, 2);
  robot.settle();
  double w = 2;
  const double share =
      kInertia / (kInertia + kMass * kPole * kPole);  // of the inertia that the angular damping acts on
  for (int i = 0; i < 240; ++i) {
    world.step();
    w -= kPhysicsStep * 0.3 * (1 + w) * w * share;
  }
  CHECK(robot.velocity(0) == Approx(w).epsilon(1e-4));
}

/// How far a cube of friction 0.5 slides in one second down a plane of friction 1, m.
double slide(double angle) {
  BulletWorld world;
  auto& plane =
      world.keep(std::make_unique<btStaticPlaneShape>(btVector3(std::sin(angle), 0, std::cos(angle)), 0));
  world.add_body(plane, btTransform::getIdentity(), {.mass = 0, .friction = 1});
  auto& box = world.keep(std::make_unique<btBoxShape>(btVector3(0.1, 0.1, 0.05)));
  const btTransform pose(btQuaternion(btVector3(0, 1, 0), angle),
                         0.05 * btVector3(std::sin(angle), 0, std::cos(angle)));
  btRigidBody& body = world.add_body(box, pose, {.mass = 1, .friction = 0.5});
  for (int i = 0; i < 240; ++i) world.step();
  return (body.getWorldTransform().getOrigin() - pose.getOrigin()).length();
}

TEST_CASE("a block rests below the angle of friction and slides above it with g (sin a - mu cos a)") {
  const double critical = std::atan(0.5);
  CHECK(slide(critical - 0.02) < 0.002);
  for (const double over : {0.05, 0.15, 0.3}) {
    const double a = critical + over;
    const double felt = (kGravity * std::sin(a) - 2 * slide(a)) / (kGravity * std::cos(a));
    CAPTURE(over);
    CHECK(felt == Approx(0.5).epsilon(0.02));
  }
}

}  // namespace
}  // namespace understudy
