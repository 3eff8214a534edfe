// Known answers of the squashed Gaussian, and its gradients against LibTorch's.

#include <cmath>
#include <numbers>

#include "bc/libtorch/tensor_batch.h"
#include "datasets/types/random_matrix.h"
#include "irl/off_policy/tanh_gaussian.h"
#include "tests/support/torch.h"

namespace understudy {
namespace {

struct One {
  float action;
  float log_density;
};

/// One entry with mean `mu`, deviation exp(log_sigma) and pre-squash value `u`.
One sample_one(float mu, float log_sigma, float u) {
  Matrix outputs(1, 2), noise(1, 1), action(1, 1);
  outputs << mu, log_sigma;
  noise << (u - mu) / std::exp(log_sigma);
  Vector density(1);
  sample_tanh_gaussian(outputs, noise, action, density);
  return {action(0, 0), density(0)};
}

}  // namespace

TEST_CASE("the density of a squashed Gaussian has its known values, also where tanh saturates", "[irl]") {
  // Arithmetic: log N(u; mu, sigma²) - log(1 - tanh² u).
  CHECK(sample_one(0, 0, 0.5F).action == Approx(0.462117).epsilon(1e-5));
  CHECK(sample_one(0, 0, 0.5F).log_density == Approx(-0.803710).epsilon(1e-5));
  CHECK(sample_one(0.3F, -1, -0.8F).action == Approx(-0.664037).epsilon(1e-5));
  CHECK(sample_one(0.3F, -1, -0.8F).log_density == Approx(-3.807810).epsilon(1e-5));
  // log(1 - a² + 1e-6), which others use, gives -4.810634 here.
  CHECK(sample_one(0, 0, 5).log_density == Approx(-4.805142).epsilon(1e-5));
}

TEST_CASE("the entropy of tanh(N(0, sigma²)) has its known values and stays below log 2", "[irl]") {
  struct Known {
    double sigma, entropy;
  };
  for (const Known& known :
       {Known{0.1, -0.8936}, {0.2, -0.2297}, {0.5, 0.5}, {0.87, 0.6836}, {1, 0.6698}, {2, -0.0012}}) {
    // Trapezoids over +-8 deviations.
    double entropy = 0;
    const double step = 0.01;
    for (double xi = -8; xi <= 8; xi += step) {
      const auto u = static_cast<float>(known.sigma * xi);
      const double density = std::exp(-0.5 * xi * xi) / std::sqrt(2 * std::numbers::pi);
      const auto log_sigma = static_cast<float>(std::log(known.sigma));
      entropy -= step * density * static_cast<double>(sample_one(0, log_sigma, u).log_density);
    }
    INFO("sigma " << known.sigma);
    CHECK(entropy == Approx(known.entropy).margin(2e-4));
    CHECK(entropy <= std::log(2.0));
  }
}

TEST_CASE("gradients of squashed samples and their density agree with autograd", "[irl]") {
  Rng rng(GENERATE(1U, 2U, 3U));
  constexpr int kRows = 7, kDim = 3;
  Matrix outputs(kRows, 2 * kDim), noise(kRows, kDim), weight(kRows, kDim), density_weight(kRows, 1);
  for (Matrix* matrix : {&outputs, &noise, &weight, &density_weight}) fill_normal(rng, *matrix);
  outputs(0, kDim) = 3;    // clamped above
  outputs(1, kDim) = -21;  // and below
  Matrix actions(kRows, kDim), gradient(kRows, 2 * kDim);
  Vector density(kRows);
  sample_tanh_gaussian(outputs, noise, actions, density);
  tanh_gaussian_backward(outputs, noise, actions, weight, density_weight.col(0), gradient);

  const auto t_outputs = to_tensor(outputs).requires_grad_(true);
  const auto log_sigma = t_outputs.narrow(1, kDim, kDim).clamp(-20, 2);
  const auto u = t_outputs.narrow(1, 0, kDim) + log_sigma.exp() * to_tensor(noise);
  const auto t_actions = u.tanh();
  const auto t_density =
      (-0.5 * to_tensor(noise).square() - log_sigma - 0.5 * std::log(2 * std::numbers::pi) -
       2 * (std::log(2.0) - u - torch::softplus(-2 * u)))
          .sum(1);
  ((t_actions * to_tensor(weight)).sum() + (t_density * to_tensor(density_weight).squeeze(1)).sum())
      .backward();
  const Matrix want = to_matrix(t_outputs.grad(), kRows, 2 * kDim, "gradient");
  const float scale = 1 + want.cwiseAbs().maxCoeff();
  CHECK((want - gradient).cwiseAbs().maxCoeff() < 1e-5F * scale);
  CHECK((to_matrix(t_actions.detach(), kRows, kDim, "actions") - actions).cwiseAbs().maxCoeff() < 1e-6F);
}

TEST_CASE("the density of given actions is that of the sample that gave them", "[irl]") {
  Rng rng(5);
  Matrix outputs(20, 4), noise(20, 2), actions(20, 2);
  fill_normal(rng, outputs);
  fill_normal(rng, noise);
  outputs.rightCols(2).array() -= 1;
  Vector sampled(20), given(20);
  sample_tanh_gaussian(outputs, noise, actions, sampled);
  tanh_gaussian_log_density(outputs, actions, given);
  // atanh of a single-precision action near 1 is good to some 1e-3.
  CHECK((sampled - given).cwiseAbs().maxCoeff() < 2e-2F);
}

}  // namespace understudy
