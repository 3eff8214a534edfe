#include "envs/randomisation/adaptive_randomisation.h"

#include <cmath>

#include "datasets/types/error.h"
#include "envs/randomisation/corner.h"
#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

/// What the range of visual.camera_x, in m, is from -10 to 10.
Randomisation camera(double low, double high, double step, int queue) {
  Randomisation randomisation;
  Distribution range{Distribution::Kind::kAdaptive, {low, high}, -5, 5};
  range.step = step;
  randomisation.set("visual.camera_x", range);
  randomisation.set_adaptive_rule({.queue = queue});
  return randomisation;
}

// Success is |x| < 1.5 and nothing else.
TEST_CASE("an adaptive range settles at the bound of what can be done, from inside and from outside") {
  const double start = GENERATE(0.2, 3.0);
  CAPTURE(start);
  constexpr double kStep = 0.1;
  AdaptiveRandomisation adaptive(camera(-start, start, kStep, 20));
  for (std::uint64_t seed = 0; seed < 30'000; ++seed)
    adaptive.ended(seed, std::abs(*adaptive.draw(seed).camera_x) < 1.5);
  CHECK(adaptive.ranges()[0].low == Approx(-1.5).margin(kStep + 1e-9));
  CHECK(adaptive.ranges()[0].high == Approx(1.5).margin(kStep + 1e-9));
}

TEST_CASE("each end of each range goes by its own episodes") {
  Randomisation randomisation = camera(-0.5, 0.5, 0.1, 10);
  Distribution friction{Distribution::Kind::kAdaptive, {0.9, 1.1}, 0.2, 2};
  friction.step = 0.05;
  randomisation.set("physics.friction", friction);
  AdaptiveRandomisation adaptive(randomisation);
  for (std::uint64_t seed = 0; seed < 20'000; ++seed) {
    const Variation v = adaptive.draw(seed);
    adaptive.ended(seed, *v.friction > 0.6 && *v.camera_x < 1);
  }
  REQUIRE(adaptive.ranges()[0].key == "physics.friction");
  CHECK(adaptive.ranges()[0].low == Approx(0.6).margin(0.051));
  CHECK(adaptive.ranges()[0].high == 2);  // as far as the file lets it
  CHECK(adaptive.ranges()[1].low == -5);
  CHECK(adaptive.ranges()[1].high == Approx(1).margin(0.101));
  // Four episodes in ten are at an end, half of them at an end of this range; elsewhere it is within.
  int at_ends = 0;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    const double x = *adaptive.draw(seed).camera_x;
    REQUIRE((adaptive.ranges()[1].low <= x && x <= adaptive.ranges()[1].high));
    at_ends += x == adaptive.ranges()[1].low || x == adaptive.ranges()[1].high ? 1 : 0;
  }
  CHECK(at_ends == Approx(2000).margin(160));  // 4 deviations of a binomial
}

TEST_CASE("an adaptive range goes on from its state as it would have") {
  AdaptiveRandomisation whole(camera(-0.2, 0.2, 0.1, 7));
  const auto run = [](AdaptiveRandomisation& adaptive, std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t seed = from; seed < to; ++seed)
      adaptive.ended(seed, std::abs(*adaptive.draw(seed).camera_x) < 1.5);
  };
  run(whole, 0, 111);
  AdaptiveRandomisation resumed(camera(-0.2, 0.2, 0.1, 7));
  resumed.restore(whole.state(), "x");
  run(whole, 111, 400);
  run(resumed, 111, 400);
  CHECK(whole.state().ends == resumed.state().ends);
  CHECK(whole.state().episodes == resumed.state().episodes);
  CHECK(whole.present() == resumed.present());
  auto state = whole.state();
  state.ends[0] = 3;
  CHECK_THROWS_WITH(resumed.restore(state, "last.ckpt"), StartsWith("last.ckpt: "));
}

TEST_CASE("a file with an adaptive range reads back, and elsewhere it is uniform as far as it may go") {
  const std::string text =
      "[physics]\nfriction = { adaptive = [0.9, 1.1], low = 0.2, high = 3, step = 0.05 }\n"
      "[adaptive]\nboundary = 0.5\nqueue = 30\nwiden = 0.9\nshrink = 0.2\ngood_return = 12.5\n";
  const Randomisation randomisation = parse_randomisation(text, "x");
  CHECK(to_toml(randomisation) == text);
  CHECK(randomisation.adapts());
  CHECK(*randomisation.adaptive_rule().good_return == 12.5);
  double low = 9, high = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    low = std::min(low, *randomisation.draw(seed).friction);
    high = std::max(high, *randomisation.draw(seed).friction);
  }
  CHECK((low >= 0.2 && low < 0.25 && high > 2.9 && high <= 3));
  CHECK(*corner_of(randomisation, Corner::kHigh).draw(1).friction == 3);
  CHECK_FALSE(AdaptiveRandomisation(randomisation).present().adapts());
}

TEST_CASE("an adaptive range that makes no sense is refused with the place and the reason") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {"physics.mass = { adaptive = [0.9, 1.1] }", "want low, high and step"},
      {"physics.mass = { adaptive = [0.9, 1.1], low = 1, high = 2, step = 0.1 }", "in this order"},
      {"physics.mass = { adaptive = [0.9, 1.1], low = 0.5, high = 2, step = 0 }", "a step above 0, found 0"},
      {"physics.mass = { adaptive = [0.9, 1.1], low = 0, high = 2, step = 0.1 }", "from 0.01 to 100"},
      {"physics.mass = { uniform = [0.9, 1.1], step = 0.1 }", "step belongs to adaptive only"},
      {"actuators.latency = { adaptive = [0, 1], low = 0, high = 3, step = 1 }", "want whole numbers"},
      {"adaptive.widen = 0.3", "shrink: want less than widen 0.3, found 0.4"},
      {"adaptive.queue = 0", "queue: want at least 1, found 0"},
      {"adaptive.queue = 1.5", "want a whole number"},
      {"adaptive.boundary = 0", "no range would ever move"},
      {"adaptive.rate = 1", "key of adaptive 'rate'"},
  }));
  CAPTURE(text);
  CHECK_THROWS_WITH(parse_randomisation(text + "\n", "f.toml"),
                    StartsWith("f.toml:1:") && ContainsSubstring(message));
}

}  // namespace
}  // namespace understudy::tests
