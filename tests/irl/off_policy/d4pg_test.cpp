// The distributional critic: its projection, and the value it comes to.

#include "irl/off_policy/d4pg.h"
#include "datasets/types/random_matrix.h"
#include "irl/off_policy/distribution_loss.h"
#include "tests/support/catch.h"

namespace understudy {

TEST_CASE("projecting a distribution has its known answer and keeps its mass", "[irl]") {
  Vector probabilities(5), projected(5);
  probabilities << 0.1F, 0.2F, 0.4F, 0.2F, 0.1F;
  // z = -1, -0.5, ..., 1; r = 0.2, gamma = 0.9: by hand, with 1.1 clipped to 1, hence a
  // mean of 0.19 and not 0.20.
  project_distribution(probabilities, 0.2F, 0.9F, -1, 1, projected);
  const float want[] = {0.04F, 0.16F, 0.34F, 0.30F, 0.16F};
  for (int i = 0; i < 5; ++i) CHECK(projected(i) == Approx(want[i]).margin(1e-6));
  CHECK(projected.sum() == Approx(1).epsilon(1e-6));
  CHECK(projected.dot(Vector::LinSpaced(5, -1, 1)) == Approx(0.19).margin(1e-6));
}

TEST_CASE("a projection without clipping keeps the mean", "[irl]") {
  Rng rng(GENERATE(1U, 2U, 3U));
  Vector probabilities(51), projected(51);
  for (float& p : probabilities) p = static_cast<float>(rng.uniform());
  probabilities /= probabilities.sum();
  const Vector atoms = Vector::LinSpaced(51, -10, 10);
  project_distribution(probabilities, 0.7F, 0.9F, -10, 10, projected);
  CHECK(projected.dot(atoms) == Approx(0.7F + 0.9F * probabilities.dot(atoms)).margin(1e-4));
}

TEST_CASE("D4PG's value of a constant reward is r/(1 - gamma), or what the absorbing state makes of it",
          "[irl]") {
  const bool terminated = GENERATE(false, true);
  D4pgConfig config;
  config.off_policy.batch = 32;
  config.hidden = {16, 16};
  config.learning_rate = 3e-3;
  config.limit = 15;
  config.atoms = 61;
  const auto d4pg = make_d4pg({.obs_dim = 2, .act_dim = 1, .horizon = 100, .seed = 1}, config);
  TransitionBatch batch;
  batch.resize(32, 2, 1);
  batch.observations.setConstant(0.5F);
  batch.next_observations.setConstant(0.5F);
  batch.rewards.setOnes();
  batch.discounts.setConstant(0.9F);
  std::fill(batch.terminated.begin(), batch.terminated.end(), std::uint8_t{terminated});
  Rng rng(1);
  const auto train = [&](int updates) {
    for (int i = 0; i < updates; ++i) {
      fill_normal(rng, batch.actions);
      batch.actions = batch.actions.array().tanh().matrix();
      d4pg->gradient_step(batch, -4);
    }
  };
  train(6000);
  Metrics before;
  d4pg->report(before);
  train(200);
  Metrics metrics;
  d4pg->report(metrics);
  REQUIRE(metrics.values()[1].first == "value");
  // 1 / (1 - 0.9) = 10; 1 + 0.9 * -4 = -2.6.
  CHECK(metrics.values()[1].second == Approx(terminated ? -2.6 : 10).margin(0.3));
}

}  // namespace understudy
