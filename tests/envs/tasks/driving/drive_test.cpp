#include "envs/tasks/driving/drive.h"

#include <cmath>

#include "datasets/types/error.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using namespace drive;

Vector action(float steer, float throttle) {
  Vector a(2);
  a << steer, throttle;
  return a;
}

TEST_CASE("the fields of Drive's observation are where the header says") {
  const Space space = make_drive()->spec().observation;
  CHECK(space.size() == kObservationSize);
  CHECK(space.offset("lidar") == kLidar);
  CHECK(space.offset("speed") == kSpeed);
  CHECK(space.offset("slip") == kSlip);
  CHECK(space.offset("yaw_rate") == kYawRate);
  CHECK(space.offset("lateral_offset") == kLateralOffset);
  CHECK(space.offset("heading_error") == kHeadingError);
  CHECK(space.offset("curvature_ahead") == kCurvature);
}

TEST_CASE("steering right turns the car right") {
  const auto env = make_drive();
  Vector o(kObservationSize);
  for (const float steer : {-0.5F, 0.5F}) {
    env->reset(3, o);
    for (int t = 0; t < 20; ++t) env->step(action(steer, 1), o);
    CHECK(o[kSpeed] > 1.5F);
    // Left is positive.
    CHECK(o[kYawRate] * steer < -0.05F);
  }
}

TEST_CASE("driving straight on leaves the track: terminated, no success, the penalty paid") {
  const auto env = make_drive();
  Vector o(kObservationSize);
  for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
    CAPTURE(seed);
    env->reset(seed, o);
    StepResult result;
    int steps = 0;
    while (!result.terminated && ++steps < 600) result = env->step(action(0, 0.6F), o);
    REQUIRE(result.terminated);
    CHECK_FALSE(result.success);
    CHECK_FALSE(result.truncated);
    CHECK(std::abs(o[kLateralOffset]) > 3.5F);
    CHECK(result.reward < -4);
    CHECK(result.cause == "off track");
  }
}

TEST_CASE("standing still neither moves the car nor earns or costs anything") {
  const auto env = make_drive();
  Vector o(kObservationSize);
  env->reset(8, o);
  const Vector before = o;
  double sum = 0;
  for (int t = 0; t < 60; ++t) sum += env->step(action(0, 0), o).reward;
  CHECK(std::abs(sum) < 1e-3);
  CHECK(std::abs(o[kSpeed]) < 1e-3F);
  CHECK(o[kLateralOffset] == Approx(before[kLateralOffset]).margin(1e-3));
}

TEST_CASE("an expert's lap earns a tenth of its length, five for the lap, and little is lost") {
  const auto env = make_environment("Drive");
  const auto expert = make_expert("Drive");
  const Episode episode = rollout(*env, *expert, GENERATE(21, 22), {.keep_states = true});
  REQUIRE(episode.success);
  CHECK(episode.terminated);
  double sum = 0;
  for (const float r : episode.rewards) sum += r;
  // Tracks are 130 to 190 m long; the wheels' movements cost under 0.5, two cones at most are brushed.
  CHECK(sum > 13 + 5 - 1.5);
  CHECK(sum < 19.1 + 5);
  CHECK(episode.states.rows() == episode.length() + 1);
}

TEST_CASE("a cone that is run into falls, and costs its penalty once") {
  // Aim at cones until one is hit: drive along the edge where they stand.
  const auto env = make_drive();
  const auto expert = make_expert("Drive");
  Vector o(kObservationSize), a(2);
  Matrix seen(1, kObservationSize), chosen(1, 2);
  int hits = 0;
  for (std::uint64_t seed = 1; seed <= 6 && hits == 0; ++seed) {
    env->reset(seed, o);
    StepResult result;
    for (int t = 0; t < 700 && !result.terminated; ++t) {
      seen.row(0) = o.transpose();
      seen(0, kLateralOffset) -= 2.3F;  // the expert believes itself on the centreline when it is beside it
      expert->act(seen, chosen);
      a = chosen.row(0).transpose();
      State before(env->state_dim()), after(env->state_dim());
      env->read_state(before);
      result = env->step(a, o);
      env->read_state(after);
      if (result.terminated || result.reward > -0.3F) continue;
      ++hits;
      // Some cone (bodies of 13 entries after the car's) has begun to move.
      double fastest = 0;
      for (int cone = 1; cone <= 10; ++cone)
        fastest = std::max(fastest, after.segment<3>(13 * cone + 7).norm());
      CHECK(fastest > 0.3);
      break;
    }
  }
  CHECK(hits > 0);
}

}  // namespace
}  // namespace understudy
