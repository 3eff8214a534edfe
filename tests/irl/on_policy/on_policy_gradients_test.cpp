// The Gaussian policy, its surrogate losses and Fisher products against LibTorch's automatic derivatives.

#include <cmath>
#include <limits>
#include <numbers>

#include "bc/libtorch/tensor_batch.h"
#include "irl/on_policy/gaussian_policy.h"
#include "irl/on_policy/surrogate.h"
#include "irl/on_policy/trpo.h"
#include "tests/support/random_matrices.h"
#include "tests/support/torch_networks.h"

namespace understudy {
using namespace tests;
namespace {

constexpr int kBatch = 40;
constexpr int kObservations = 7;
constexpr int kActions = 3;

torch::Tensor tensor(const Vector& vector) {
  return to_tensor(Matrix(vector.transpose())).squeeze(0);
}

float difference(const torch::Tensor& want, const Vector& found) {
  return (to_vector(want.contiguous(), static_cast<int>(found.size()), "want") - found).cwiseAbs().maxCoeff();
}

/// A policy and a batch of samples drawn near it.
struct Case {
  explicit Case(Activation activation, bool squash, std::uint64_t seed)
      : rng(seed),
        policy({.inputs = kObservations, .hidden = {33, 20}, .outputs = kActions, .activation = activation},
               squash) {
    parameters = Vector(policy.parameter_count());
    parameters.head(policy.network().parameter_count()) = orthogonal_parameters(policy.network(), rng, 0.7);
    parameters.tail(kActions) << -0.7F, 0.1F, 0.4F;
    observations = random_matrix(kBatch, kObservations, 1, rng);
    samples = random_matrix(kBatch, kActions, 1, rng);
    advantages = random_vector(kBatch, 1, rng);
  }

  torch::Tensor means(const torch::Tensor& flat) const {
    const torch::Tensor x = torch_forward(policy.network(), flat, to_tensor(observations));
    return policy.squash() ? torch::tanh(x) : x;
  }
  torch::Tensor log_deviation(const torch::Tensor& flat) const {
    return flat.narrow(0, policy.network().parameter_count(), kActions);
  }
  torch::Tensor log_density(const torch::Tensor& flat) const {
    const auto deviation = log_deviation(flat);
    const auto z = (to_tensor(samples) - means(flat)) / deviation.exp();
    return (-0.5 * z.square() - deviation - 0.5 * std::log(2 * std::numbers::pi)).sum(1);
  }

  Rng rng;
  GaussianPolicy policy;
  Vector parameters;
  Matrix observations, samples;
  Vector advantages;
};

torch::Tensor kl(const torch::Tensor& mean_p, const torch::Tensor& log_p, const torch::Tensor& mean_q,
                 const torch::Tensor& log_q) {
  return (log_q - log_p + ((2 * log_p).exp() + (mean_p - mean_q).square()) / (2 * (2 * log_q).exp()) - 0.5)
      .sum(1)
      .mean();
}

SurrogateLoss one_sample_loss(double ratio, double advantage, double clip, Matrix& mean_gradient,
                              Vector& deviation_gradient) {
  // N(0, 1) at 0.5: the old density is such that the ratio comes out as wanted.
  const double density = -0.125 - 0.5 * std::log(2 * std::numbers::pi);
  Vector scratch(1);
  mean_gradient.setConstant(1, 1, 99);
  deviation_gradient.setConstant(1, 99);
  return surrogate_loss(
      {.means = Matrix::Zero(1, 1),
       .log_deviation = Vector::Zero(1),
       .actions = Matrix::Constant(1, 1, 0.5F),
       .old_log_density = Vector::Constant(1, static_cast<float>(density - std::log(ratio))),
       .advantages = Vector::Constant(1, static_cast<float>(advantage))},
      clip, {.means = mean_gradient, .log_deviation = deviation_gradient, .scratch = scratch});
}

}  // namespace

// Schulman et al. 2017, figure 1: the objective is flat where the ratio has been moved
// gainfully beyond the clip.
TEST_CASE("the clipped surrogate is flat only where a gain is beyond the clip") {
  struct Row {
    double ratio, advantage, surrogate;
    bool flat;
  };
  const auto [ratio, advantage, surrogate, flat] = GENERATE(
      Row{1.3, 1, 1.2, true}, Row{0.7, -1, -0.8, true}, Row{1.3, -1, -1.3, false}, Row{0.7, 1, 0.7, false});
  CAPTURE(ratio, advantage);
  Matrix mean_gradient;
  Vector deviation_gradient;
  const SurrogateLoss loss = one_sample_loss(ratio, advantage, 0.2, mean_gradient, deviation_gradient);
  CHECK(loss.loss == Approx(-surrogate).epsilon(1e-5));
  CHECK(loss.clipped == 1);
  CHECK(loss.kl == Approx(ratio - 1 - std::log(ratio)).epsilon(1e-4));
  // d log p / dmu = 0.5, d log p / dlog sigma = 0.25 - 1.
  const double slope = flat ? 0 : -ratio * advantage;
  CHECK(mean_gradient(0, 0) == Approx(0.5 * slope).epsilon(1e-5));
  CHECK(deviation_gradient(0) == Approx(-0.75 * slope).epsilon(1e-5));
}

TEST_CASE("without a clip every ratio has a gradient") {
  Matrix mean_gradient;
  Vector deviation_gradient;
  const SurrogateLoss loss =
      one_sample_loss(5, 2, std::numeric_limits<double>::infinity(), mean_gradient, deviation_gradient);
  CHECK(loss.loss == Approx(-10).epsilon(1e-5));
  CHECK(loss.clipped == 0);
  CHECK(mean_gradient(0, 0) == Approx(-5).epsilon(1e-5));
}

TEST_CASE("log density and entropy are those of independent normal distributions") {
  // By hand: N(0, 1) at 0 and N(1, e²) at 1 + e: -log(2 pi) - 1 - 1/2. Entropy: 1 + log(2 pi e).
  Matrix means(1, 2);
  means << 0, 1;
  Vector log_deviation(2);
  log_deviation << 0, 1;
  Matrix actions(1, 2);
  actions << 0, 1 + static_cast<float>(std::numbers::e);
  Vector density(1);
  gaussian_log_density(means, log_deviation, actions, density);
  CHECK(density(0) == Approx(-std::log(2 * std::numbers::pi) - 1.5).epsilon(1e-6));
  CHECK(gaussian_entropy(log_deviation) == Approx(1 + std::log(2 * std::numbers::pi * std::numbers::e)));
}

TEST_CASE("the surrogate's gradient with entropy agrees with autograd through the whole policy") {
  const auto activation = GENERATE(Activation::kTanh, Activation::kRelu);
  const bool squash = GENERATE(false, true);
  const double clip = GENERATE(0.2, std::numeric_limits<double>::infinity());
  Case c(activation, squash, 3);
  const float entropy_weight = 0.3F;
  MlpWorkspace workspace;
  c.policy.forward(c.parameters, c.observations, workspace);
  Vector old_density(kBatch);
  gaussian_log_density(workspace.outputs(), c.policy.log_deviation(c.parameters), c.samples, old_density);
  const auto flat = tensor(c.parameters).requires_grad_(true);
  const auto density = c.log_density(flat);
  CHECK(difference(density.detach(), old_density) < 1e-4F);
  old_density += random_vector(kBatch, 0.3, c.rng);  // ratios on both sides of both limits

  Vector gradient(c.policy.parameter_count());
  Vector scratch(kBatch);
  const SurrogateLoss loss = surrogate_loss(
      {.means = workspace.outputs(),
       .log_deviation = c.policy.log_deviation(c.parameters),
       .actions = c.samples,
       .old_log_density = old_density,
       .advantages = c.advantages},
      clip,
      {.means = workspace.output_gradient(), .log_deviation = gradient.tail(kActions), .scratch = scratch});
  gradient.tail(kActions).array() -= entropy_weight;
  c.policy.backward(c.parameters, c.observations, workspace, gradient);

  const auto ratio = (density - tensor(old_density)).exp();
  const auto advantages = tensor(c.advantages);
  const auto t_loss =
      -torch::min(ratio * advantages, torch::clamp(ratio, 1 - clip, 1 + clip) * advantages).mean();
  const auto entropy = (c.log_deviation(flat) + 0.5 * std::log(2 * std::numbers::pi * std::numbers::e)).sum();
  (t_loss - entropy_weight * entropy).backward();
  CHECK(loss.loss == Approx(t_loss.item<double>()).epsilon(1e-5));
  if (std::isfinite(clip)) CHECK((loss.clipped > 0.1 && loss.clipped < 0.9));
  CHECK(difference(flat.grad(), gradient) < 1e-5F * std::max(1.0F, gradient.cwiseAbs().maxCoeff()));
}

TEST_CASE("the divergence agrees with its formula in LibTorch and is 0 at equal policies only") {
  Case c(Activation::kTanh, false, 5);
  MlpWorkspace workspace;
  c.policy.forward(c.parameters, c.observations, workspace);
  const Matrix old_means = workspace.outputs();
  const Vector old_deviation = c.parameters.tail(kActions);
  const double size = GENERATE(0.0, 1e-3, 0.3);
  const Vector moved = c.parameters + random_vector(c.policy.parameter_count(), size, c.rng);
  c.policy.forward(moved, c.observations, workspace);
  const double found =
      gaussian_kl({.means = old_means, .log_deviation = old_deviation},
                  {.means = workspace.outputs(), .log_deviation = c.policy.log_deviation(moved)});
  const auto flat = tensor(moved).to(torch::kDouble);
  const auto want = kl(to_tensor(old_means).to(torch::kDouble), tensor(old_deviation).to(torch::kDouble),
                       to_tensor(Matrix(workspace.outputs())).to(torch::kDouble), c.log_deviation(flat));
  CHECK(found == Approx(want.item<double>()).epsilon(1e-5).margin(1e-12));
  CHECK((found > 0) == (size > 0));
}

TEST_CASE("the Fisher product is the Hessian of the divergence times a vector, by autograd to 1e-5") {
  const auto activation = GENERATE(Activation::kTanh, Activation::kRelu);
  const bool squash = GENERATE(false, true);
  Case c(activation, squash, 7);
  const Vector v = random_vector(c.policy.parameter_count(), 1, c.rng);
  MlpWorkspace workspace;
  MlpWorkspace tangents;
  c.policy.forward(c.parameters, c.observations, workspace);
  Vector product(c.policy.parameter_count());
  // Twice: the product must leave what forward kept as it was.
  c.policy.fisher_product(c.parameters, c.observations, workspace, tangents, Vector::Zero(v.size()), product);
  CHECK(product.isZero());
  c.policy.fisher_product(c.parameters, c.observations, workspace, tangents, v, product);

  const auto flat = tensor(c.parameters).requires_grad_(true);
  const auto means = c.means(flat);
  const auto deviation = c.log_deviation(flat);
  const auto divergence = kl(means.detach(), deviation.detach(), means, deviation);
  const auto gradient = torch::autograd::grad({divergence}, {flat}, {}, true, true)[0];
  const auto hessian_product = torch::autograd::grad({(gradient * tensor(v)).sum()}, {flat})[0];
  const float scale = std::max(1.0F, product.cwiseAbs().maxCoeff());
  CHECK(difference(hessian_product, product) < 1e-5F * scale);
  CHECK(scale > 1);
}

TEST_CASE("a network's tangent is its derivative along a direction, by finite differences") {
  Rng rng(8);
  const Mlp network({.inputs = 5, .hidden = {16, 12}, .outputs = 2});
  const Vector parameters = network.initial_parameters(rng, 1);
  const Vector v = random_vector(network.parameter_count(), 1, rng);
  const Matrix inputs = random_matrix(10, 5, 1, rng);
  MlpWorkspace workspace, tangents;
  const float h = 1e-3F;
  network.forward(parameters + h * v, inputs, workspace);
  Matrix slope = workspace.outputs();
  network.forward(parameters - h * v, inputs, workspace);
  slope = (slope - workspace.outputs()) / (2 * h);
  network.forward(parameters, inputs, workspace);
  network.forward_tangent(parameters, v, inputs, workspace, tangents);
  // Rounding of 1e-7 over 2e-3, and h² / 6 times the third derivative.
  CHECK((slope - tangents.outputs()).cwiseAbs().maxCoeff() < 5e-3F);
  CHECK(slope.cwiseAbs().maxCoeff() > 1);
}

TEST_CASE("conjugate gradients solve a symmetric positive definite system of n unknowns in n steps") {
  Rng rng(GENERATE(1U, 2U, 3U));
  const int n = 8;
  const Matrix root = random_matrix(n, n, 1, rng);
  const Matrix a = root * root.transpose() + Matrix::Identity(n, n);
  const Vector x = random_vector(n, 1, rng);
  const Vector found = conjugate_gradients([&](const Vector& v, Vector& image) { image = a * v; }, a * x, n);
  CHECK((found - x).cwiseAbs().maxCoeff() < 2e-3F);
  const Vector none =
      conjugate_gradients([&](const Vector& v, Vector& image) { image = a * v; }, Vector::Zero(n), n);
  CHECK(none.isZero());
}

TEST_CASE("first weights are orthogonal with gain sqrt 2 inside and a small last layer") {
  Rng rng(4);
  const auto activation = GENERATE(Activation::kTanh, Activation::kRelu);
  const Mlp network({.inputs = 10, .hidden = {32}, .outputs = 3, .activation = activation});
  const Vector parameters = orthogonal_parameters(network, rng, 0.01);
  const Eigen::Map<const Matrix> w(parameters.data(), 10, 32);
  CHECK((w * w.transpose() - 2 * Matrix::Identity(10, 10)).cwiseAbs().maxCoeff() < 1e-5F);
  const Eigen::Map<const Matrix> last(parameters.data() + network.weight_offset(1), 32, 3);
  CHECK((last.transpose() * last - 1e-4F * Matrix::Identity(3, 3)).cwiseAbs().maxCoeff() < 1e-9F);
}

}  // namespace understudy
