#include "envs/robots/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "envs/robots/robot_body.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

constexpr double kLength = 0.2, kBob = 0.1;  // m, kg

/// A rope of 20 cm that hangs from a fixed point, z down, with a bob of 0.1 kg at its end.
RobotModel pendulum(double damping) {
  RobotModel model;
  model.name = "pendulum";
  model.links.emplace_back().name = "ceiling";
  const int last = add_rope(model, 0, Eigen::Isometry3d::Identity(), {.damping = damping});
  RobotLink bob;
  bob.name = "bob";
  bob.mass = kBob;
  bob.inertia = Eigen::Vector3d::Constant(1e-5);
  add_hinged(model, last, Eigen::Isometry3d(Eigen::Translation3d(0, 0, 0.025)), Eigen::Vector3d::UnitX(),
             bob);
  return model;
}

RobotOptions hanging() {
  RobotOptions options;
  options.pose = Eigen::Isometry3d(Eigen::AngleAxisd(std::numbers::pi, Eigen::Vector3d::UnitY()));
  options.fixed_base = true;
  options.linear_damping = options.angular_damping = 0;
  return options;
}

TEST_CASE("a rope of 8 links is 20 cm long and 48 g heavy, its hinges in turn about x and y") {
  const RobotModel model = pendulum(0);
  CHECK(model.dofs() == 9);
  CHECK(model.mass() == Approx(8 * 0.006 + kBob));
  const auto poses = link_poses(model, hanging().pose, Eigen::VectorXd::Zero(9));
  CHECK((poses.back().translation() - Eigen::Vector3d(0, 0, -kLength)).norm() < 1e-12);
  for (int i = 1; i <= 8; ++i) CHECK(model.links[static_cast<std::size_t>(i)].axis[(i - 1) % 2] == 1);
}

TEST_CASE(
    "a rope swings hardly slower than a stiff rod of the same mass, and keeps swinging without damping") {
  // The rod: I = m l² / 3 + M l² + 1e-5, m g d = (m l / 2 + M l) g. By Rayleigh's principle a chain that may
  // bend cannot be faster, and under a heavy bob it hardly bends.
  const double inertia = 0.048 * kLength * kLength / 3 + kBob * kLength * kLength + 1e-5;
  const double period = 2 * std::numbers::pi * std::sqrt(inertia / (kGravity * kLength * (0.048 / 2 + kBob)));
  const RobotModel model = pendulum(0);
  BulletWorld world;
  RobotBody rope(world, model, hanging());
  rope.set_joint(0, 0.15);
  rope.settle();
  const int bob = static_cast<int>(model.links.size()) - 1;
  double before = rope.link_pose(bob).translation().y(), first = 0, last = 0, highest = 0;
  int crossings = 0;
  for (int t = 1; t <= 2400; ++t) {
    world.step();
    const double y = rope.link_pose(bob).translation().y();
    if ((y > 0) != (before > 0)) {
      last = t - y / (y - before);
      if (crossings++ == 0) first = last;
    }
    if (t > 2100) highest = std::max(highest, std::abs(y));
    before = y;
  }
  REQUIRE(crossings > 10);
  const double measured = 2 * (last - first) / (crossings - 1) / 240;
  CHECK(measured > 0.995 * period);
  CHECK(measured < 1.03 * period);
  CHECK(highest > 0.8 * kLength * std::sin(0.15));
}

TEST_CASE("damped hinges take most of a swing within a minute, and nothing ever adds to it") {
  const RobotModel model = pendulum(4e-4);
  BulletWorld world;
  RobotBody rope(world, model, hanging());
  rope.set_joint(0, 0.3);
  rope.set_joint(1, -0.2);
  rope.settle();
  double widest = 1;
  for (int period = 0; period < 12; ++period) {
    double reached = 0;
    for (int t = 0; t < 240 * 5; ++t) {
      rope.add_damping();
      world.step();
      const Eigen::Vector3d bob = rope.link_pose(static_cast<int>(model.links.size()) - 1).translation();
      reached = std::max(reached, bob.head<2>().norm());
    }
    CHECK(reached < widest);
    widest = reached;
  }
  // It starts at 0.2 m times the sine of about 0.36 rad.
  CHECK(widest < 0.015);
}

}  // namespace
}  // namespace understudy
