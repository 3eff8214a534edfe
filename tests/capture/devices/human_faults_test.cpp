// What the synthetic operator's hand does wrong, and how much.

#include <cmath>
#include <vector>

#include "capture/devices/human_faults.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

constexpr double kPeriod = 1.0 / 30;
const Space kSpace({{"x", 1, "-", -1, 1, ""}});

/// Acts what it sees.
class Echo : public Actor {
 public:
  void reset(int, std::uint64_t) override {}
  void act(ConstMatrixRef observations, MatrixRef actions) override { actions = observations; }
};

HumanFaultsConfig no_faults() {
  HumanFaultsConfig config;
  config.delay_min = config.delay_max = config.noise = config.hesitation_rate = 0;
  return config;
}

Vector one(double value) {
  return Vector::Constant(1, static_cast<float>(value));
}

TEST_CASE("without faults the hand is the expert's") {
  Echo expert;
  HumanFaults hand(no_faults(), expert, kSpace, 1, kPeriod);
  hand.reset(1, one(0));
  for (int i = 0; i < 50; ++i) CHECK(hand.act(one(std::sin(i)))[0] == static_cast<float>(std::sin(i)));
}

TEST_CASE("without anticipation a step is seen exactly one reaction delay later") {
  HumanFaultsConfig config = no_faults();
  config.delay_min = config.delay_max = 6 * kPeriod;
  config.anticipation = 0;
  Echo expert;
  HumanFaults hand(config, expert, kSpace, 1, kPeriod);
  hand.reset(1, one(0));
  for (int i = 0; i < 10; ++i) {
    const float seen = hand.act(one(0.5))[0];
    CAPTURE(i);
    // The tolerance covers the interpolation between the two steps that a delay of 6
    // periods may fall between.
    CHECK(seen == Approx(i >= 6 ? 0.5 : 0.0).margin(1e-5));
  }
}

TEST_CASE("a delay between two steps interpolates") {
  HumanFaultsConfig config = no_faults();
  config.delay_min = config.delay_max = 2.5 * kPeriod;
  config.anticipation = 0;
  Echo expert;
  HumanFaults hand(config, expert, kSpace, 1, kPeriod);
  hand.reset(1, one(0));
  float last = 0;
  for (int i = 1; i <= 20; ++i) last = hand.act(one(0.01 * i))[0];
  CHECK(last == Approx(0.01 * 17.5).epsilon(1e-4));
}

TEST_CASE("full anticipation makes up for the delay when things move evenly") {
  HumanFaultsConfig config = no_faults();
  config.delay_min = config.delay_max = 0.17;
  config.anticipation = 1;
  Echo expert;
  HumanFaults hand(config, expert, kSpace, 1, kPeriod);
  hand.reset(1, one(0));
  float last = 0;
  for (int i = 1; i <= 30; ++i) last = hand.act(one(0.01 * i))[0];
  CHECK(last == Approx(0.30).epsilon(1e-3));
}

TEST_CASE("what is expected stays within the observation's bounds") {
  HumanFaultsConfig config = no_faults();
  config.delay_min = config.delay_max = 0.2;
  config.anticipation = 1;
  Echo expert;
  HumanFaults hand(config, expert, Space({{"x", 1, "-", -0.25, 0.25, ""}}), 1, kPeriod);
  hand.reset(1, one(0));
  float last = 0;
  for (int i = 0; i < 30; ++i) last = hand.act(one(0.01 * i))[0];
  CHECK(last == 0.25F);
}

TEST_CASE("the tremor has the variance and the correlation time that were asked for") {
  HumanFaultsConfig config = no_faults();
  config.noise = 0.1;
  config.noise_time = 0.3;
  Echo expert;
  HumanFaults hand(config, expert, kSpace, 1, kPeriod);
  hand.reset(5, one(0));
  double squares = 0;
  double products = 0;
  double before = 0;
  constexpr int kSteps = 60000;
  for (int i = 0; i < kSteps; ++i) {
    const double value = double{hand.act(one(0.25))[0]} - 0.25;
    squares += value * value;
    products += value * before;
    before = value;
  }
  // About kSteps * period / (2 * noise_time) = 3333 independent samples: 2.4 %
  // standard error of the variance.
  CHECK(squares / kSteps == Approx(0.01).epsilon(0.1));
  CHECK(products / squares == Approx(std::exp(-kPeriod / 0.3)).epsilon(0.01));
}

TEST_CASE("a stick that is let go of does not tremble") {
  HumanFaultsConfig config = no_faults();
  config.noise = 0.1;
  Echo expert;
  HumanFaults hand(config, expert, kSpace, 1, kPeriod);
  hand.reset(5, one(0));
  for (int i = 0; i < 100; ++i) CHECK(hand.act(one(0))[0] == 0.0F);
}

TEST_CASE("the finer control is held where little is wanted, and takes its share of the tremor too") {
  HumanFaultsConfig config = no_faults();
  config.precision = 0.25;
  config.precision_time = 3 * kPeriod;
  Echo expert;
  HumanFaults hand(config, expert, kSpace, 1, kPeriod);
  hand.reset(5, one(0));
  for (int i = 0; i < 10; ++i) {
    CHECK(hand.act(one(0.2))[0] == 0.2F);
    CAPTURE(i);
    CHECK(hand.precise() == (i >= 3));
  }
  // More is wanted: no more than the finer control gives, until it is let go of.
  for (int i = 0; i < 10; ++i) {
    const float action = hand.act(one(0.8))[0];
    CAPTURE(i);
    CHECK(hand.precise() == (i < 3));
    CHECK(action == (i < 3 ? 0.25F : 0.8F));
  }
  config.noise = 0.1;
  const auto deviation = [&](double wanted) {
    HumanFaults shaky(config, expert, kSpace, 1, kPeriod);
    shaky.reset(5, one(0));
    double squares = 0;
    for (int i = 0; i < 6000; ++i) {
      const double off = static_cast<double>(shaky.act(one(wanted))[0]) - wanted;
      if (i >= 100) squares += off * off / 5900;
    }
    return std::sqrt(squares);
  };
  CHECK(deviation(0.1) == Approx(0.25 * deviation(0.4)).epsilon(0.1));
}

TEST_CASE("a switch is worked once it has been wanted, and the hand then rests until that can be seen") {
  HumanFaultsConfig config = no_faults();
  config.switch_time = 2 * kPeriod;
  config.switch_wait = 5 * kPeriod;
  Echo expert;
  const Space two({{"x", 1, "-", -1, 1, ""}, {"grip", 1, "-", -1, 1, ""}});
  HumanFaults hand(config, expert, two, 2, kPeriod, {1});
  Vector seen(2);
  seen << 0.5F, -1.0F;
  hand.reset(5, seen);
  const auto act = [&](float grip) {
    seen[1] = grip;
    return Vector(hand.act(seen));
  };
  CHECK(act(-1)[1] == 0);
  CHECK(act(-1)[1] == 0);
  CHECK(act(-1)[1] == -1);  // opens at once, and goes on
  CHECK(act(1)[0] == 0.5F);
  CHECK(act(-1)[1] == -1);  // one that changes its mind
  for (int i = 0; i < 2; ++i) CHECK(act(1)[1] == -1);
  for (int i = 0; i < 5; ++i) {
    const Vector closing = act(i == 2 ? -1.0F : 1.0F);
    CHECK(closing[0] == 0);
    CHECK(closing[1] == 1);
  }
  CHECK(act(1)[0] == 0.5F);
}

TEST_CASE("hesitation freezes the hand as often and as long as asked") {
  HumanFaultsConfig config = no_faults();
  config.hesitation_rate = 0.5;
  config.hesitation_min = config.hesitation_max = 0.2;  // 6 steps
  Echo expert;
  HumanFaults hand(config, expert, kSpace, 1, kPeriod);
  hand.reset(7, one(0));
  int frozen = 0;
  float before = -1;
  constexpr int kSteps = 30000;
  for (int i = 0; i < kSteps; ++i) {
    const float action = hand.act(one(0.9 * std::sin(0.1 * i)))[0];
    if (action == before) ++frozen;
    before = action;
  }
  // Free times last 1/0.5 = 2 s on average, freezes 0.2 s: 0.2 / 2.2 = 9.1 % of all steps.
  CHECK(frozen / static_cast<double>(kSteps) == Approx(0.2 / 2.2).epsilon(0.15));
}

TEST_CASE("the same seed gives the same hand, another seed another") {
  Echo expert;
  HumanFaults first(HumanFaultsConfig{}, expert, kSpace, 1, kPeriod);
  HumanFaults second(HumanFaultsConfig{}, expert, kSpace, 1, kPeriod);
  const auto run = [](HumanFaults& hand, std::uint64_t seed) {
    std::vector<float> actions;
    hand.reset(seed, one(0));
    for (int i = 0; i < 300; ++i) actions.push_back(hand.act(one(std::sin(0.05 * i)))[0]);
    return actions;
  };
  const auto actions = run(first, 1);
  CHECK(first.delay() >= 0.15);
  CHECK(first.delay() <= 0.20);
  CHECK(run(second, 2) != actions);
  CHECK(run(second, 1) == actions);
}

TEST_CASE("faults out of range are usage errors") {
  HumanFaultsConfig config;
  config.delay_min = 0.3;
  CHECK_THROWS_AS(validate(config), UsageError);
  config = {};
  config.noise = -1;
  CHECK_THROWS_WITH(validate(config), ContainsSubstring("noise in [0, 1]"));
}

TEST_CASE(
    "a hand that looks again lets go for as long as it looks and as often as it is said to, then goes on") {
  HumanFaultsConfig config = no_faults();
  config.look_rate = 0.5;
  config.look_min = config.look_max = 0.4;  // 12 steps
  Echo expert;
  HumanFaults hand(config, expert, kSpace, 1, kPeriod);
  hand.reset(1, one(0.7));
  int looks = 0, resting = 0;
  constexpr int kSteps = 30'000;  // 1000 s
  for (int i = 0; i < kSteps; ++i) {
    const float action = hand.act(one(0.7))[0];
    CHECK((action == 0 || action == 0.7F));
    if (action == 0) ++resting;
    if (action != 0 && resting > 0) {
      CHECK(resting % 12 == 0);  // or two looks without a step between them
      looks += resting / 12;
      resting = 0;
    }
  }
  // A look begins 0.5 times in every second without one: on average every 2.4 s. Five deviations of a Poisson count.
  CHECK(looks == Approx(1000 / 2.4).margin(5 * std::sqrt(1000 / 2.4)));
}

TEST_CASE("second looks out of range are refused") {
  HumanFaultsConfig config;
  config.look_rate = -1;
  CHECK_THROWS_WITH(validate(config), "human faults: want look_rate in [0, 10] 1/s");
  config.look_rate = 1;
  config.look_min = 1;
  CHECK_THROWS_WITH(validate(config), "human faults: want 0 <= look_min <= look_max");
}

}  // namespace
}  // namespace understudy::tests
