#include "tools/console/recent_rate.h"

#include "tests/support/catch.h"

namespace understudy::tools {
namespace {

TEST_CASE("the present rate forgets a fast beginning, and is the average of what is even") {
  RecentRate rate(0);
  // Ten seconds of 1000 a second, as a random actor collects, then 20 a second.
  double shown = 0;
  for (int tick = 1; tick <= 400; ++tick) {
    const double seconds = 0.5 * tick;
    shown = rate.after(seconds, seconds <= 10 ? 1000 * seconds : 10000 + 20 * (seconds - 10));
    if (seconds == 10) CHECK(shown == Approx(1000));
  }
  CHECK(shown == Approx(20));  // 13,800 in 200 s are 69 a second
  RecentRate even(500);
  for (int tick = 1; tick <= 100000; ++tick) shown = even.after(0.1 * tick, 500 + 3.0 * 0.1 * tick);
  CHECK(shown == Approx(3));
}

TEST_CASE("a rate holds both the training and the evaluations that interrupt it") {
  RecentRate rate(0);
  // In turn 8 s at 100 a second and 2 s of nothing.
  double least = 1e9, most = 0;
  for (int second = 1; second <= 1000; ++second) {
    const int turns = second / 10, rest = second % 10;
    const double shown = rate.after(second, 800.0 * turns + 100.0 * std::min(rest, 8));
    if (second < 200) continue;
    least = std::min(least, shown);
    most = std::max(most, shown);
  }
  CHECK(least > 75);
  CHECK(most < 85);
}

}  // namespace
}  // namespace understudy::tools
