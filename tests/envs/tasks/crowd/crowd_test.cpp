#include "envs/tasks/crowd/crowd.h"

#include <cmath>

#include "envs/rollouts/rollout.h"
#include "envs/tasks/crowd/crowd_walkers.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using namespace crowd;
using Eigen::Vector2d;

constexpr double kStep = 1.0 / 120;  // s

/// Walkers in an empty street without fronts, the robot far away.
struct Street {
  explicit Street(const std::vector<WalkerPlan>& plans)
      : world({.time_step = kStep}), walkers(world, plans) {}
  void run(double seconds) {
    for (int i = 0; i < static_cast<int>(std::lround(seconds / kStep)); ++i) {
      walkers.before_step(robot, Vector2d::Zero());
      world.step();
    }
  }
  BulletWorld world;
  Walkers walkers;
  Vector2d robot{0, 100};
};

WalkerPlan walker(const Vector2d& start, const Vector2d& first, const Vector2d& second,
                  bool attentive = true) {
  return {.start = start, .ends = {first, second}, .desired_speed = 1.34, .attentive = attentive};
}

TEST_CASE("the fields of Crowd's observation are where the header says") {
  const Space space = make_crowd()->spec().observation;
  CHECK(space.size() == kObservationSize);
  CHECK(space.offset("goal") == kGoal);
  CHECK(space.offset("velocity") == kVelocity);
  CHECK(space.offset("fronts") == kFronts);
  CHECK(space.offset("pedestrians") == kNearest);
}

TEST_CASE("alone on the street a pedestrian walks its speed, and turns round at the end of its way") {
  Street street({walker({-5, 0}, {5, 0}, {-5, 0})});
  street.run(6);
  CHECK(street.walkers.velocity(0).x() == Approx(1.34).epsilon(1e-6));
  CHECK(street.walkers.position(0).x() == Approx(-5 + 6 * 1.34).margin(1e-6));
  CHECK(street.walkers.walked(0) == Approx(6 * 1.34).margin(1e-6));
  CHECK(street.walkers.facing(0) == Approx(0).margin(1e-6));
  street.run(5);
  CHECK(street.walkers.velocity(0).x() == Approx(-1.34).epsilon(1e-3));
  CHECK(std::abs(std::remainder(street.walkers.facing(0) - 3.14159265, 2 * 3.14159265)) < 0.05);
}

TEST_CASE("two who meet walk round each other and reach their ends without a touch") {
  Street street({walker({-6, 0.1}, {6, 0}, {-6, 0}), walker({6, -0.1}, {-6, 0}, {6, 0})});
  double nearest = 1e9;
  for (int i = 0; i < 240; ++i) {
    street.run(1.0 / 30);
    nearest = std::min(nearest, (street.walkers.position(0) - street.walkers.position(1)).norm());
  }
  CHECK(nearest > 2 * kPedestrianRadius);
  CHECK(street.walkers.position(0).x() > 3);
  CHECK(street.walkers.position(1).x() < -3);
}

TEST_CASE("who sees the robot steps aside, who looks at the phone walks on") {
  const bool attentive = GENERATE(true, false);
  Street street({walker({-4, 0.1}, {8, 0.1}, {-8, 0}, attentive)});
  street.robot = {0, 0};
  double aside = 0;
  for (int i = 0; i < 120; ++i) {
    street.run(1.0 / 30);
    aside = std::max(aside, std::abs(street.walkers.position(0).y() - 0.1));
  }
  if (attentive) CHECK(aside > 0.25);
  // The fronts' push, 50 e^(-5 d) at 4 m, is all that is left.
  if (!attentive) CHECK(aside < 1e-6);
}

TEST_CASE("bodies that are pushed together do not pass through each other") {
  // They neither see each other nor slow down: 5 cm per step towards each other.
  std::vector<WalkerPlan> plans{walker({-3, 0}, {8, 0}, {-8, 0}), walker({3, 0}, {-8, 0}, {8, 0})};
  for (WalkerPlan& plan : plans) plan.desired_speed = 3;
  SocialForceOptions deaf;
  deaf.strength = 0;
  BulletWorld world({.time_step = kStep});
  Walkers walkers(world, plans, deaf);
  for (int i = 0; i < 120; ++i) {
    walkers.before_step({0, 100}, Vector2d::Zero());
    world.step();
    REQUIRE((walkers.position(0) - walkers.position(1)).norm() > 1.7 * kPedestrianRadius);
  }
}

TEST_CASE("pedestrians start apart from one another and from the robot, within the street") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Rng rng(seed);
    const Vector2d robot(-6, 0);
    const std::vector<WalkerPlan> plans = draw_walkers(rng, kPedestrians, robot);
    REQUIRE(plans.size() == kPedestrians);
    for (std::size_t i = 0; i < plans.size(); ++i) {
      CHECK((plans[i].start - robot).norm() >= 1.6);
      CHECK(std::abs(plans[i].start.y()) < kStreetHalfWidth - kPedestrianRadius);
      CHECK(std::abs(plans[i].desired_speed - 1.34) <= 0.52 + 1e-12);
      for (std::size_t j = 0; j < i; ++j) CHECK((plans[i].start - plans[j].start).norm() >= 0.8);
    }
  }
  Rng rng(1);
  CHECK_THROWS_WITH(draw_walkers(rng, 1000, Vector2d::Zero()), ContainsSubstring("no room for 1000"));
}

TEST_CASE("the pedestrians seen are the nearest in order, with the velocity that their movement shows") {
  const auto env = make_crowd();
  Vector o(kObservationSize), next(kObservationSize);
  const std::uint64_t seed = GENERATE(1, 2, 3);
  env->reset(seed, o);
  env->step(Vector::Zero(2), o);
  for (int t = 0; t < 60; ++t) {
    for (int k = 1; k < kSeen; ++k) {
      const int entry = kNearest + k * kSeenEntries;
      REQUIRE(o.segment<2>(entry - kSeenEntries).norm() <= o.segment<2>(entry).norm());
    }
    if (env->step(Vector::Zero(2), next).terminated) break;
    // Nobody overtakes anybody in a thirtieth of a second unless they are about equally far.
    const float gap = o.segment<2>(kNearest + kSeenEntries).norm() - o.segment<2>(kNearest).norm();
    if (gap > 0.2F) {
      const Eigen::Vector2f moved = 30 * (next.segment<2>(kNearest) - o.segment<2>(kNearest));
      REQUIRE((moved - o.segment<2>(kNearest + 2)).norm() < 0.5F);
    }
    o = next;
  }
}

TEST_CASE("the robot takes up the wanted velocity with its lag and within its acceleration") {
  const auto env = make_crowd();
  Vector o(kObservationSize), a(2);
  env->reset(5, o);
  a << 0, 1;
  const float left = o[kFronts];
  float before = 0;
  for (int t = 0; t < 30; ++t) {
    REQUIRE_FALSE(env->step(a, o).terminated);
    CHECK(o[kVelocity + 1] - before < 2.5F / 30 + 1e-4F);
    before = o[kVelocity + 1];
  }
  CHECK(o[kVelocity + 1] == Approx(kMaxSpeed).epsilon(0.02));
  CHECK(std::abs(o[kVelocity]) < 1e-6F);
  CHECK(o[kFronts] < left - 0.9F);
  CHECK(o[kFronts] + o[kFronts + 1] == Approx(2 * (kStreetHalfWidth - kRobotRadius)));
}

TEST_CASE("steering into a shop front ends in a touch: terminated, no success, the penalty paid") {
  const auto env = make_crowd();
  Vector o(kObservationSize), a(2);
  int fronts = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    const float side = seed % 2 == 0 ? -1.0F : 1.0F;
    env->reset(seed, o);
    a << 0, side;
    StepResult result;
    for (int t = 0; t < 200 && !result.terminated; ++t) result = env->step(a, o);
    REQUIRE(result.terminated);
    CHECK_FALSE(result.success);
    CHECK(result.cause == "collision");
    CHECK(result.reward < -4.5F);
    // Either the front is 0 m away or somebody came in between.
    const bool front = std::abs(o[side > 0 ? kFronts : kFronts + 1]) < 0.02F;
    const bool somebody = o.segment<2>(kNearest).norm() < kRobotRadius + kPedestrianRadius + 0.03;
    CHECK((front || somebody));
    fronts += front;
  }
  CHECK(fronts > 10);
}

TEST_CASE("whoever touches a pedestrian has ended the episode, at a gap of nothing") {
  // Straight for the nearest.
  const auto env = make_crowd();
  Vector o(kObservationSize);
  const std::uint64_t seed = GENERATE(1, 2, 3, 4);
  env->reset(seed, o);
  StepResult result;
  for (int t = 0; t < 600 && !result.terminated; ++t) {
    const Eigen::Vector2f ahead = o.segment<2>(kNearest) + o.segment<2>(kNearest + 2) * 0.5F;
    result = env->step(ahead.normalized(), o);
  }
  REQUIRE(result.terminated);
  CHECK_FALSE(result.success);
  CHECK(o.segment<2>(kNearest).norm() == Approx(kRobotRadius + kPedestrianRadius).margin(0.03));
}

TEST_CASE("going straight for the goal ends in somebody's way more often than not") {
  // 142 of 400 seeds arrive so, 12 of these 40.
  const auto env = make_environment("Crowd");
  Vector o(kObservationSize);
  int arrived = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    env->reset(seed, o);
    StepResult result;
    while (!result.terminated && !result.truncated) result = env->step(o.segment<2>(kGoal).normalized(), o);
    arrived += result.success;
  }
  CHECK(arrived < 20);
}

TEST_CASE("an expert's way earns a tenth of it plus five, less discomfort") {
  const auto env = make_environment("Crowd");
  const auto expert = make_expert("Crowd");
  const Episode episode = rollout(*env, *expert, GENERATE(41, 42), {.keep_states = true});
  REQUIRE(episode.success);
  CHECK(episode.terminated);
  double sum = 0;
  for (const float r : episode.rewards) sum += r;
  const double way = episode.observations.row(0).head<2>().norm();
  CHECK(sum < 5 + 0.1 * way);
  CHECK(sum > 5 + 0.1 * (way - kGoalRadius) - 0.3);
}

}  // namespace
}  // namespace understudy
