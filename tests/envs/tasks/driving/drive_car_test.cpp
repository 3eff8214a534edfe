#include "envs/tasks/driving/drive_car.h"

#include "tests/support/catch.h"

namespace understudy {
namespace {

/// A car on an endless plane.
struct Plain {
  explicit Plain(const CarOptions& options = {}) {
    auto& plane = world.keep(std::make_unique<btStaticPlaneShape>(btVector3(0, 0, 1), 0));
    const btRigidBody& ground =
        world.add_body(plane, btTransform::getIdentity(), {.mass = 0, .group = kRoadBit});
    car = std::make_unique<DriveCar>(world, std::vector<const btCollisionObject*>{&ground},
                                     btVector3(0, 0, 0), 0.0, options);
  }
  void run(double seconds) {
    for (int i = 0; i < static_cast<int>(seconds * 240); ++i) {
      car->before_step();
      world.step();
    }
  }
  BulletWorld world;
  std::unique_ptr<DriveCar> car;
};

TEST_CASE("at rest each spring is compressed by g / 4k, whatever the mass") {
  // Bullet's suspension force is k x mass per wheel, so 4 k x = g.
  const double stiffness = GENERATE(5.88, 20.0, 50.0);
  const double mass = GENERATE(100.0, 350.0);
  CarOptions options;
  options.stiffness = stiffness;
  options.mass = mass;
  options.rest_length = 0.6;
  options.damping_in = options.damping_out = 0.5 * 2 * std::sqrt(stiffness);
  Plain plain(options);
  // Push it down first, so that it has to find its rest.
  plain.car->chassis().setLinearVelocity(btVector3(0, 0, -0.3));
  plain.run(12);
  for (int wheel = 0; wheel < DriveCar::kWheels; ++wheel) {
    CHECK(options.rest_length - plain.car->suspension_length(wheel) ==
          Approx(kGravity / (4 * stiffness)).margin(1e-4));
  }
}

TEST_CASE("with the wheels straight the car keeps its heading to a millionth of a radian") {
  Plain plain;
  plain.car->command(0, 0.7);
  plain.run(5);
  CHECK(plain.car->forward_speed() > 5);
  CHECK(std::abs(plain.car->yaw()) < 1e-6);
}

TEST_CASE("at walking pace the car turns about a circle of radius wheelbase / tan(angle)") {
  const double angle = GENERATE(-0.3, -0.1, 0.05, 0.2, 0.5);
  Plain plain;
  plain.car->command(angle, 0.25);
  plain.run(2);
  plain.car->command(angle, 0.09);
  plain.run(2);
  REQUIRE(plain.car->forward_speed() > 0.5);
  REQUIRE(plain.car->forward_speed() < 3);
  // Forward speed over yaw rate is the radius at the rear axle. Bullet's wheels slip a little, hence 3 %.
  CHECK(plain.car->forward_speed() / plain.car->yaw_rate() ==
        Approx(drive::kWheelbase / std::tan(angle)).epsilon(0.03));
}

TEST_CASE("full brake stops the car within the distance its deceleration says, and it never rolls back") {
  Plain plain;
  plain.car->command(0, 1);
  plain.run(3);
  const double speed = plain.car->forward_speed();
  const double begin = plain.car->chassis().getWorldTransform().getOrigin().x();
  plain.car->command(0, -1);
  plain.run(3);
  const double distance = plain.car->chassis().getWorldTransform().getOrigin().x() - begin;
  const CarOptions& options = plain.car->options();
  const double deceleration = options.brake_deceleration + options.rolling_deceleration;
  CHECK(distance == Approx(speed * speed / (2 * deceleration)).epsilon(0.05));
  CHECK(std::abs(plain.car->forward_speed()) < 1e-3);
}

TEST_CASE("full stick at any speed neither spins the car nor tips it over") {
  const double seconds = GENERATE(0.5, 1.5, 3.0, 8.0);
  const double side = GENERATE(-1.0, 1.0);
  CAPTURE(seconds, side);
  Plain plain;
  plain.car->command(0, 1);
  plain.run(seconds);
  for (int i = 0; i < 90; ++i) {
    plain.car->command(side * drive::max_steer_angle(plain.car->forward_speed()), 0.3);
    plain.run(1.0 / 30);
    REQUIRE(plain.car->upright());
    // Sideways slip of 30 degrees would be a spin.
    REQUIRE(std::abs(plain.car->left_speed()) < 0.58 * std::abs(plain.car->forward_speed()) + 0.5);
  }
  CHECK(plain.car->yaw_rate() * side > 0.3);
}

TEST_CASE("the steering angle that the car allows falls with speed and holds the cornering it promises") {
  CHECK(drive::max_steer_angle(0) == 0.5);
  CHECK(drive::max_steer_angle(3) == 0.5);
  for (const double speed : {7.0, 10.0, 14.0}) {
    CHECK(std::tan(drive::max_steer_angle(speed)) / drive::kWheelbase * speed * speed == Approx(11));
  }
}

}  // namespace
}  // namespace understudy
