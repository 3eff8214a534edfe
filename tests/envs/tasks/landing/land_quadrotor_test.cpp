#include "envs/tasks/landing/land_quadrotor.h"
#include "datasets/types/rng_streams.h"

#include <cmath>

#include "envs/tasks/landing/land_autopilot.h"
#include "envs/tasks/landing/land_wind.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using Eigen::Vector3d;

/// A quadrotor with its skids `clearance` above an endless plane.
struct Air {
  explicit Air(double clearance = 500, const QuadrotorOptions& options = {}) {
    auto& plane = world.keep(std::make_unique<btStaticPlaneShape>(btVector3(0, 0, 1), 0));
    world.add_body(plane, btTransform::getIdentity(), {.mass = 0, .friction = 0.9, .group = 1});
    quadrotor = std::make_unique<Quadrotor>(world, Vector3d(0, 0, clearance + options.skid_depth), 0.0, 2, 1,
                                            options);
  }
  void run(double seconds, const Vector3d& wind = Vector3d::Zero()) {
    for (int i = 0; i < static_cast<int>(std::lround(seconds * 240)); ++i) {
      quadrotor->before_step(wind);
      world.step();
    }
  }
  void fly(double seconds, Autopilot& autopilot, const Vector3d& velocity, double yaw_rate,
           const Vector3d& wind) {
    for (int i = 0; i < static_cast<int>(std::lround(seconds * 240)); ++i) {
      const FlightState state{quadrotor->rotation(), quadrotor->velocity(), quadrotor->body_rate(), false};
      quadrotor->command(autopilot.fly(state, velocity, yaw_rate, kPhysicsStep));
      quadrotor->before_step(wind);
      world.step();
    }
  }
  BulletWorld world;
  std::unique_ptr<Quadrotor> quadrotor;
};

TEST_CASE("four rotors at hover speed carry the weight, and 0.716 kg need 453.2 rad/s") {
  const QuadrotorOptions options;
  CHECK(options.mass() == Approx(0.716));
  // sqrt(0.716 * 9.81 / (4 * 8.54858e-6))
  CHECK(options.hover_speed() == Approx(453.224).epsilon(1e-5));
  RotorArray speeds;
  speeds.fill(options.hover_speed());
  const Wrench wrench = rotor_wrench(options, speeds, Vector3d::Zero());
  CHECK(wrench.force.z() == Approx(options.mass() * kGravity).epsilon(1e-12));
  CHECK(wrench.torque.norm() < 1e-12);

  Air air;
  const Vector3d start = air.quadrotor->position();
  air.run(3);
  CHECK((air.quadrotor->position() - start).norm() < 1e-6);
}

TEST_CASE("a rotor told another speed has covered 1 - e^(-t / lag) of the way, slower down than up") {
  Air air;
  const QuadrotorOptions& options = air.quadrotor->options();
  const double from = 300, to = GENERATE(700.0, 100.0);
  const double lag = to > from ? 0.0125 : 0.025;
  RotorArray speeds;
  speeds.fill(from);
  air.quadrotor->set_rotor_speeds(speeds);
  speeds.fill(to);
  air.quadrotor->command(speeds);
  for (int step = 1; step <= 24; ++step) {
    air.run(kPhysicsStep);
    const double covered = (air.quadrotor->speeds()[0] - from) / (to - from);
    CHECK(covered == Approx(1 - std::exp(-step * kPhysicsStep / lag)).epsilon(1e-9));
  }
  CHECK(RotorLag(options, options.lag_up).next(0, 1) == Approx(1 - std::exp(-1.0)));
}

TEST_CASE("with the rotors stopped it falls as v tanh(g t / v) says, to sqrt(2 m g / (density area))") {
  Air air;
  air.quadrotor->set_rotor_speeds({0, 0, 0, 0});
  air.quadrotor->command({0, 0, 0, 0});
  const double terminal = std::sqrt(2 * 0.716 * 9.81 / (1.225 * 0.05));
  CHECK(air.quadrotor->options().terminal_speed() == Approx(terminal));
  double t = 0;
  for (const double until : {0.5, 1.0, 2.0, 4.0}) {
    air.run(until - t);
    t = until;
    // Semi-implicit Euler at 240 Hz: within half a step's acceleration.
    CHECK(-air.quadrotor->velocity().z() ==
          Approx(terminal * std::tanh(kGravity * t / terminal)).margin(kGravity * kPhysicsStep));
  }
  air.run(12);
  CHECK(-air.quadrotor->velocity().z() == Approx(terminal).epsilon(1e-6));
  CHECK(air.quadrotor->velocity().head<2>().norm() < 1e-9);
}

TEST_CASE("standing in wind and moving through still air feel the same") {
  const Vector3d wind(4, -2, 1);
  Air still, windy;
  still.quadrotor->body().setLinearVelocity(btVector3(-wind.x(), -wind.y(), -wind.z()));
  still.run(1);
  windy.run(1, wind);
  CHECK((still.quadrotor->velocity() + wind - windy.quadrotor->velocity()).norm() < 1e-9);
  // Downwind, and up with the rising air.
  CHECK(windy.quadrotor->velocity().dot(wind) > 0.5);
}

TEST_CASE("each rotor tips and turns the hull the way its place and its direction say") {
  const QuadrotorOptions options;
  const double w = options.hover_speed(), more = 1.1 * w;
  const auto torque = [&](const RotorArray& speeds) {
    return rotor_wrench(options, speeds, Vector3d::Zero()).torque;
  };
  CHECK(torque({more, w, w, w}).y() < 0);  // nose up
  CHECK(torque({w, more, w, w}).x() > 0);  // left side up
  CHECK(torque({w, w, more, w}).y() > 0);
  CHECK(torque({w, w, w, more}).x() < 0);
  // Clockwise rotors push the hull to the left.
  CHECK(torque({more, w, more, w}).z() > 0);
  CHECK(torque({w, more, w, more}).z() < 0);
}

TEST_CASE("the rotor speeds asked for a thrust and a torque give just these") {
  const QuadrotorOptions options;
  Rng rng(5);
  for (int trial = 0; trial < 100; ++trial) {
    const double thrust = rng.uniform(4, 14);
    const Vector3d torque(rng.uniform(-0.1, 0.1), rng.uniform(-0.1, 0.1), rng.uniform(-0.02, 0.02));
    const Wrench wrench = rotor_wrench(options, rotor_speeds_for(options, thrust, torque), Vector3d::Zero());
    CHECK(wrench.force.z() == Approx(thrust));
    CHECK((wrench.torque - torque).norm() < 1e-12);
  }
}

TEST_CASE("the autopilot holds the velocity it was told to, whatever the wind") {
  const Vector3d wind = GENERATE(Vector3d(0, 0, 0), Vector3d(4, 0, 0), Vector3d(-2, 3, 0));
  const Vector3d wanted =
      GENERATE(Vector3d(0, 0, 0), Vector3d(2, 1, 0), Vector3d(0, 0, -1), Vector3d(-2, 0, 1.5));
  Air air;
  Autopilot autopilot(air.quadrotor->options());
  air.fly(12, autopilot, wanted, 0, wind);
  CHECK((air.quadrotor->velocity() - wanted).norm() < 0.03);
  CHECK(std::abs(heading_of(air.quadrotor->rotation())) < 0.01);
  // Leaning against the wind.
  if (wanted.head<2>().norm() == 0 && wind.norm() > 0) {
    CHECK(air.quadrotor->rotation().col(2).dot(wind) < -0.1);
  }
}

TEST_CASE("commands that change fast neither tip the quadrotor over nor spin it up") {
  Air air;
  Autopilot autopilot(air.quadrotor->options());
  Rng rng(8);
  for (int i = 0; i < 200; ++i) {
    const Vector3d wanted(3 * rng.uniform(-1, 1), 3 * rng.uniform(-1, 1), 2 * rng.uniform(-1, 1));
    air.fly(0.1, autopilot, wanted, 1.5 * rng.uniform(-1, 1), Vector3d(2, 2, 0));
    REQUIRE(air.quadrotor->rotation()(2, 2) > std::cos(0.75));
    REQUIRE(air.quadrotor->body_rate().norm() < 8);
  }
}

TEST_CASE("turning left at a rate gives that rate and no drift") {
  Air air;
  Autopilot autopilot(air.quadrotor->options());
  air.fly(3, autopilot, Vector3d::Zero(), 1.2, Vector3d::Zero());
  CHECK(air.quadrotor->body_rate().z() == Approx(1.2).epsilon(0.02));
  CHECK(air.quadrotor->velocity().norm() < 0.02);
}

TEST_CASE("upright it lands on its skids, upside down on its rotors") {
  const bool upright = GENERATE(true, false);
  Air air(0.05);
  air.quadrotor->set_rotor_speeds({0, 0, 0, 0});
  air.quadrotor->command({0, 0, 0, 0});
  CHECK(air.quadrotor->touch() == Quadrotor::Touch::kNone);
  if (!upright) {
    btTransform pose = air.quadrotor->body().getWorldTransform();
    pose.setRotation(btQuaternion(btVector3(1, 0, 0), 3.14159));
    air.quadrotor->body().setWorldTransform(pose);
    air.quadrotor->body().setInterpolationWorldTransform(pose);
  }
  air.run(1.5);
  CHECK(air.quadrotor->touch() == (upright ? Quadrotor::Touch::kSkids : Quadrotor::Touch::kHull));
  CHECK(air.quadrotor->velocity().norm() < 0.02);
  if (upright)
    CHECK(air.quadrotor->position().z() == Approx(air.quadrotor->options().skid_depth).margin(0.003));
}

TEST_CASE("gusts have the spread and the memory they were given, at any time step") {
  const double step = GENERATE(1.0 / 240, 1.0 / 15);
  const WindOptions options{.max_mean = 3, .level_gust = 0.5, .vertical_gust = 0.2, .correlation_time = 0.8};
  Wind wind(Rng::stream(3, RngStream{1}), options);
  CHECK(wind.mean().norm() <= options.max_mean);
  CHECK(wind.mean().z() == 0);
  const int steps = static_cast<int>(4000 / step),
            apart = static_cast<int>(std::lround(options.correlation_time / step));
  std::vector<Vector3d> gusts;
  for (int i = 0; i < steps; ++i) {
    wind.advance(step);
    gusts.emplace_back(wind.velocity() - wind.mean());
  }
  Vector3d mean = Vector3d::Zero(), square = Vector3d::Zero(), lagged = Vector3d::Zero();
  for (const Vector3d& gust : gusts) mean += gust, square += gust.cwiseAbs2();
  for (std::size_t i = 0; i + static_cast<std::size_t>(apart) < gusts.size(); ++i) {
    lagged += gusts[i].cwiseProduct(gusts[i + static_cast<std::size_t>(apart)]);
  }
  const double n = steps;
  const Vector3d spread = (square / n).cwiseSqrt();
  // 4000 s hold about 2500 independent gusts: the spread is known to 1.4 %, the mean to 2 % of the spread and
  // the correlation to 0.02; four times that.
  CHECK(spread.x() == Approx(options.level_gust).epsilon(0.06));
  CHECK(spread.y() == Approx(options.level_gust).epsilon(0.06));
  CHECK(spread.z() == Approx(options.vertical_gust).epsilon(0.06));
  CHECK((mean / n).norm() < 0.08);
  for (int axis = 0; axis < 3; ++axis)
    CHECK(lagged[axis] / square[axis] == Approx(std::exp(-1.0)).margin(0.08));
}

}  // namespace
}  // namespace understudy
