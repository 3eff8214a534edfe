// Logistic regression between expert and agent: its optimum, its gradients, and who is weighed how.

#include <cmath>

#include "bc/libtorch/tensor_batch.h"
#include "datasets/types/error.h"
#include "irl/rewards/discriminator.h"
#include "irl/rewards/labelled_batch.h"
#include "tests/support/imitation_fixture.h"
#include "tests/support/torch_networks.h"

namespace understudy {
using namespace tests;
namespace {

torch::Tensor torch_cross_entropy(const torch::Tensor& logits, const Vector& weights, int experts) {
  const auto labels =
      torch::cat({torch::ones({experts}), torch::zeros({static_cast<int>(weights.size()) - experts})});
  return torch::binary_cross_entropy_with_logits(logits, labels, vector_to_tensor(weights), {},
                                                 at::Reduction::Sum);
}

torch::Tensor torch_entropy(const torch::Tensor& logits, const Vector& weights) {
  const auto d = torch::sigmoid(logits);
  return (vector_to_tensor(weights) * -(d * d.log() + (1 - d) * (1 - d).log())).sum();
}

}  // namespace

TEST_CASE("the gradient by the logits agrees with autograd, entropy included", "[irl]") {
  Rng rng(1);
  Vector logits(9);
  Vector weights(9);
  for (float& x : logits) x = static_cast<float>(3 * rng.normal());
  for (float& x : weights) x = static_cast<float>(rng.uniform(0.1, 1));
  Vector gradient(9);
  const Discrimination result = discriminate(logits, weights, 4, 0.3, gradient);
  const auto t_logits = vector_to_tensor(logits).requires_grad_(true);
  const auto cross_entropy = torch_cross_entropy(t_logits, weights, 4);
  (cross_entropy - 0.3 * torch_entropy(t_logits, weights)).backward();
  CHECK(result.loss == Approx(cross_entropy.item<double>()).epsilon(1e-5));
  CHECK((to_vector(t_logits.grad(), 9, "logits") - gradient).cwiseAbs().maxCoeff() < 1e-5F);
}

TEST_CASE("logits beyond what e^l can hold give finite losses and the right gradients", "[irl]") {
  Vector logits(4);
  logits << 1000, -1000, 1000, -1000;
  const Vector weights = Vector::Constant(4, 0.25F);
  Vector gradient(4);
  const Discrimination result = discriminate(logits, weights, 2, 1, gradient);
  CHECK(result.loss == 500);  // two rows wrong by 1000, each of weight 1/4
  CHECK(result.expert_accuracy == 0.5);
  CHECK(result.agent_accuracy == 0.5);
  Vector want(4);
  want << 0, -0.25F, 0.25F, 0;
  CHECK(gradient == want);
}

TEST_CASE("one update's gradient is autograd's of cross-entropy, entropy and penalty together", "[irl]") {
  Rng rng(2);
  const DiscriminatorConfig config{.hidden = {12, 7}, .penalty = 10, .entropy = 0.1};
  const Mlp network({.inputs = 4, .hidden = config.hidden, .outputs = 1});
  Matrix features(11, 4);
  for (float& x : features.reshaped()) x = static_cast<float>(rng.normal());
  const Vector weights = Vector::Constant(11, 1.0F / 11);
  Discriminator discriminator(config, 4, 11, rng);
  Archive before;
  discriminator.serialise(before);
  Rng same = rng;
  discriminator.logits(features);
  discriminator.update(features, weights, 5, rng);
  Matrix mixed(11, 4);
  const int rows = mix_rows(features, 5, same, mixed);
  REQUIRE(rows == 6);

  // After the first step of Adam its first moment is 0.1 of the gradient.
  Archive after;
  discriminator.serialise(after);
  Vector parameters(network.parameter_count());
  Vector moment(network.parameter_count());
  Archive read_before(before.bytes(), "before");
  read_before("discriminator", parameters);
  Archive read_after(after.bytes(), "after");
  Vector unused(network.parameter_count());
  read_after("discriminator", unused);
  read_after("adam first", moment);

  const auto t_parameters = vector_to_tensor(parameters).requires_grad_(true);
  const auto forward = [&](torch::Tensor h) {
    return torch_forward(network, t_parameters, std::move(h)).squeeze(1);
  };
  const auto t_mixed = to_tensor(mixed.topRows(rows)).requires_grad_(true);
  const auto slope = torch::autograd::grad({forward(t_mixed).sum()}, {t_mixed}, {}, true, true)[0];
  const auto logits = forward(to_tensor(features));
  (torch_cross_entropy(logits, weights, 5) - 0.1 * torch_entropy(logits, weights) +
   10 * (slope.norm(2, 1) - 1).square().mean())
      .backward();
  const Vector want = to_vector(t_parameters.grad(), network.parameter_count(), "gradient");
  CHECK((want - 10 * moment).cwiseAbs().maxCoeff() < 1e-5F * (1 + want.cwiseAbs().maxCoeff()));
}

TEST_CASE("on two outcomes of chances .9, .1 and .5, .5 it reaches the closed form", "[irl]") {
  // D* = rho_E / (rho_E + rho_pi): logits log(.9/.5), log(.1/.5); loss log 2 - JS(rho_E, rho_pi) = .591398.
  Rng rng(3);
  Discriminator discriminator({.hidden = {}, .learning_rate = 0.01, .penalty = 0}, 2, 4, rng);
  Matrix outcomes(4, 2);
  outcomes << 1, 0, 0, 1, 1, 0, 0, 1;
  Vector weights(4);
  weights << 0.45F, 0.05F, 0.25F, 0.25F;
  Discrimination result;
  for (int i = 0; i < 4000; ++i) {
    discriminator.logits(outcomes);
    result = discriminator.update(outcomes, weights, 2, rng);
  }
  const auto logits = discriminator.logits(outcomes);
  CHECK(logits(0) == Approx(0.587787).margin(1e-4));
  CHECK(logits(1) == Approx(-1.609438).margin(1e-4));
  CHECK(result.loss == Approx(0.591398).margin(1e-5));
  CHECK(result.expert_accuracy == 0.5);  // right on one of two outcomes
}

TEST_CASE("between equals the loss is log 2 and the logit 0", "[irl]") {
  Rng rng(4);
  Matrix features(4, 2);
  features << 1, 0, 0, 1, 1, 0, 0, 1;
  const Vector weights = Vector::Constant(4, 0.25F);
  Discriminator discriminator({.hidden = {16}, .learning_rate = 1e-3, .penalty = 0}, 2, 4, rng);
  Discrimination result;
  for (int i = 0; i < 3000; ++i) {
    discriminator.logits(features);
    result = discriminator.update(features, weights, 2, rng);
  }
  CHECK(result.loss == Approx(std::log(2)).margin(1e-5));
  // Adam's steps stay as long as its learning rate where the gradient is all but 0.
  CHECK(discriminator.logits(features).cwiseAbs().maxCoeff() < 0.02F);
}

TEST_CASE("either side weighs one half, and a subsampled expert's terminations weigh less", "[irl]") {
  const ImitationProblem problem{.expert = scalar_expert({{1, 0, 1, false}, {2, 0, 2, true}}, 5)};
  LabelledBatches batches(problem, 64);
  Rng rng(5);
  std::vector<Row> agent(64, {3, -1, 4, false});
  agent[7] = {5, 1, 6, true};
  const LabelledBatch& batch = batches.draw(scalar_batch(agent), rng);
  REQUIRE(batch.experts == 64);
  REQUIRE(batch.rows == 128);
  CHECK(batch.weights.head(64).sum() == Approx(0.5));
  const float most = batch.weights.head(64).maxCoeff();
  for (int i = 0; i < 64; ++i) {
    CHECK(batch.terminated[static_cast<std::size_t>(i)] == (batch.observations(i, 0) == 2));
    CHECK(batch.weights(i) / most == Approx(batch.observations(i, 0) == 1 ? 1 : 0.2F));
  }
  CHECK(batch.observations(71, 0) == 5);
  CHECK(batch.terminated[71] == 1);
  for (int i = 64; i < 128; ++i) CHECK(batch.weights(i) == Approx(0.5 / 64));
}

TEST_CASE("an agent's batch larger than the discriminator's is drawn from, all of it in time", "[irl]") {
  const ImitationProblem problem{.expert = scalar_expert({{-1, 0, 0, false}, {-1, 0, 0, false}})};
  LabelledBatches batches(problem, 4);
  std::vector<Row> rows(10);
  for (int i = 0; i < 10; ++i) rows[static_cast<std::size_t>(i)].observation = static_cast<float>(i);
  const TransitionBatch agent = scalar_batch(rows);
  Rng rng(6);
  std::vector<int> seen(10, 0);
  for (int i = 0; i < 100; ++i) {
    const LabelledBatch& batch = batches.draw(agent, rng);
    REQUIRE(batch.rows == 8);
    for (int row = 4; row < 8; ++row) ++seen[static_cast<std::size_t>(batch.observations(row, 0))];
  }
  for (const int count : seen) CHECK(count > 10);  // 40 expected, deviation 6
}

TEST_CASE("an expert that cannot be imitated is refused in one line", "[irl]") {
  ImitationProblem problem{.expert = scalar_expert({{0, 0, 0, false}})};
  CHECK_THROWS_WITH(check_imitation_problem(problem),
                    ContainsSubstring("expert: want at least 2 transitions, found 1; record more"));
  problem.expert = scalar_expert({});
  CHECK_THROWS_WITH(check_imitation_problem(problem), ContainsSubstring("found 0"));
  problem.expert = nullptr;
  CHECK_THROWS_AS(check_imitation_problem(problem), Error);
  problem.expert = scalar_expert({{0, 0, 0, false}, {0, std::nanf(""), 0, false}});
  CHECK_THROWS_WITH(
      check_imitation_problem(problem),
      ContainsSubstring("expert: actions: want finite numbers, found others in row 1; check the demonstr"));
  auto ragged = scalar_expert({{0, 0, 0, false}, {0, 0, 0, false}});
  ragged->next_observations.resize(1, 1);
  problem.expert = ragged;
  CHECK_THROWS_WITH(check_imitation_problem(problem),
                    ContainsSubstring("expert: next observations: want 2 rows, found 1"));
  problem.expert = scalar_expert({{0, 0, 0, false}, {0, 0, 0, false}});
  problem.gamma = 1;
  CHECK_THROWS_WITH(check_imitation_problem(problem), ContainsSubstring("--gamma: want a number from 0"));
  problem.gamma = 0.9;
  problem.expert = scalar_expert({{0, 0, 0, false}, {0, 0, 0, false}}, 0);
  CHECK_THROWS_WITH(check_imitation_problem(problem), ContainsSubstring("--subsample: want at least 1"));
}

}  // namespace understudy
