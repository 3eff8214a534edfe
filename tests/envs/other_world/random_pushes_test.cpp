#include "envs/other_world/random_pushes.h"

#include <cmath>

#include "tests/support/catch.h"

namespace understudy {
namespace {

TEST_CASE(
    "pushes come at their rate, have their deviation times the mass, and fade with their time constant") {
  const WorldFile file =
      parse_world("world = \"own\"\n[forces]\npushes = 2\nacceleration = 3\nlasts = 0.5\n", "test");
  RandomPushes pushes(file, 4);
  BulletWorld world;
  btRigidBody& body = world.add_body(world.keep(std::make_unique<btSphereShape>(0.1)),
                                     btTransform::getIdentity(), {.mass = 2});
  constexpr double kStep = 0.01;
  constexpr int kSteps = 50000;
  const double kept = std::exp(-kStep / 0.5);
  int count = 0;
  double squares = 0, last = 0;
  for (int i = 0; i < kSteps; ++i) {
    body.clearForces();
    pushes.apply(world, kStep);
    const double now = body.getTotalForce().x();
    if (now != Approx(kept * last).margin(1e-12)) {
      ++count;
      squares += now * now;
    }
    last = now;
  }
  // 2/s over 500 s, one a step at most: 50000 (1 - exp(-0.02)) = 990, give or take 31.
  CHECK(count == Approx(990).margin(4 * 31));
  CHECK(std::sqrt(squares / count) == Approx(6).epsilon(4 / std::sqrt(2.0 * 990)));
}

}  // namespace
}  // namespace understudy
