#include "envs/tasks/crowd/social_force.h"

#include <Eigen/Geometry>
#include <cmath>

#include "datasets/types/rng.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using Eigen::Vector2d;

const SocialForceOptions kPaper;
const Vector2d kStill = Vector2d::Zero();

Vector2d draw(Rng& rng, double size) {
  const double x = rng.uniform(-size, size);
  return {x, rng.uniform(-size, size)};
}

TEST_CASE("from rest a pedestrian's speed is v0 (1 - e^(-t / 0.5 s))") {
  // 1.34 m/s times 1 - e^(-0.2), 1 - e^(-1), 1 - e^(-2), 1 - e^(-4).
  const auto [t, speed] = GENERATE(std::pair{0.1, 0.2429}, std::pair{0.5, 0.8470}, std::pair{1.0, 1.1587},
                                   std::pair{2.0, 1.3155});
  const Vector2d ahead(0.6, 0.8);
  CHECK(velocity_after(kPaper, kStill, 1.34, ahead, kStill, share_kept(kPaper, t)).norm() ==
        Approx(speed).margin(5e-5));
  // Exact, so that many small steps lead to the same place as a great one.
  Vector2d velocity = kStill;
  const int steps = static_cast<int>(std::lround(t * 120));
  for (int i = 0; i < steps; ++i)
    velocity = velocity_after(kPaper, velocity, 1.34, ahead, kStill, share_kept(kPaper, 1.0 / 120));
  CHECK(velocity.dot(ahead) == Approx(1.34 * (1 - std::exp(-t / 0.5))).epsilon(1e-12));
}

TEST_CASE("the exact step is the limit of the driving force's small ones") {
  const Vector2d velocity(0.3, -0.7), direction(1, 0), pushed(-0.4, 0.9);
  const double seconds = 1e-6;
  const Vector2d slope =
      (velocity_after(kPaper, velocity, 1.34, direction, pushed, share_kept(kPaper, seconds)) - velocity) /
      seconds;
  CHECK((slope - driving_force(kPaper, velocity, 1.34, direction) - pushed).norm() < 1e-4);
}

TEST_CASE("somebody standing 1 m away pushes with 0.249718 m/s², straight away") {
  // V0 / sigma e^(-1 / sigma) = 7 e^(-10/3)
  const Vector2d force = repulsion(kPaper, Vector2d(0.6, -0.8), kStill);
  CHECK(force.norm() == Approx(0.249718).epsilon(1e-5));
  CHECK((force.normalized() - Vector2d(0.6, -0.8)).norm() < 1e-12);
}

TEST_CASE("repulsion is minus the gradient of its potential, wherever and whichever way the other walks") {
  Rng rng(12);
  for (int trial = 0; trial < 200; ++trial) {
    const Vector2d offset = draw(rng, 2), velocity = draw(rng, 1.5);
    const double h = 1e-6;
    Vector2d slope;
    for (int axis = 0; axis < 2; ++axis) {
      Vector2d step = Vector2d::Zero();
      step[axis] = h;
      slope[axis] = (repulsion_potential(kPaper, offset + step, velocity) -
                     repulsion_potential(kPaper, offset - step, velocity)) /
                    (2 * h);
    }
    const Vector2d force = repulsion(kPaper, offset, velocity);
    CAPTURE(offset, velocity);
    CHECK((force + slope).norm() < 1e-4 * (1 + force.norm()));
  }
}

TEST_CASE("who walks towards one pushes harder than who walks away, and turning the scene turns the force") {
  const Vector2d offset(1.5, 0.3);
  CHECK(repulsion(kPaper, offset, Vector2d(1, 0)).norm() >
        2 * repulsion(kPaper, offset, Vector2d(-1, 0)).norm());
  const Eigen::Rotation2Dd turn(0.9);
  const Vector2d velocity(0.7, 0.4);
  CHECK((turn * repulsion(kPaper, offset, velocity) - repulsion(kPaper, turn * offset, turn * velocity))
            .norm() < 1e-12);
}

TEST_CASE("on the other's own step the force is nothing rather than not a number") {
  CHECK(repulsion(kPaper, Vector2d(1, 0), Vector2d(1, 0)) == kStill);
  CHECK(repulsion(kPaper, kStill, kStill) == kStill);
  CHECK(wall_repulsion(kPaper, kStill) == kStill);
}

TEST_CASE("a wall pushes with 50 e^(-5 d) m/s², at right angles") {
  // U0 / R = 10 / 0.2
  for (const double d : {0.1, 0.4, 1.0}) {
    const Vector2d force = wall_repulsion(kPaper, Vector2d(0, -d));
    CHECK(force.x() == 0);
    CHECK(force.y() == Approx(-50 * std::exp(-5 * d)));
  }
}

TEST_CASE("within 100 degrees of the way ahead others count in full, behind half") {
  const Vector2d ahead(1, 0);
  for (const double degrees : {0.0, 60.0, 99.0, -99.0}) {
    const double angle = degrees * 0.017453292519943295;
    CHECK(view_weight(kPaper, std::cos(kPaper.view_angle / 2), ahead,
                      -Vector2d(std::cos(angle), std::sin(angle))) == 1);
  }
  for (const double degrees : {101.0, 180.0, -120.0}) {
    const double angle = degrees * 0.017453292519943295;
    CHECK(view_weight(kPaper, std::cos(kPaper.view_angle / 2), ahead,
                      -Vector2d(std::cos(angle), std::sin(angle))) == 0.5);
  }
}

TEST_CASE("nobody is pushed beyond 1.3 times the own speed") {
  const Vector2d fast =
      velocity_after(kPaper, Vector2d(1.3, 0), 1.34, Vector2d(1, 0), Vector2d(8, 5), share_kept(kPaper, 0.3));
  CHECK(fast.norm() == Approx(1.3 * 1.34));
}

}  // namespace
}  // namespace understudy
