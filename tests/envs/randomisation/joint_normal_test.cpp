#include "envs/randomisation/joint_normal.h"

#include <cmath>

#include "datasets/types/error.h"
#include "envs/randomisation/corner.h"
#include "envs/randomisation/randomisation.h"
#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

JointNormal mass_and_gain() {
  return {.keys = {"physics.mass", "actuators.gain"},
          .mean = {1.1, 0.9},
          .covariance = {0.01, 0.004, 0.004, 0.0025},
          .low = {0.5, 0.5},
          .high = {2, 1.5}};
}

TEST_CASE("draws of a joint normal distribution have its mean and covariance") {
  const JointNormalSource source(mass_and_gain());
  Rng rng(3);
  constexpr int kDraws = 100'000;
  double sum[2] = {}, products[2][2] = {};
  for (int k = 0; k < kDraws; ++k) {
    const std::vector<double> x = source.draw(rng);
    for (int i = 0; i < 2; ++i) {
      sum[i] += x[static_cast<std::size_t>(i)] / kDraws;
      for (int j = 0; j < 2; ++j)
        products[i][j] += x[static_cast<std::size_t>(i)] * x[static_cast<std::size_t>(j)] / kDraws;
    }
  }
  // Four standard errors: of a mean s / sqrt(N), of a covariance sqrt((1 + r^2) / N) s_1 s_2. The bounds are 6 and 8
  // deviations away.
  CHECK(sum[0] == Approx(1.1).margin(4 * 0.1 / std::sqrt(kDraws)));
  CHECK(sum[1] == Approx(0.9).margin(4 * 0.05 / std::sqrt(kDraws)));
  CHECK(products[0][1] - sum[0] * sum[1] == Approx(0.004).margin(4 * 1.3 * 0.005 / std::sqrt(kDraws)));
  CHECK(products[0][0] - sum[0] * sum[0] == Approx(0.01).margin(4 * 1.42 * 0.01 / std::sqrt(kDraws)));
}

TEST_CASE("a joint normal distribution is truncated to its ranges") {
  JointNormal joint = mass_and_gain();
  joint.low = {1.1, 0.9};  // the upper quadrant of a correlation of 0.8
  const JointNormalSource source(joint);
  Rng rng(5);
  double mean = 0;
  for (int k = 0; k < 20'000; ++k) {
    const std::vector<double> x = source.draw(rng);
    REQUIRE((x[0] >= 1.1 && x[1] >= 0.9));
    mean += x[0] / 20'000;
  }
  // E[x | x > 0, y > 0] = (1 + r) phi(0) / (2 P) s with P = 1/4 + asin(r) / 2 pi = 0.397584: 0.9031 deviations.
  CHECK(mean == Approx(1.1 + 0.09031).margin(0.002));

  joint.low = {1.9, 0.5};  // where draws hardly ever come, they end on the bound
  joint.mean = {1.9, 0.5};
  joint.high = {1.92, 0.505};
  CHECK(JointNormalSource(joint).draw(rng)[0] >= 1.9);
}

TEST_CASE("a file with a joint normal distribution reads back as it was written, beside others") {
  Randomisation randomisation;
  randomisation.set("physics.friction", {Distribution::Kind::kUniform, {0.5, 1}});
  JointNormal joint = mass_and_gain();
  joint.mean[0] = 1.0 / 3;
  joint.low[0] = 0.1;
  joint.covariance[0] = std::sqrt(2.0) / 100;
  randomisation.set_joint(joint);
  const std::string text = to_toml(randomisation);
  CHECK(parse_randomisation(text, "x") == randomisation);
  CHECK(to_toml(parse_randomisation(text, "x")) == text);
  CHECK(*parse_randomisation(text, "x").draw(9).mass == *randomisation.draw(9).mass);
  // Without low and high: what makes sense.
  const Randomisation open = parse_randomisation(
      "[joint_normal]\nkeys = [\"actuators.latency\"]\nmean = [2]\ncovariance = [4]\n", "x");
  CHECK((open.joint()->low[0] == 0 && open.joint()->high[0] == 100));
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const double latency = *open.draw(seed).latency;
    CHECK(latency == std::round(latency));
  }
}

TEST_CASE("the corners of a joint normal distribution are two deviations away, within its bounds") {
  Randomisation randomisation;
  JointNormal joint = mass_and_gain();
  joint.low[1] = 0.85;
  randomisation.set_joint(joint);
  const Variation low = corner_of(randomisation, Corner::kLow).draw(1);
  const Variation high = corner_of(randomisation, Corner::kHigh).draw(1);
  CHECK(*low.mass == Approx(0.9));
  CHECK(*low.gain == Approx(0.85));
  CHECK(*high.gain == Approx(1.0));
}

TEST_CASE("a joint normal distribution that makes no sense is refused with the place and the reason") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {"keys = []\nmean = []\ncovariance = []", "at least one key"},
      {"keys = [\"physics.mas\"]\nmean = [1]\ncovariance = [1]", "did you mean 'physics.mass'"},
      {"keys = [\"physics.mass\"]\nmean = [1, 2]\ncovariance = [1]", "mean: want 1 numbers, found 2"},
      {"keys = [\"physics.mass\"]\nmean = [1]\ncovariance = [1, 0]", "covariance: want 1 numbers, found 2"},
      {"keys = [\"physics.mass\", \"physics.drag\"]\nmean = [1, 1]\ncovariance = [1, 0.5, 0.4, 1]",
       "symmetric"},
      {"keys = [\"physics.mass\", \"physics.drag\"]\nmean = [1, 1]\ncovariance = [1, 2, 2, 1]", "eigenvalue"},
      {"keys = [\"physics.mass\"]\nmean = [3]\ncovariance = [1]\nlow = [1]\nhigh = [2]", "want the mean 3"},
      {"keys = [\"physics.mass\"]\nmean = [1]\ncovariance = [1]\nlow = [-1]", "want values from 0.01 to 100"},
      {"keys = [\"physics.mass\"]\nmean = [1]\ncovariance = [1]\nsigma = [1]", "key of joint_normal 'sigma'"},
      {"keys = [\"physics.mass\", \"physics.mass\"]\nmean = [1, 1]\ncovariance = [1, 0, 0, 1]",
       "is there twice"},
  }));
  CAPTURE(text);
  CHECK_THROWS_WITH(parse_randomisation("[joint_normal]\n" + text + "\n", "f.toml"),
                    StartsWith("f.toml:") && ContainsSubstring(message));
  CHECK_THROWS_WITH(parse_randomisation("physics.mass = 1\n[joint_normal]\nkeys = [\"physics.mass\"]\nmean = "
                                        "[1]\ncovariance = [1]\n",
                                        "f.toml"),
                    ContainsSubstring("physics.mass: is there twice"));
}

}  // namespace
}  // namespace understudy::tests
