#include "irl/on_policy/gaussian_policy.h"

#include <cmath>
#include <numbers>

#include "bc/networks/losses.h"

namespace understudy {

// Columns outside, so that every deviation costs one exponential.
void gaussian_log_density(ConstMatrixRef means, ConstVectorRef log_deviation, ConstMatrixRef actions,
                          VectorRef result) {
  const float offset = 0.5F * static_cast<float>(std::log(2 * std::numbers::pi));
  result.setZero();
  for (Eigen::Index c = 0; c < means.cols(); ++c) {
    const float precision = std::exp(-2 * log_deviation(c));
    const float constant = log_deviation(c) + offset;
    for (Eigen::Index r = 0; r < means.rows(); ++r) {
      const float distance = actions(r, c) - means(r, c);
      result(r) -= 0.5F * precision * distance * distance + constant;
    }
  }
}

double gaussian_entropy(ConstVectorRef log_deviation) {
  return static_cast<double>(log_deviation.sum()) +
         0.5 * static_cast<double>(log_deviation.size()) * std::log(2 * std::numbers::pi * std::numbers::e);
}

double gaussian_kl(const GaussianBatch& p, const GaussianBatch& q) {
  double total = 0;
  const auto rows = static_cast<double>(p.means.rows());
  for (Eigen::Index c = 0; c < p.means.cols(); ++c) {
    // In double: near p = q the terms cancel to their last digits, and line searches look at just those.
    const auto log_ratio = static_cast<double>(q.log_deviation(c)) - static_cast<double>(p.log_deviation(c));
    const double half_precision = 0.5 * std::exp(-2 * static_cast<double>(q.log_deviation(c)));
    double squares = 0;
    for (Eigen::Index r = 0; r < p.means.rows(); ++r) {
      const auto distance = static_cast<double>(p.means(r, c) - q.means(r, c));
      squares += distance * distance;
    }
    total += log_ratio + 0.5 * std::expm1(-2 * log_ratio) + half_precision * squares / rows;
  }
  return total;
}

void GaussianPolicy::forward(const Vector& parameters, ConstMatrixRef observations,
                             MlpWorkspace& workspace) const {
  network_.forward(parameters.head(network_.parameter_count()), observations, workspace);
  if (squash_) understudy::squash(workspace.outputs());
}

void GaussianPolicy::backward(const Vector& parameters, ConstMatrixRef observations, MlpWorkspace& workspace,
                              Vector& gradient) const {
  if (squash_) squash_backward(workspace.outputs(), workspace.output_gradient());
  const int count = network_.parameter_count();
  network_.backward(parameters.head(count), observations, workspace, gradient.head(count));
}

void GaussianPolicy::fisher_product(const Vector& parameters, ConstMatrixRef observations,
                                    MlpWorkspace& workspace, MlpWorkspace& tangents, const Vector& v,
                                    Vector& product) const {
  const int count = network_.parameter_count();
  network_.forward_tangent(parameters.head(count), v.head(count), observations, workspace, tangents);
  auto means = workspace.outputs();
  auto gradient = workspace.output_gradient();
  gradient = tangents.outputs();
  if (squash_) squash_backward(means, gradient);
  const float share = 1 / static_cast<float>(means.rows());
  for (Eigen::Index c = 0; c < means.cols(); ++c) {
    gradient.col(c) *= share * std::exp(-2 * log_deviation(parameters)(c));
  }
  backward(parameters, observations, workspace, product);
  product.tail(act_dim()) = 2 * v.tail(act_dim());
}

Vector orthogonal_parameters(const Mlp& network, Rng& rng, double output_gain) {
  Vector parameters = network.initial_parameters(rng, output_gain);
  if (network.spec().activation == Activation::kTanh) {  // has gain 1 so far; relu has sqrt 2
    parameters.head(network.weight_offset(network.layers() - 1)) *= std::numbers::sqrt2_v<float>;
  }
  return parameters;
}

}  // namespace understudy
