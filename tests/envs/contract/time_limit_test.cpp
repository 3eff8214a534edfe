#include "envs/contract/time_limit.h"

#include "tests/support/catch.h"
#include "tests/support/line_task.h"

namespace understudy {
using namespace tests;
namespace {

const Vector kStill = Vector::Zero(1), kRight = Vector::Ones(1);

TEST_CASE("a TimeLimit truncates at its horizon and at no other step") {
  TimeLimit limited(std::make_unique<LineTask>(), 7);
  CHECK(limited.spec().horizon == 7);
  Vector observation(1);
  for (int episode = 0; episode < 2; ++episode) {
    limited.reset(3, observation);
    for (int t = 1; t <= 7; ++t) {
      const StepResult result = limited.step(kStill, observation);
      CHECK(result.truncated == (t == 7));
      CHECK_FALSE(result.terminated);
    }
    CHECK_THROWS_WITH(limited.step(kStill, observation),
                      ContainsSubstring("horizon of 7") && ContainsSubstring("reset"));
  }
}

TEST_CASE("terminating on the last step sets both flags, neither derived from the other") {
  LineTask bare;
  Vector observation(1);
  bare.reset(5, observation);
  int steps = 1;
  while (!bare.step(kRight, observation).terminated) ++steps;

  TimeLimit limited(std::make_unique<LineTask>(), steps);
  limited.reset(5, observation);
  StepResult result;
  for (int t = 0; t < steps; ++t) result = limited.step(kRight, observation);
  CHECK(result.terminated);
  CHECK(result.truncated);
  CHECK(result.success);
}

TEST_CASE("a restored episode has as many steps left as the saved one had") {
  TimeLimit limited(std::make_unique<LineTask>(), 5), other(std::make_unique<LineTask>(), 5);
  Vector observation(1);
  limited.reset(1, observation);
  for (int t = 0; t < 3; ++t) limited.step(kStill, observation);
  other.restore_state(limited.save_state(), observation);
  CHECK_FALSE(other.step(kStill, observation).truncated);
  CHECK(other.step(kStill, observation).truncated);
}

TEST_CASE("a TimeLimit refuses a horizon that is not positive and an environment that is not there") {
  CHECK_THROWS_WITH(TimeLimit(std::make_unique<LineTask>(), 0),
                    ContainsSubstring("Line: want a horizon") && ContainsSubstring("found 0"));
  CHECK_THROWS_AS(TimeLimit(nullptr, 5), Error);
}

}  // namespace
}  // namespace understudy
