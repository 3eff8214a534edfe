// Generalised advantage estimation on streams of a few steps.

#include "irl/on_policy/advantages.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

struct Estimate {
  Vector advantages, returns;
};

Estimate estimate(std::vector<float> rewards, std::vector<float> values, std::vector<float> next_values,
                  std::vector<std::uint8_t> terminated, std::vector<std::uint8_t> truncated,
                  const AdvantageConfig& config) {
  const auto count = static_cast<Eigen::Index>(rewards.size());
  Estimate result{Vector(count), Vector(count)};
  estimate_advantages({.rewards = Eigen::Map<Vector>(rewards.data(), count),
                       .values = Eigen::Map<Vector>(values.data(), count),
                       .next_values = Eigen::Map<Vector>(next_values.data(), count),
                       .terminated = terminated,
                       .truncated = truncated},
                      config, result.advantages, result.returns);
  return result;
}

void check_values(const Vector& found, const std::vector<double>& want) {
  REQUIRE(found.size() == static_cast<Eigen::Index>(want.size()));
  for (std::size_t i = 0; i < want.size(); ++i) {
    CAPTURE(i);
    CHECK(found(static_cast<Eigen::Index>(i)) == Approx(want[i]).epsilon(1e-6));
  }
}

constexpr AdvantageConfig kConfig{.gamma = 0.9, .lambda = 0.8, .absorbing_value = 0};

// By hand, gamma lambda = 0.72. Bootstrapped: A_2 = 1 + .9 * .2 - .3 = .88, A_1 = 1 + .9 *
// .3 - .4 + .72 * .88 = 1.5036,
// A_0 = 1 + .9 * .4 - .5 + .72 * 1.5036 = 1.942592. Terminated: A_2 = 1 - .3 = .7.
TEST_CASE(
    "advantages bootstrap through truncation and through the end of the steps, not through termination") {
  const bool truncated = GENERATE(false, true);
  const Estimate cut =
      estimate({1, 1, 1}, {0.5F, 0.4F, 0.3F}, {0.4F, 0.3F, 0.2F}, {0, 0, 0}, {0, 0, truncated}, kConfig);
  check_values(cut.advantages, {1.942592, 1.5036, 0.88});
  check_values(cut.returns, {2.442592, 1.9036, 1.18});
  const Estimate ended =
      estimate({1, 1, 1}, {0.5F, 0.4F, 0.3F}, {0.4F, 0.3F, 0.2F}, {0, 0, 1}, {0, 0, truncated}, kConfig);
  check_values(ended.advantages, {1.84928, 1.374, 0.7});
}

// The absorbing state pays 0.05 a step for ever: 0.05 / (1 - 0.9) = 0.5. A_2 = 1 + .9 * .5 - .3 = 1.15.
TEST_CASE("termination is worth the absorbing value") {
  AdvantageConfig config = kConfig;
  config.absorbing_value = 0.5;
  const Estimate found =
      estimate({1, 1, 1}, {0.5F, 0.4F, 0.3F}, {0.4F, 0.3F, 0.2F}, {0, 0, 1}, {0, 0, 0}, config);
  check_values(found.advantages, {1 + 0.36 - 0.5 + 0.72 * (0.87 + 0.72 * 1.15), 0.87 + 0.72 * 1.15, 1.15});
}

TEST_CASE("an episode's advantages do not depend on the episode that follows it in the stream") {
  const bool terminated = GENERATE(false, true);
  for (const float other : {-100.0F, 7.0F}) {
    const Estimate found = estimate({1, 1, other}, {0.5F, 0.4F, other}, {0.4F, 0.3F, other},
                                    {0, terminated, 0}, {0, !terminated, 0}, kConfig);
    const double last = 1 + (terminated ? 0 : 0.9 * 0.3) - 0.4;
    check_values(found.advantages.head(2), {1 + 0.36 - 0.5 + 0.72 * last, last});
  }
}

// lambda = 1 telescopes: A_t + V_t is the discounted return with the bootstrapped end.
TEST_CASE("with lambda 1 returns are discounted returns, with lambda 0 one-step targets") {
  AdvantageConfig config = kConfig;
  config.lambda = 1;
  const Estimate whole = estimate({1, 2, 3}, {5, -4, 9}, {-4, 9, 2}, {0, 0, 0}, {0, 0, 1}, config);
  check_values(whole.returns, {1 + 0.9 * (2 + 0.9 * (3 + 0.9 * 2)), 2 + 0.9 * (3 + 0.9 * 2), 3 + 0.9 * 2});
  config.lambda = 0;
  const Estimate one = estimate({1, 2, 3}, {5, -4, 9}, {-4, 9, 2}, {0, 0, 0}, {0, 0, 1}, config);
  check_values(one.returns, {1 - 0.9 * 4, 2 + 0.9 * 9, 3 + 0.9 * 2});
}

TEST_CASE("standardised values have mean 0 and deviation 1, and equal ones are 0") {
  Vector values(4);
  values << 1, 3, 5, 7;  // mean 4, variance 5
  standardise(values);
  CHECK(values(0) == Approx(-3 / std::sqrt(5.0)));
  CHECK(values(3) == Approx(3 / std::sqrt(5.0)));
  Vector equal = Vector::Constant(3, 2.5F);
  standardise(equal);
  CHECK(equal.isZero());
}

}  // namespace
}  // namespace understudy
