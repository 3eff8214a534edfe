// What a Variation does to Bullet's bodies, by its effect on their motion.

#include <cmath>

#include "envs/robots/robot_body.h"
#include "envs/world/bullet_world.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

btTransform at(double x, double y, double z) {
  return btTransform(btQuaternion::getIdentity(), btVector3(x, y, z));
}

btRigidBody& add_box(BulletWorld& world, const btTransform& pose, const BulletWorld::BodyOptions& options) {
  return world.add_body(world.keep(std::make_unique<btBoxShape>(btVector3(0.1, 0.2, 0.3))), pose, options);
}

btRigidBody& add_ground(BulletWorld& world, const BulletWorld::BodyOptions& options) {
  return world.add_body(world.keep(std::make_unique<btStaticPlaneShape>(btVector3(0, 0, 1), 0)), at(0, 0, 0),
                        options);
}

/// A link of 2 kg on a rail along x; without gravity, damping or friction unless the joint has some.
RobotModel slider(double joint_damping = 0) {
  RobotModel model;
  model.name = "slider";
  RobotLink base, cart;
  base.name = "base", cart.name = "cart", cart.joint = "rail";
  base.mass = 1, cart.mass = 2;
  base.inertia = cart.inertia = Eigen::Vector3d(0.1, 0.1, 0.1);
  cart.parent = 0;
  cart.type = JointType::kPrismatic;
  cart.damping = joint_damping;
  model.links = {base, cart};
  return model;
}
const RobotOptions kFixed{.fixed_base = true, .linear_damping = 0, .angular_damping = 0};

TEST_CASE("a body falls with the gravity that was drawn, to rounding") {
  BulletWorld world({}, {.gravity = 3.7});
  btRigidBody& box = add_box(world, at(0, 0, 10), {.mass = 2});
  for (int i = 0; i < 120; ++i) world.step();
  CHECK(box.getLinearVelocity().z() == Approx(-3.7 * 120 * kPhysicsStep).epsilon(1e-12));
  CHECK(world.gravity() == 3.7);
}

TEST_CASE("a heavier body gains less speed under the same force and torque, and falls no faster") {
  BulletWorld plain, heavy({}, {.mass = 1.6});
  btVector3 speed[2], spin[2];
  double fall[2];
  int i = 0;
  for (BulletWorld* world : {&plain, &heavy}) {
    btRigidBody& box = add_box(*world, at(0, 0, 10), {.mass = 2});
    for (int step = 0; step < 24; ++step) {
      box.applyCentralForce(btVector3(3, 0, 0));
      box.applyTorque(btVector3(0, 0.1, 0));
      world->step();
    }
    speed[i] = box.getLinearVelocity(), spin[i] = box.getAngularVelocity(), fall[i] = speed[i].z(), ++i;
  }
  // F t / m with F = 3 N, t = 0.1 s, m = 2 kg.
  CHECK(speed[0].x() == Approx(0.15).epsilon(1e-12));
  CHECK(speed[1].x() == Approx(0.15 / 1.6).epsilon(1e-12));
  CHECK(spin[1].y() == Approx(spin[0].y() / 1.6).epsilon(1e-12));
  CHECK(spin[0].y() > 0.01);
  CHECK(fall[1] == Approx(fall[0]).epsilon(1e-12));
}

TEST_CASE("links of a multibody take the factor on their masses as well") {
  const double factor = GENERATE(1.0, 0.5, 2.5);
  BulletWorld world({.gravity = 0}, {.mass = factor});
  RobotBody robot(world, slider(), kFixed);
  for (int step = 0; step < 24; ++step) {
    robot.add_torque(0, 3);
    world.step();
  }
  CHECK(robot.velocity(0) == Approx(0.15 / factor).epsilon(1e-9));
  // A base that is free: the same force pushes it back in proportion.
  BulletWorld free({.gravity = 0}, {.mass = factor});
  RobotBody floating(free, slider(), {.linear_damping = 0, .angular_damping = 0});
  for (int step = 0; step < 24; ++step) {
    floating.add_torque(0, 3);
    free.step();
  }
  CHECK(floating.link_velocity(0).x() == Approx(-0.3 / factor).epsilon(1e-6));
}

TEST_CASE("a sliding body is braked by friction times the factor") {
  const double factor = GENERATE(0.5, 1.0, 1.5);
  BulletWorld world({}, {.friction = factor});
  add_ground(world, {.mass = 0, .friction = 0.5});
  // Flat, so that it does not tip.
  btRigidBody& box = world.add_body(world.keep(std::make_unique<btBoxShape>(btVector3(0.3, 0.3, 0.05))),
                                    at(0, 0, 0.05), {.mass = 2, .friction = 0.8});
  for (int i = 0; i < 60; ++i) world.step();  // settles
  box.setLinearVelocity(btVector3(3, 0, 0));
  for (int i = 0; i < 60; ++i) world.step();
  // mu g t with mu = 0.5 * 0.8 * factor, t = 0.25 s.
  CHECK(3 - box.getLinearVelocity().x() == Approx(0.4 * factor * kGravity * 0.25).epsilon(0.02));
}

TEST_CASE("a ball rises to the square of the restitution of the height it fell from") {
  const double restitution = GENERATE(0.0, 0.3, 0.7);
  BulletWorld world({}, {.restitution = restitution});
  add_ground(world, {.mass = 0});
  btRigidBody& ball =
      world.add_body(world.keep(std::make_unique<btSphereShape>(0.05)), at(0, 0, 1.05), {.mass = 1});
  double highest = 0;
  bool touched = false;
  for (int i = 0; i < 240; ++i) {
    world.step();
    const double height = ball.getWorldTransform().getOrigin().z() - 0.05;
    touched = touched || world.touching(ball);
    if (touched) highest = std::max(highest, height);
  }
  REQUIRE(touched);
  // A step of 1/240 s is 18 mm at the 4.4 m/s of the landing.
  CHECK(highest == Approx(restitution * restitution).margin(0.04));
}

TEST_CASE("damping is scaled as a rate, and drag adds to it") {
  const auto speed_after_a_second = [](const Variation& variation) {
    BulletWorld world({.gravity = 0}, variation);
    btRigidBody& box = add_box(world, at(0, 0, 0), {.mass = 2});
    box.setDamping(0.3, 0.3);
    box.setLinearVelocity(btVector3(1, 0, 0));
    for (int i = 0; i < 240; ++i) world.step();
    return box.getLinearVelocity().x();
  };
  // Bullet keeps 1 - d of the speed in a second.
  CHECK(speed_after_a_second({}) == Approx(0.7).epsilon(1e-9));
  CHECK(speed_after_a_second({.damping = 2}) == Approx(0.49).epsilon(1e-9));
  CHECK(speed_after_a_second({.damping = 0}) == Approx(1).epsilon(1e-9));
  CHECK(speed_after_a_second({.drag = 0.5}) == Approx(0.7 * std::exp(-0.5)).epsilon(1e-9));
}

TEST_CASE("a multibody's damping and that of its joints are scaled") {
  const auto speed_after_a_second = [](double link_damping, double joint_damping,
                                       const Variation& variation) {
    BulletWorld world({.gravity = 0}, variation);
    RobotOptions options = kFixed;
    options.linear_damping = link_damping;
    RobotBody robot(world, slider(joint_damping), options);
    robot.set_joint(0, 0, 1e-3);  // slow, for Bullet damps with the square of the speed as well
    robot.settle();
    for (int i = 0; i < 240; ++i) {
      robot.add_damping();
      world.step();
    }
    return 1e3 * robot.velocity(0);
  };
  // Explicit Euler: (1 - rate h)^240.
  const auto decay = [](double rate) { return std::pow(1 - rate * kPhysicsStep, 240); };
  CHECK(speed_after_a_second(0.4, 0, {}) == Approx(decay(0.4)).epsilon(1e-3));
  CHECK(speed_after_a_second(0.4, 0, {.damping = 2}) == Approx(decay(0.8)).epsilon(1e-3));
  CHECK(speed_after_a_second(0.4, 0, {.drag = 0.3}) == Approx(decay(0.7)).epsilon(1e-3));
  CHECK(speed_after_a_second(0, 0.6, {}) == Approx(decay(0.3)).epsilon(1e-3));  // 0.6 N·s/m on 2 kg
  CHECK(speed_after_a_second(0, 0.6, {.damping = 1.5}) == Approx(decay(0.45)).epsilon(1e-3));
}

TEST_CASE("a stronger motor gives its larger effort") {
  const double strength = GENERATE(1.0, 0.5, 1.4);
  BulletWorld world({.gravity = 0}, {.strength = strength});
  RobotBody robot(world, slider(), kFixed);
  for (int step = 0; step < 24; ++step) {
    robot.drive(0, 100, 100, 0, 3);  // wants far more than 3 N can give
    world.step();
  }
  CHECK(robot.velocity(0) == Approx(0.15 * strength).epsilon(1e-6));
}

TEST_CASE("each part's own factor has the spread that was asked for, whatever else is spread") {
  constexpr int kParts = 2000;
  const auto factors = [](const Variation& variation, bool of_mass) {
    BulletWorld world({}, variation, 5);
    std::vector<double> logarithms;
    for (int i = 0; i < kParts; ++i) add_box(world, at(i, 0, 0), {.mass = 2, .friction = 0.5});
    world.vary_parts();
    const auto& objects = world.dynamics().getCollisionObjectArray();
    for (int i = 0; i < kParts; ++i) {
      const double value =
          of_mass ? btRigidBody::upcast(objects[i])->getMass() / 2 : objects[i]->getFriction() / 0.5;
      logarithms.push_back(std::log(value));
    }
    return logarithms;
  };
  const auto deviation = [](const std::vector<double>& values) {
    double mean = 0, variance = 0;
    for (const double v : values) mean += v / kParts;
    for (const double v : values) variance += (v - mean) * (v - mean) / kParts;
    return std::sqrt(variance);
  };
  const auto masses = factors({.mass_spread = 0.1}, true);
  // The deviation of a sample is off by sigma / sqrt(2 n); four of these.
  CHECK(deviation(masses) == Approx(0.1).epsilon(4 / std::sqrt(2.0 * kParts)));
  CHECK(factors({.mass_spread = 0.1, .friction = 2, .friction_spread = 0.3}, true) == masses);
  CHECK(deviation(factors({.friction_spread = 0.3}, false)) ==
        Approx(0.3).epsilon(4 / std::sqrt(2.0 * kParts)));
}

TEST_CASE("a part is varied once, whenever it was added, and nothing is without a variation") {
  BulletWorld world({}, {.mass = 2, .friction = 4});
  btRigidBody& first = add_box(world, at(0, 0, 5), {.mass = 1, .friction = 0.5});
  world.vary_parts();
  world.step();
  btRigidBody& second = add_box(world, at(3, 0, 5), {.mass = 1, .friction = 0.5});
  world.step();
  world.step();
  for (const btRigidBody* body : {&first, &second}) {
    CHECK(body->getMass() == Approx(2));
    CHECK(body->getFriction() == Approx(1));  // the square root: the other side has the other half
  }
  BulletWorld plain;
  btRigidBody& box = add_box(plain, at(0, 0, 5), {.mass = 1.1, .friction = 0.7, .restitution = 0.2});
  const btVector3 inertia = box.getLocalInertia();
  plain.step();
  CHECK(box.getMass() == 1 / (1 / 1.1));
  CHECK(box.getFriction() == 0.7);
  CHECK(box.getRestitution() == 0.2);
  CHECK(box.getLocalInertia() == inertia);
}

}  // namespace
}  // namespace understudy
