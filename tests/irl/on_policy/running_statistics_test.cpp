// Running means and deviations, and the scale of rewards.

#include "irl/on_policy/running_statistics.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

TEST_CASE("statistics taken in batch by batch are those of all rows at once") {
  Rng rng(GENERATE(1U, 2U));
  Matrix all(500, 3);
  for (float& value : all.reshaped()) value = static_cast<float>(1000 + rng.normal());
  all.col(2).setConstant(-7);
  RunningStatistics parts(3);
  for (int first = 0, rows = 1; first < 500; first += rows, rows = 2 * rows + 1) {
    rows = std::min(rows, 500 - first);
    parts.add(all.middleRows(first, rows));
  }
  const Eigen::MatrixXd exact = all.cast<double>();
  for (int c = 0; c < 3; ++c) {
    const double mean = exact.col(c).mean();
    CHECK(parts.mean(c) == Approx(mean).epsilon(1e-12));
    CHECK(parts.variance(c) == Approx((exact.col(c).array() - mean).square().mean()).margin(1e-9));
  }
  const Normaliser normaliser = parts.normaliser();
  CHECK(normaliser.scale(0) == Approx(1 / std::sqrt(parts.variance(0))));
  CHECK(normaliser.scale(2) == 1);  // never changed
  CHECK(normaliser.mean(2) == -7);
}

// gamma = 0.5, rewards 1, 1 | 1 over two episodes: returns 1, 1.5, 1, of variance 1/18.
TEST_CASE("rewards are divided by the deviation of the return, which begins anew with every episode") {
  RewardScale scale(1, 0.5);
  const std::uint8_t ended[] = {0, 1, 0};
  scale.add(0, Vector::Ones(3), ended);
  CHECK(scale.scaled(0.1) == Approx(0.1 * std::sqrt(18.0)).epsilon(1e-5));
  CHECK(scale.scaled(-0.1) == Approx(-0.1 * std::sqrt(18.0)).epsilon(1e-5));
  CHECK(scale.scaled(1e9) == 10);
  CHECK(scale.scaled(-1e9) == -10);
}

TEST_CASE("a stream's running return goes on from batch to batch") {
  RewardScale whole(2, 0.9);
  RewardScale parts(2, 0.9);
  const std::vector<std::uint8_t> ended(10, 0);
  const Vector rewards = Vector::LinSpaced(10, 0, 1);
  whole.add(0, rewards, ended.data());
  whole.add(1, -rewards, ended.data());
  for (int first = 0; first < 10; first += 5) {
    parts.add(0, rewards.segment(first, 5), ended.data());
    parts.add(1, -rewards.segment(first, 5), ended.data());
  }
  CHECK(parts.scaled(1) == Approx(whole.scaled(1)).epsilon(1e-6));
}

}  // namespace
}  // namespace understudy
