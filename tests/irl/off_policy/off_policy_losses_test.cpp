// The losses in q_loss.h, soft_loss.h and distribution_loss.h beside LibTorch's autograd, and by hand.

#include <cmath>

#include "bc/libtorch/tensor_batch.h"
#include "irl/off_policy/distribution_loss.h"
#include "irl/off_policy/q_loss.h"
#include "irl/off_policy/soft_loss.h"
#include "tests/support/random_matrices.h"
#include "tests/support/torch.h"

namespace understudy {
using namespace tests;
namespace {

constexpr int kRows = 7;
constexpr int kBatch = 20;  // of which these rows are a shard

float difference(const torch::Tensor& want, const Matrix& found) {
  const Matrix all = to_matrix(want, static_cast<int>(found.rows()), static_cast<int>(found.cols()), "want");
  return (all - found).cwiseAbs().maxCoeff();
}

float difference(const torch::Tensor& want, const Vector& found) {
  return (to_vector(want, static_cast<int>(found.size()), "want") - found).cwiseAbs().maxCoeff();
}

}  // namespace

TEST_CASE("a target adds the discounted value after, or the absorbing state's at termination", "[irl]") {
  Vector rewards(3), discounts(3), next(3), target(3);
  rewards << 1, 2, 3;
  discounts << 0.9F, 0.81F, 0.9F;
  next << 10, 20, 30;
  const std::vector<std::uint8_t> terminated{0, 0, 1};
  bellman_target({.rewards = rewards,
                  .discounts = discounts,
                  .terminated = terminated,
                  .next_values = next,
                  .absorbing_value = -4},
                 target);
  CHECK(target(0) == Approx(1 + 0.9 * 10));
  CHECK(target(1) == Approx(2 + 0.81 * 20));
  CHECK(target(2) == Approx(3 + 0.9 * -4));
}

TEST_CASE("a critic's loss has autograd's derivative", "[irl]") {
  Rng rng(1);
  const Vector q = random_vector(kRows, rng);
  const Vector target = random_vector(kRows, rng);
  Vector gradient(kRows);
  const double found = q_loss(q, target, kBatch, gradient);
  const auto t_q = vector_to_tensor(q).requires_grad_(true);
  const auto want = 0.5 * (t_q - vector_to_tensor(target)).square().sum();
  (want / kBatch).backward();
  CHECK(found == Approx(want.item<double>()).epsilon(1e-5));
  CHECK(difference(t_q.grad(), gradient) < 1e-6F);
}

TEST_CASE("only the smaller critic hears of an actor's loss", "[irl]") {
  Rng rng(2);
  const Vector first = random_vector(kRows, rng);
  const Vector second = random_vector(kRows, rng);
  const Vector log_density = random_vector(kRows, rng);
  Vector value(kRows), value_gradient(kRows), density_gradient(kRows), by_first(kRows), by_second(kRows);
  std::vector<std::uint8_t> smaller(kRows);
  smaller_value(first, second, value, smaller);
  const double found =
      soft_actor_loss({.value = value, .log_density = log_density, .alpha = 0.3, .batch = kBatch},
                      {.value = value_gradient, .log_density = density_gradient});
  smaller_value_backward(smaller, value_gradient, 0, by_first);
  smaller_value_backward(smaller, value_gradient, 1, by_second);

  const auto t_first = vector_to_tensor(first).requires_grad_(true);
  const auto t_second = vector_to_tensor(second).requires_grad_(true);
  const auto t_density = vector_to_tensor(log_density).requires_grad_(true);
  const auto want = (0.3 * t_density - torch::min(t_first, t_second)).sum();
  (want / kBatch).backward();
  CHECK(found == Approx(want.item<double>()).epsilon(1e-5));
  CHECK(difference(t_first.grad(), by_first) < 1e-6F);
  CHECK(difference(t_second.grad(), by_second) < 1e-6F);
  CHECK(difference(t_density.grad(), density_gradient) < 1e-6F);

  smaller_value(first, first, value, smaller);  // one critic, or two that agree: it is the first
  smaller_value_backward(smaller, value_gradient, 0, by_first);
  CHECK(value == first);
  CHECK(by_first == value_gradient);
}

TEST_CASE("optimism adds the clipped deviation of the pairs to their mean", "[irl]") {
  Matrix pairs(3, 2);
  pairs << 1, 0,  //
      2, 30,      //
      6, 90;      // means 3 and 40, deviations sqrt(14 / 3) and sqrt(1400)
  Vector value(2);
  optimistic_value(pairs, {.weight = 0.5, .clip = 10}, value);
  CHECK(value(0) == Approx(3 + 0.5 * std::sqrt(14.0 / 3)));
  CHECK(value(1) == Approx(40 + 0.5 * 10));
}

TEST_CASE("optimism has autograd's derivatives, within the clip and beyond it", "[irl]") {
  Rng rng(4);
  Matrix pairs(4, 6);
  for (float& x : pairs.reshaped()) x = static_cast<float>(rng.normal());
  pairs.rightCols(2) *= 20;
  Vector by_value(6);
  for (float& x : by_value) x = static_cast<float>(rng.normal());
  Matrix found(4, 6);
  optimistic_value_backward(pairs, {.weight = 0.7, .clip = 2}, by_value, found);
  const auto t = to_tensor(pairs).requires_grad_(true);
  const auto deviation = (t - t.mean(0)).square().mean(0).sqrt();
  (vector_to_tensor(by_value) * (t.mean(0) + 0.7 * deviation.clamp(0, 2))).sum().backward();
  CHECK((to_matrix(t.grad(), 4, 6, "gradient") - found).cwiseAbs().maxCoeff() < 1e-5F);
}

TEST_CASE("one pair's value and gradient are its own to the bit, whatever the optimism", "[irl]") {
  Matrix pair(1, 3);
  pair << 0.1F, -7.3F, 1e-8F;
  Vector value(3), gradient(3);
  gradient << -0.3F, 0.7F, 1e-6F;
  Matrix back(1, 3);
  const double weight = GENERATE(0.0, 5.0);
  optimistic_value(pair, {.weight = weight}, value);
  optimistic_value_backward(pair, {.weight = weight}, gradient, back);
  CHECK(value == pair.row(0).transpose());
  CHECK(gradient == back.row(0).transpose());
}

TEST_CASE("a soft value is the critic's less alpha log pi", "[irl]") {
  Vector value(2), log_density(2);
  value << 3, 5;
  log_density << -2, 1;
  soft_value(log_density, 0.5, value);
  CHECK(value(0) == Approx(4));
  CHECK(value(1) == Approx(4.5));
}

TEST_CASE("the temperature's loss has autograd's derivative, and falls when entropy exceeds its target",
          "[irl]") {
  const TemperatureLoss found =
      temperature_loss({.log_alpha = -0.7, .mean_log_density = 1.2, .target_entropy = -2});
  const auto log_alpha = torch::full({}, -0.7, torch::kDouble).requires_grad_(true);
  const auto want = -log_alpha * (1.2 - 2);
  want.backward();
  CHECK(found.loss == Approx(want.item<double>()));
  CHECK(found.gradient == Approx(log_alpha.grad().item<double>()));
  // Entropy -1.2 is more than -2: descending this gradient lowers alpha.
  CHECK(found.gradient > 0);
}

TEST_CASE("a deterministic actor's loss is minus the critic's mean", "[irl]") {
  Vector q(3), gradient(3);
  q << 1, 2, 6;
  CHECK(q_ascent_loss(q, 4, gradient) == Approx(-9));
  CHECK(gradient == Vector::Constant(3, -0.25F));
}

TEST_CASE("a distributional critic's loss has autograd's derivative", "[irl]") {
  Rng rng(3);
  const Matrix logits = random_matrix(kRows, 11, rng);
  Matrix target = random_matrix(kRows, 11, rng).cwiseAbs();
  for (auto row : target.rowwise()) row /= row.sum();
  Matrix gradient(kRows, 11);
  Vector scratch(11);
  const double found = distribution_loss(logits, target, kBatch, gradient, scratch);
  const auto t_logits = to_tensor(logits).requires_grad_(true);
  const auto want = -(to_tensor(target) * torch::log_softmax(t_logits, 1)).sum();
  (want / kBatch).backward();
  CHECK(found == Approx(want.item<double>()).epsilon(1e-5));
  CHECK(difference(t_logits.grad(), gradient) < 1e-6F);
}

TEST_CASE("a distribution's mean value has autograd's derivative", "[irl]") {
  Rng rng(4);
  const Matrix logits = random_matrix(kRows, 11, rng);
  const Vector atoms = Vector::LinSpaced(11, -5, 5);
  Matrix gradient(kRows, 11);
  Vector scratch(11);
  const DistributionValue found = distribution_value(logits, atoms, gradient, scratch);
  const auto t_logits = to_tensor(logits).requires_grad_(true);
  const auto p = torch::softmax(t_logits, 1);
  const auto want = torch::matmul(p, vector_to_tensor(atoms)).sum();
  want.backward();
  CHECK(found.value == Approx(want.item<double>()).epsilon(1e-4));
  CHECK(found.edge == Approx((p.select(1, 0) + p.select(1, 10)).sum().item<double>()).epsilon(1e-5));
  CHECK(difference(t_logits.grad(), gradient) < 1e-5F);
}

TEST_CASE("a target distribution is the next one's, discounted and moved, or the absorbing state's alone",
          "[irl]") {
  const Vector atoms = Vector::LinSpaced(21, -10, 10);
  Rng rng(5);
  const Matrix logits = random_matrix(2, 21, rng);
  const Vector rewards = Vector::Constant(2, 0.25F), discounts = Vector::Constant(2, 0.5F);
  const std::vector<std::uint8_t> terminated{0, 1};
  Matrix target(2, 21);
  Vector scratch(21);
  distribution_target({.rewards = rewards,
                       .discounts = discounts,
                       .terminated = terminated,
                       .next_logits = logits,
                       .atoms = atoms,
                       .absorbing_value = -3},
                      target, scratch);
  const Vector p = to_vector(torch::softmax(to_tensor(logits), 1)[0], 21, "p");
  CHECK(target.row(0).sum() == Approx(1).epsilon(1e-5));
  CHECK(target.row(0).dot(atoms) == Approx(0.25F + 0.5F * p.dot(atoms)).margin(1e-5));
  // 0.25 + 0.5 (-3) = -1.25: a quarter of the way from -1 (atom 9) to -2 (atom 8).
  CHECK(target(1, 8) == Approx(0.25).margin(1e-5));
  CHECK(target(1, 9) == Approx(0.75).margin(1e-5));
}

TEST_CASE("D4PG's actor ascends along gradients of norm 1 at most", "[irl]") {
  Matrix gradient(2, 2);
  gradient << 3, 4, 0.3F, -0.4F;
  clipped_ascent(10, gradient);
  CHECK(gradient(0, 0) == Approx(-0.06));
  CHECK(gradient(0, 1) == Approx(-0.08));
  CHECK(gradient(1, 0) == Approx(-0.03));
  CHECK(gradient(1, 1) == Approx(0.04));
}

}  // namespace understudy
