// The fixed-rate loop on simulated and real time.

#include "capture/recording/control_loop.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/fake_task.h"

namespace understudy::tests {
namespace {

TEST_CASE("on a simulated clock every tick is exactly on time") {
  SimulatedClock clock;
  ControlLoop loop(clock, 30);
  for (int i = 0; i < 10000; ++i) {
    const Tick tick = loop.wait();
    REQUIRE(tick.index == i);
    REQUIRE(tick.start == tick.deadline);
    REQUIRE(tick.deadline == Approx(i / 30.0).epsilon(1e-12));
    REQUIRE(tick.skipped == 0);
    REQUIRE_FALSE(loop.overrun(tick));
  }
  CHECK(loop.measured_rate() == Approx(30).epsilon(1e-6));
}

TEST_CASE("work longer than a period is an overrun, and missed periods are skipped on the same grid") {
  PushedClock clock;
  ControlLoop loop(clock, 10);
  Tick tick = loop.wait();
  clock.push(0.09);
  CHECK_FALSE(loop.overrun(tick));
  clock.push(0.02);  // 0.11 s: the next tick is late, nothing is lost
  CHECK(loop.overrun(tick));
  tick = loop.wait();
  CHECK(tick.skipped == 0);
  CHECK(tick.deadline == Approx(0.1));
  CHECK(tick.start == Approx(0.11));
  clock.push(0.25);  // until 0.36 s: the ticks of 0.2 s is lost, that of 0.3 s comes late
  tick = loop.wait();
  CHECK(tick.skipped == 1);
  CHECK(tick.deadline == Approx(0.3));
  CHECK(loop.overrun(tick));
  tick = loop.wait();
  CHECK(tick.deadline == Approx(0.4));
  CHECK(tick.skipped == 0);
}

TEST_CASE("the measured rate is the real one, not the wanted one") {
  PushedClock clock;
  ControlLoop loop(clock, 30);
  for (int i = 0; i < 300; ++i) {
    loop.wait();
    clock.push(0.05);  // longer than the period of 1/30 s
  }
  CHECK(loop.measured_rate() == Approx(20).epsilon(0.01));
}

TEST_CASE("the real clock never wakes early and keeps the grid") {
  RealClock clock;
  ControlLoop loop(clock, 200);
  const double begin = clock.now();
  for (int i = 0; i < 40; ++i) {
    const Tick tick = loop.wait();
    REQUIRE(tick.start >= tick.deadline);
  }
  CHECK(clock.now() - begin >= 39 / 200.0);
  CHECK(clock.real());
}

TEST_CASE("rates out of range are usage errors") {
  SimulatedClock clock;
  CHECK_THROWS_AS(ControlLoop(clock, 0), UsageError);
  CHECK_THROWS_AS(ControlLoop(clock, 5000), UsageError);
}

}  // namespace
}  // namespace understudy::tests
