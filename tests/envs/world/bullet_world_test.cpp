#include "envs/world/bullet_world.h"

#include "tests/support/catch.h"

namespace understudy {
namespace {

/// A ball in the air above a box on a plane.
struct Pile {
  Pile() {
    auto& plane = world.keep(std::make_unique<btStaticPlaneShape>(btVector3(0, 0, 1), 0));
    world.add_body(plane, btTransform::getIdentity(), {.mass = 0});
    auto& box = world.keep(std::make_unique<btBoxShape>(btVector3(0.2, 0.2, 0.2)));
    world.add_body(box, btTransform(btQuaternion(btVector3(0, 0, 1), 0.3), btVector3(0.05, 0, 0.2)),
                   {.mass = 2});
    auto& ball = world.keep(std::make_unique<btSphereShape>(0.1));
    world.add_body(ball, btTransform(btQuaternion::getIdentity(), btVector3(0, 0, 3)), {.mass = 1});
  }
  State state() const {
    State s(world.state_dim());
    world.read_state(s);
    return s;
  }
  BulletWorld world;
};

TEST_CASE("a body falls as semi-implicit Euler says, to rounding") {
  Pile pile;
  constexpr int kSteps = 120;
  for (int i = 0; i < kSteps; ++i) pile.world.step();
  const State state = pile.state();
  // v_n = -g n h and z_n = z_0 - g h² n (n + 1) / 2.
  const double h = kPhysicsStep;
  CHECK(state[13 + 9] == Approx(-kGravity * kSteps * h).epsilon(1e-12));
  CHECK(state[13 + 2] == Approx(3 - kGravity * h * h * kSteps * (kSteps + 1) / 2).epsilon(1e-12));
}

TEST_CASE("two worlds built alike stay the same to the last bit, contacts included") {
  Pile a, b;
  for (int i = 0; i < 600; ++i) {
    a.world.step();
    b.world.step();
  }
  CHECK(a.state() == b.state());
  // The ball has landed: the comparison covered contacts.
  CHECK(a.state()[13 + 2] < 0.7);
}

TEST_CASE("a state that was written is read back") {
  Pile pile;
  for (int i = 0; i < 100; ++i) pile.world.step();
  const State state = pile.state();
  REQUIRE(state.size() == 26);
  for (int i = 0; i < 50; ++i) pile.world.step();
  CHECK((pile.state() - state).cwiseAbs().maxCoeff() > 1e-3);
  pile.world.write_state(state);
  CHECK((pile.state() - state).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("only time inside Bullet's step is counted as engine time") {
  Pile pile;
  CHECK(pile.world.engine_seconds() == 0);
  pile.world.step();
  const double once = pile.world.engine_seconds();
  CHECK(once > 0);
  pile.state();
  CHECK(pile.world.engine_seconds() == once);
}

}  // namespace
}  // namespace understudy
