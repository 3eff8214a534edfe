#include "irl/off_policy/tanh_gaussian.h"

#include <algorithm>
#include <cmath>

#include "bc/networks/network_loops.h"

namespace understudy {
namespace {

constexpr float kLog2 = 0.693147180559945F;
constexpr float kHalfLog2Pi = 0.918938533204673F;

float log_sigma(float raw) {
  return std::clamp(raw, kLowLogSigma, kHighLogSigma);
}

float softplus(float x) {
  return std::max(x, 0.0F) + std::log1p(std::exp(-std::abs(x)));
}

/// log N(u; mu, sigma²) - log(1 - tanh² u) with noise = (u - mu) / sigma.
float entry_log_density(float noise, float log_deviation, float u) {
  return -0.5F * noise * noise - log_deviation - kHalfLog2Pi - 2 * (kLog2 - u - softplus(-2 * u));
}

}  // namespace

void sample_tanh_gaussian(ConstMatrixRef outputs, ConstMatrixRef noise, MatrixRef actions,
                          VectorRef log_density) {
  const Eigen::Index dim = actions.cols();
  for (Eigen::Index row = 0; row < actions.rows(); ++row) {
    float sum = 0;
    for (Eigen::Index i = 0; i < dim; ++i) {
      const float s = log_sigma(outputs(row, dim + i));
      const float u = outputs(row, i) + std::exp(s) * noise(row, i);
      actions(row, i) = u;
      sum += entry_log_density(noise(row, i), s, u);
    }
    kernels::tanh_in_place(actions.row(row).data(), static_cast<std::size_t>(dim));
    log_density(row) = sum;
  }
}

// With u = mu + sigma xi: da/du = 1 - a², dlog pi/du = 2a, du/dmu = 1, du/dlog sigma = sigma xi; log sigma
// also stands in the density itself.
void tanh_gaussian_backward(ConstMatrixRef outputs, ConstMatrixRef noise, ConstMatrixRef actions,
                            ConstMatrixRef action_gradient, ConstVectorRef density_gradient,
                            MatrixRef output_gradient) {
  const Eigen::Index dim = actions.cols();
  for (Eigen::Index row = 0; row < actions.rows(); ++row) {
    const float density = density_gradient(row);
    for (Eigen::Index i = 0; i < dim; ++i) {
      const float a = actions(row, i);
      const float raw = outputs(row, dim + i);
      const float u = action_gradient(row, i) * (1 - a * a) + density * 2 * a;
      const bool clamped = raw < kLowLogSigma || raw > kHighLogSigma;
      output_gradient(row, i) = u;
      output_gradient(row, dim + i) = clamped ? 0 : u * std::exp(raw) * noise(row, i) - density;
    }
  }
}

void tanh_gaussian_log_density(ConstMatrixRef outputs, ConstMatrixRef actions, VectorRef log_density) {
  const Eigen::Index dim = actions.cols();
  for (Eigen::Index row = 0; row < actions.rows(); ++row) {
    float sum = 0;
    for (Eigen::Index i = 0; i < dim; ++i) {
      const float s = log_sigma(outputs(row, dim + i));
      const float u = std::atanh(std::clamp(actions(row, i), -1 + 1e-6F, 1 - 1e-6F));
      sum += entry_log_density((u - outputs(row, i)) / std::exp(s), s, u);
    }
    log_density(row) = sum;
  }
}

}  // namespace understudy
