// The mechanics of other worlds, by their effect on motion.

#include <cmath>
#include <numbers>

#include "datasets/types/error.h"
#include "envs/other_world/other_form.h"
#include "envs/robots/robot_body.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

constexpr double kG = 9.81;

/// A world of the file `world = "KIND"` and `constants`, empty.
struct Built {
  Built(const std::string& kind, const std::string& constants, double gravity = kG)
      : form(make_form(parse_world("world = \"" + kind + "\"\n" + constants, "test"))),
        world(form->options({.gravity = gravity}), {}, 1, nullptr, form.get()) {}

  void run(double seconds) {
    for (int i = 0; i < std::lround(seconds * 240); ++i) world.step();
  }

  std::shared_ptr<OtherForm> form;
  BulletWorld world;
};

const RobotOptions kFixed{.fixed_base = true, .linear_damping = 0, .angular_damping = 0};

/// A base and one link of 2 kg whose centre is `arm` below its joint about or along y.
RobotModel one_joint(JointType type, double arm) {
  RobotModel model;
  model.name = "one_joint";
  RobotLink base, link;
  base.name = "base";
  link.name = "link", link.joint = "joint";
  link.parent = 0;
  link.type = type;
  link.axis = Eigen::Vector3d::UnitY();
  link.mass = 2;
  link.inertia = {0.02, 0.02, 0.02};
  link.inertial = Eigen::Translation3d(0, 0, -arm);
  model.links = {base, link};
  return model;
}

btRigidBody& add_box(BulletWorld& world, double height, double friction) {
  auto& shape = world.keep(std::make_unique<btBoxShape>(btVector3(0.1, 0.1, 0.05)));
  return world.add_body(shape, btTransform(btQuaternion::getIdentity(), btVector3(0, 0, height)),
                        {.mass = 1, .friction = friction});
}

TEST_CASE("a body falls freely in either world") {
  const std::string kind = GENERATE("maximal", "held-out");
  CAPTURE(kind);
  Built built(kind, "");
  const btRigidBody& box = add_box(built.world, 10, 1);
  built.run(0.5);
  // A semi-implicit step of at most 1 ms is ahead by half a step's fall: g t h / 2 = 2.5 mm.
  CHECK(box.getWorldTransform().getOrigin().z() == Approx(10 - kG * 0.25 / 2).margin(0.0026));
}

TEST_CASE("a pendulum swings with its period, does not gain and keeps its pivot") {
  const std::string kind = GENERATE("maximal", "held-out");
  CAPTURE(kind);
  Built built(kind, "");
  const double arm = 0.4, swing = 0.1;
  RobotBody pendulum(built.world, one_joint(JointType::kRevolute, arm), kFixed);
  pendulum.set_joint(0, swing);
  pendulum.settle();
  double last = swing, first = 0, most = 0;
  int crossings = 0, step = 0;
  for (; crossings < 21; ++step) {
    built.world.step();
    const double now = pendulum.position(0);
    most = std::max(most, std::abs(now));
    if ((last > 0) != (now > 0)) {
      const double when = step + last / (last - now);
      if (++crossings == 1) first = when;
      if (crossings == 21) first = (when - first) / 10;
    }
    last = now;
  }
  // The physical pendulum, with the first term for its amplitude.
  const double period =
      2 * std::numbers::pi * std::sqrt((0.02 + 2 * arm * arm) / (2 * kG * arm)) * (1 + swing * swing / 16);
  CHECK(first / 240 == Approx(period).epsilon(0.003));
  CHECK(most <= swing * 1.002);
  double left = 0;
  for (int i = 0; i < 480; ++i) {
    built.world.step();
    left = std::max(left, pendulum.position(0));
  }
  CHECK(left > 0.9 * swing);
  CHECK((pendulum.link_pose(1).translation()).norm() < 1e-3);
}

TEST_CASE("a joint's bearings give way by the load over their stiffness") {
  Built built("maximal", "[joints]\nstiffness = 5e6\n");
  RobotBody hanging(built.world, one_joint(JointType::kRevolute, 0.4), kFixed);
  built.run(2);
  CHECK(hanging.link_pose(1).translation().z() == Approx(-2 * kG / 5e6).epsilon(0.1));
}

TEST_CASE("a joint sticks below its breakaway friction, slips above it, and then slides against Coulomb's") {
  Built built("maximal", "[joints]\nbreakaway = 1.5\nstribeck_speed = 0.02\n", 0);
  RobotModel model = one_joint(JointType::kPrismatic, 0);
  model.links[1].friction = 3;
  RobotBody cart(built.world, model, kFixed);
  const auto push = [&](double force, double seconds) {
    for (int i = 0; i < std::lround(seconds * 240); ++i) {
      cart.add_torque(0, force);
      built.world.step();
    }
  };
  push(4.4, 1);
  CHECK(std::abs(cart.position(0)) < 1e-6);
  push(4.6, 1);
  CHECK(cart.position(0) > 0.01);
  const double before = cart.velocity(0);
  push(5, 0.5);
  // 5 N against 3 N on 2 kg.
  CHECK(cart.velocity(0) - before == Approx(0.5).epsilon(0.02));
  push(0, 3);
  CHECK(cart.velocity(0) == Approx(0).margin(1e-6));
}

TEST_CASE("what a servo's play is wide it lags behind by, up and down") {
  const std::string kind = GENERATE("maximal", "held-out");
  CAPTURE(kind);
  Built built(kind, "[actuators]\nslide_backlash = 0.02\n[joints]\nviscous = 1\n", 0);
  RobotModel model = one_joint(JointType::kPrismatic, 0);
  model.links[1].max_effort = 100;
  RobotBody cart(built.world, model, kFixed);
  // It coasts within its play by less than 0.4 mm.
  const auto go = [&](double from, double to) {
    for (int i = 1; i <= 1920; ++i) {
      cart.drive(0, from + (to - from) * i / 1920, (to - from) / 8, 0.2, 100);
      built.world.step();
    }
    for (int i = 0; i < 120; ++i) {
      cart.drive(0, to, 0, 0.2, 100);
      built.world.step();
    }
    return cart.position(0);
  };
  const double up = go(-0.1, 0.05), down = go(0.15, 0.05);
  CHECK(up == Approx(0.04).margin(5e-4));
  CHECK(down == Approx(0.06).margin(5e-4));
}

TEST_CASE("a contact holds below the cone of friction and slips beyond it, whatever the direction") {
  const std::string kind = GENERATE("maximal", "held-out");
  const double degrees = GENERATE(0, 30, 45, 60);
  CAPTURE(kind, degrees);
  const double angle = degrees * std::numbers::pi / 180;
  const auto moved = [&](double share) {
    Built built(kind, "");
    built.world.add_body(built.world.keep(std::make_unique<btStaticPlaneShape>(btVector3(0, 0, 1), 0)),
                         btTransform::getIdentity(), {.mass = 0, .friction = 1});
    btRigidBody& box = add_box(built.world, 0.05, 0.5);
    built.run(0.5);
    const btVector3 start = box.getWorldTransform().getOrigin();
    const double force = share * 0.5 * kG;
    for (int i = 0; i < 240; ++i) {
      // Low, so that the box does not tip; for every step of the solver, as a weight would.
      box.setGravity(btVector3(force * std::cos(angle), force * std::sin(angle), -kG));
      built.world.step();
    }
    return (box.getWorldTransform().getOrigin() - start).length();
  };
  CHECK(moved(0.9) < 2e-3);
  CHECK(moved(1.15) > 0.1);
}

TEST_CASE("what varies from joint to joint follows the seeds of world and episode") {
  const auto after = [](const std::string& seed, std::uint64_t episode) {
    const WorldFile file =
        parse_world("world = \"maximal\"\n" + seed + "[actuators]\neffort_spread = 0.2\n", "test");
    const std::shared_ptr<OtherForm> form = make_form(file);
    BulletWorld world(form->options({}), {}, episode, nullptr, form.get());
    RobotModel model = one_joint(JointType::kPrismatic, 0);
    RobotBody cart(world, model, kFixed);
    for (int i = 0; i < 24; ++i) {
      cart.add_torque(0, 1);
      world.step();
    }
    return cart.velocity(0);
  };
  CHECK(after("", 1) == after("", 1));
  CHECK(after("", 1) != after("", 2));
  CHECK(after("seed = 7\n", 1) != after("seed = 8\n", 1));
}

TEST_CASE("a link without mass has no place in a world of rigid bodies") {
  Built built("maximal", "");
  RobotModel model = one_joint(JointType::kRevolute, 0);
  model.links[1].mass = 0;
  CHECK_THROWS_WITH(RobotBody(built.world, model, kFixed),
                    ContainsSubstring("robot 'one_joint': link 'link' wants a mass"));
}

}  // namespace
}  // namespace understudy
