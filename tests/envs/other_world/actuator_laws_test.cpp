#include "envs/other_world/actuator_laws.h"

#include "tests/support/catch.h"

namespace understudy {
namespace {

TEST_CASE("friction falls from breakaway to Coulomb with the speed and then rises with it") {
  const JointFriction friction{.coulomb = 2, .breakaway = 1.5, .speed = 0.1, .viscous = 4};
  CHECK(friction.at(0) == 3);
  CHECK(friction.at(0.1) == Approx(2 * (1 + 0.5 * std::exp(-1)) + 0.4).epsilon(1e-12));
  CHECK(friction.at(-0.1) == friction.at(0.1));
  CHECK(friction.at(10) == Approx(2 + 40).epsilon(1e-12));
}

TEST_CASE("within half a play to either side nothing is passed on, and beyond it the rest") {
  CHECK(beyond_play(0.04, 0.1) == 0);
  CHECK(beyond_play(-0.05, 0.1) == 0);
  CHECK(beyond_play(0.08, 0.1) == Approx(0.03).epsilon(1e-12));
  CHECK(beyond_play(-0.08, 0.1) == Approx(-0.03).epsilon(1e-12));
  CHECK(beyond_play(0.08, 0) == 0.08);
}

TEST_CASE("slack is taken up before an action arrives, twice as long after a reversal") {
  const double step = 0.001;
  Slack slack(0.02);
  const auto steps_until_whole = [&](double action) {
    int steps = 0;
    while (std::abs(slack.pass(action, step)) < 0.999) ++steps;
    return steps;
  };
  CHECK(std::abs(steps_until_whole(1) - 20) <= 1);
  CHECK(std::abs(steps_until_whole(-1) - 40) <= 1);
  CHECK(slack.pass(0.5, step) == 0);  // it presses away from the stop that the slack is at
  CHECK(Slack(0).pass(0.7, step) == 0.7);
}

}  // namespace
}  // namespace understudy
