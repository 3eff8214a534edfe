// Known answers are those of SciPy 1.17 and statsmodels 0.15.

#include "envs/rollouts/significance.h"

#include <array>
#include <cmath>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

bool agrees(double found, double wanted) {
  return std::abs(found - wanted) <= 1e-9 * std::abs(wanted);
}

TEST_CASE("McNemar's exact test gives the known p-values") {
  CHECK(mcnemar_p(0, 0) == 1);
  CHECK(agrees(mcnemar_p(5, 3), 0.7265625));
  CHECK(agrees(mcnemar_p(12, 3), 0.03515625));
  CHECK(agrees(mcnemar_p(40, 20), 0.01348929373119186));
  CHECK(agrees(mcnemar_p(1, 9), 0.021484375));
  CHECK(agrees(mcnemar_p(0, 7), 0.015625));
  CHECK(agrees(mcnemar_p(300, 250), 0.036578745549102676));
}

TEST_CASE("Fisher's exact test gives the known p-values") {
  CHECK(agrees(fisher_p(8, 10, 3, 10), 0.06977851869492736));
  CHECK(agrees(fisher_p(190, 200, 180, 200), 0.08609680423939847));
  CHECK(agrees(fisher_p(0, 5, 5, 5), 0.007936507936507938));
  CHECK(agrees(fisher_p(3, 7, 3, 7), 1));
  CHECK(agrees(fisher_p(45, 50, 150, 200), 0.022028660365346973));
  CHECK(agrees(fisher_p(997, 1000, 980, 1000), 0.00045529027856499243));
  CHECK(agrees(fisher_p(0, 10, 0, 12), 1));
}

TEST_CASE("Welch's test gives the known statistics and p-values") {
  const MeansTest clear = welch_test({0.9, 0.8, 0.85}, {0.7, 0.6, 0.72});
  CHECK(agrees(clear.p, 0.022038082660820683));
  CHECK(agrees(clear.statistic, 3.7570703865441852));
  CHECK(agrees(clear.degrees, 3.771344221703728));
  CHECK(agrees(welch_test({0.5, 0.5, 0.6, 0.7}, {0.55, 0.52}).p, 0.47560163383786364));
  CHECK(agrees(welch_test({1, 2, 3, 4, 5.5}, {2, 2, 2, 2.1, 9}).p, 0.8476923258844289));
  CHECK(welch_test({1, 1}, {1, 1}).p == 1);
  CHECK(welch_test({1, 1}, {2, 2}).p == 0);
  CHECK_THROWS_AS(welch_test({1}, {1, 2}), Error);
}

TEST_CASE("the permutation test counts the arrangements that are as far apart") {
  CHECK(arrangements(4, 4) == 70);
  CHECK(arrangements(3, 5) == 56);
  CHECK(permutation_p({0.9, 0.8, 0.85, 0.95}, {0.7, 0.6, 0.72, 0.5}) == Approx(2.0 / 70));
  CHECK(permutation_p({1, 2}, {3, 4}) == Approx(2.0 / 6));
  CHECK(permutation_p({1, 4}, {2, 3}) == 1);
  CHECK(agrees(permutation_p({0.5, 0.7, 0.9, 0.8}, {0.4, 0.6, 0.3, 0.45}), 0.05714285714285714));
}

TEST_CASE("successes that correlate part less often, and impossible correlations are refused") {
  const Discordance apart = discordance(0.9, 0.8);
  CHECK(apart.first_alone == Approx(0.9 * 0.2));
  CHECK(apart.second_alone == Approx(0.8 * 0.1));
  const Discordance together = discordance(0.9, 0.8, 0.5);
  CHECK(together.first_alone == Approx(0.9 * 0.2 - 0.5 * 0.12));
  CHECK(together.second_alone == Approx(0.8 * 0.1 - 0.5 * 0.12));
  CHECK_THROWS_WITH(discordance(0.9, 0.8, 0.9),
                    ContainsSubstring("rates of 0.9 and 0.8 allow from -0.167 to 0.667"));
}

TEST_CASE("the power promised is the power found") {
  struct Plan {
    double first, second, correlation;
    int episodes;
  };
  for (const Plan& plan : {Plan{0.9, 0.8, 0, 200}, Plan{0.9, 0.8, 0.4, 120}, Plan{0.6, 0.3, 0, 40}}) {
    const Discordance chances = discordance(plan.first, plan.second, plan.correlation);
    const double promised = paired_power(chances, plan.episodes);
    constexpr int kTrials = 4000;
    Rng rng(7);
    int shown = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      std::array<int, 2> alone{};
      for (int e = 0; e < plan.episodes; ++e) {
        const double drawn = rng.uniform(0, 1);
        if (drawn < chances.first_alone) {
          ++alone[0];
        } else if (drawn < chances.first_alone + chances.second_alone) {
          ++alone[1];
        }
      }
      shown += mcnemar_p(alone[0], alone[1]) < 0.05 ? 1 : 0;
    }
    CAPTURE(plan.first, plan.second, plan.correlation, promised);
    CHECK(static_cast<double>(shown) / kTrials == Approx(promised).margin(0.03));
  }
}

TEST_CASE("the episodes needed have the power and few less have not") {
  const Discordance chances = discordance(0.9, 0.8);
  const int needed = episodes_needed(chances, 0.8);
  CHECK(paired_power(chances, needed) >= 0.8);
  CHECK(paired_power(chances, needed - 10) < 0.8);
  // The normal approximation (Connor 1987) says 202, and an exact test takes somewhat more.
  CHECK(needed > 202);
  CHECK(needed < 230);
  CHECK(episodes_needed(discordance(0.9, 0.9), 0.8) == 0);
  CHECK(paired_power(discordance(1, 1), 100) == 0);
}

}  // namespace
}  // namespace understudy
