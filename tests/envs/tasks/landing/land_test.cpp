#include "envs/tasks/landing/land.h"

#include <cmath>
#include <numbers>

#include "envs/rollouts/rollout.h"
#include "envs/tasks/landing/land_rooftop.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using namespace land;

Vector action(float dx, float dy, float dz, float yaw) {
  Vector a(4);
  a << dx, dy, dz, yaw;
  return a;
}

/// The expert's flight, but for the vertical velocity below `height`, which is `sink` [m/s].
StepResult land_hard(Environment& env, double height, float sink, int steps, Vector& o) {
  const auto expert = make_land_expert();
  Matrix seen(1, kObservationSize), chosen(1, 4);
  StepResult result;
  for (int t = 0; t < steps && !result.terminated; ++t) {
    seen.row(0) = o.transpose();
    expert->act(seen, chosen);
    if (-o[kToPad + 2] < height) chosen(0, 2) = -sink / static_cast<float>(kMaxClimb);
    result = env.step(chosen.row(0).transpose(), o);
    if (o[kTouching] > 0 && sink > 0.5F) break;
  }
  return result;
}

TEST_CASE("the fields of Land's observation are where the header says") {
  const Space space = make_land()->spec().observation;
  CHECK(space.size() == kObservationSize);
  CHECK(space.offset("to_pad") == kToPad);
  CHECK(space.offset("velocity") == kVelocity);
  CHECK(space.offset("tilt") == kTilt);
  CHECK(space.offset("body_rate") == kBodyRate);
  CHECK(space.offset("touching") == kTouching);
}

TEST_CASE("each action moves the quadrotor along its own axis of the heading frame") {
  const auto env = make_land();
  Vector o(kObservationSize);
  const int axis = GENERATE(0, 1, 2);
  const float sign = GENERATE(-0.5F, 0.5F);
  env->reset(11, o);
  Vector a = Vector::Zero(4);
  a[axis] = sign;
  for (int t = 0; t < 60; ++t) env->step(a, o);
  const double full = axis == 2 ? kMaxClimb : kMaxSpeed;
  // Gusts of 0.4 m/s push it about by some centimetres per second.
  CHECK(o[kVelocity + axis] == Approx(sign * full).margin(0.25));
}

TEST_CASE("turning left brings a pad that was ahead to the right side") {
  const auto env = make_land();
  Vector o(kObservationSize);
  env->reset(4, o);
  const double before = std::atan2(o[kToPad + 1], o[kToPad]);
  for (int t = 0; t < 45; ++t) env->step(action(0, 0, 0, 0.5F), o);
  // 1.5 s at 0.75 rad/s, less the start.
  const double after = std::atan2(o[kToPad + 1], o[kToPad]);
  CHECK(std::remainder(after - before, 2 * std::numbers::pi) == Approx(-1.1).margin(0.2));
  CHECK(o[kBodyRate + 2] == Approx(0.75).margin(0.1));
}

TEST_CASE("flying into the roof at full speed is a crash: terminated, no success, the penalty paid") {
  const auto env = make_land();
  Vector o(kObservationSize);
  env->reset(6, o);
  const StepResult result = land_hard(*env, 3, 2, 900, o);
  CHECK(result.terminated);
  CHECK(result.cause == "crashed");
  CHECK_FALSE(result.success);
  CHECK(result.reward < -4);
}

TEST_CASE(
    "a touchdown at 0.8 m/s does not count, however long it stands; after lifting off a gentle one does") {
  const auto env = make_land();
  Vector o(kObservationSize);
  env->reset(12, o);
  StepResult result = land_hard(*env, 1, 0.8F, 900, o);
  REQUIRE_FALSE(result.terminated);
  REQUIRE(o[kTouching] == 1);
  REQUIRE(o.segment<2>(kToPad).norm() < kPadTolerance);
  for (int t = 0; t < 90; ++t) {
    result = env->step(action(0, 0, -0.2F, 0), o);
    REQUIRE_FALSE(result.terminated);
  }
  CHECK(o[kTouching] == 1);
  CHECK(o.segment<3>(kVelocity).norm() < 0.02F);
  for (int t = 0; t < 30; ++t) env->step(action(0, 0, 0.4F, 0), o);
  REQUIRE(o[kTouching] == 0);
  result = land_hard(*env, 0, 0.3F, 600, o);
  CHECK(result.success);
  CHECK(result.terminated);
}

TEST_CASE("flying away ends the episode as a failure") {
  const auto env = make_land();
  Vector o(kObservationSize);
  env->reset(2, o);
  StepResult result;
  int steps = 0;
  while (!result.terminated && ++steps < 600) result = env->step(action(-1, 0, 0.5F, 0), o);
  CHECK(result.terminated);
  CHECK_FALSE(result.success);
  CHECK(o.segment<3>(kToPad).norm() > 19);
}

TEST_CASE("nothing on the roof reaches into the cone of 40 degrees above the pad's edge") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    Rng rng(seed);
    const Rooftop rooftop = Rooftop::draw(rng);
    for (const RoofBox& box : rooftop.boxes) {
      if (box.kind == BoxKind::kPad || box.kind == BoxKind::kRoof) continue;
      // The nearest point of the box, seen from above.
      const Eigen::Vector2d pad = rooftop.pad.head<2>();
      const Eigen::Vector2d low = (box.centre - box.half).head<2>(), high = (box.centre + box.half).head<2>();
      const double distance = (pad.cwiseMax(low).cwiseMin(high) - pad).norm() - kPadHalfWidth;
      const double height = box.centre.z() + box.half.z() - rooftop.pad.z();
      CHECK(height < std::tan(0.698) * distance);
    }
  }
}

TEST_CASE("an expert's landing earns a fifth of the way plus five, less what time and control cost") {
  const auto env = make_environment("Land");
  const auto expert = make_expert("Land");
  const Episode episode = rollout(*env, *expert, GENERATE(31, 32, 33), {.keep_states = true});
  REQUIRE(episode.success);
  CHECK(episode.terminated);
  double sum = 0;
  for (const float r : episode.rewards) sum += r;
  const double way = episode.observations.row(0).head<3>().norm();
  CHECK(sum < 5 + 0.2 * way);
  CHECK(sum > 5 + 0.2 * way - 0.015 * episode.length());
  // The last second was spent standing.
  for (Eigen::Index t = episode.length() - kStaySteps + 1; t <= episode.length(); ++t) {
    CHECK(episode.observations(t, kTouching) == 1);
    CHECK(episode.observations.row(t).segment<2>(kToPad).norm() < kPadTolerance);
  }
}

TEST_CASE("the wind of an episode is its seed's, and another seed's is another") {
  const auto env = make_land();
  Vector o(kObservationSize);
  State a(env->state_dim()), b(env->state_dim()), c(env->state_dim());
  env->reset(5, o);
  env->step(action(0, 0, 0, 0), o);
  env->read_state(a);
  env->reset(5, o);
  env->step(action(1, 0, 1, 0), o);
  env->read_state(b);
  env->reset(6, o);
  env->step(action(0, 0, 0, 0), o);
  env->read_state(c);
  CHECK(a.tail<3>() == b.tail<3>());
  CHECK(a.tail<3>() != c.tail<3>());
}

}  // namespace
}  // namespace understudy
