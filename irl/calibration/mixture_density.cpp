#include "irl/calibration/mixture_density.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <string>

#include "bc/networks/adam.h"
#include "bc/networks/divergence_error.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

using Square = Eigen::MatrixXd;

constexpr double kSmallest = 1e-9;  ///< deviation from which on a number is scaled to 1

int outputs_each(int parameters) {
  return 1 + 2 * parameters + parameters * (parameters - 1) / 2;
}

/// One component as the network gives it.
struct Component {
  double logit = 0;
  Eigen::VectorXd mean;
  Square factor;  ///< U
};

template <class Row>
Component component_of(const Row& row, int k, int n) {
  const Eigen::Index at = static_cast<Eigen::Index>(k) * outputs_each(n);
  Component component;
  component.logit = row[at];
  component.mean = row.segment(at + 1, n).transpose().template cast<double>();
  component.factor = Square::Zero(n, n);
  Eigen::Index next = at + 1 + 2 * n;
  for (int i = 0; i < n; ++i) {
    component.factor(i, i) = std::exp(static_cast<double>(row[at + 1 + n + i]));
    for (int j = 0; j < i; ++j) component.factor(i, j) = row[next++];
  }
  return component;
}

void deviations(const Eigen::MatrixXd& values, Eigen::VectorXd& mean, Eigen::VectorXd& scale) {
  mean = values.colwise().mean().transpose();
  scale = ((values.rowwise() - mean.transpose()).colwise().squaredNorm() / static_cast<double>(values.rows()))
              .cwiseSqrt()
              .transpose();
  for (double& entry : scale)
    if (!(entry > kSmallest)) entry = 1;
}

MlpSpec shape_of(const Eigen::MatrixXd& features, const Eigen::MatrixXd& parameters,
                 const MixtureDensityConfig& config) {
  const Eigen::Index kept = features.rows() - features.rows() / 10;
  if (features.rows() != parameters.rows() || kept < config.batch || features.rows() < 10)
    throw UsageError("mixture density network: want at least " + std::to_string(config.batch * 10 / 9 + 2) +
                     " simulations, a batch of " + std::to_string(config.batch) +
                     " and a tenth to keep apart, found " + std::to_string(features.rows()));
  if (!features.allFinite() || !parameters.allFinite())
    throw UsageError("mixture density network: want statistics and parameters that are finite");
  return {.inputs = static_cast<int>(features.cols()),
          .hidden = config.hidden,
          .outputs = config.components * outputs_each(static_cast<int>(parameters.cols()))};
}

}  // namespace

double mixture_loss(ConstMatrixRef outputs, ConstMatrixRef targets, int components, MatrixRef gradient) {
  const auto n = static_cast<int>(targets.cols());
  const auto batch = static_cast<double>(outputs.rows());
  const double constant = 0.5 * n * std::log(2 * std::numbers::pi);
  std::vector<Component> parts(static_cast<std::size_t>(components));
  std::vector<Eigen::VectorXd> whitened(parts.size()), away(parts.size());
  Eigen::VectorXd logs(components), logits(components);
  double loss = 0;
  for (Eigen::Index row = 0; row < outputs.rows(); ++row) {
    const Eigen::VectorXd target = targets.row(row).transpose().cast<double>();
    for (int k = 0; k < components; ++k) {
      const auto i = static_cast<std::size_t>(k);
      parts[i] = component_of(outputs.row(row), k, n);
      away[i] = target - parts[i].mean;
      whitened[i] = parts[i].factor * away[i];
      logits[k] = parts[i].logit;
      logs[k] = parts[i].logit + parts[i].factor.diagonal().array().log().sum() -
                0.5 * whitened[i].squaredNorm() - constant;
    }
    const double most = logs.maxCoeff(), highest = logits.maxCoeff();
    const Eigen::VectorXd shares = (logs.array() - most).exp(), priors = (logits.array() - highest).exp();
    loss += highest + std::log(priors.sum()) - most - std::log(shares.sum());
    for (int k = 0; k < components; ++k) {
      const auto i = static_cast<std::size_t>(k);
      const double share = shares[k] / shares.sum(), prior = priors[k] / priors.sum();
      const Eigen::Index at = static_cast<Eigen::Index>(k) * outputs_each(n);
      gradient(row, at) = static_cast<float>((prior - share) / batch);
      const Eigen::VectorXd of_mean = -(parts[i].factor.transpose() * whitened[i]) * (share / batch);
      gradient.row(row).segment(at + 1, n) = of_mean.transpose().cast<float>();
      Eigen::Index next = at + 1 + 2 * n;
      for (int a = 0; a < n; ++a) {
        const double diagonal = whitened[i][a] * away[i][a] * parts[i].factor(a, a) - 1;
        gradient(row, at + 1 + n + a) = static_cast<float>(diagonal * share / batch);
        for (int b = 0; b < a; ++b)
          gradient(row, next++) = static_cast<float>(whitened[i][a] * away[i][b] * share / batch);
      }
    }
  }
  return loss / batch;
}

MixtureDensityNetwork::MixtureDensityNetwork(const Eigen::MatrixXd& features,
                                             const Eigen::MatrixXd& parameters,
                                             const MixtureDensityConfig& config,
                                             const std::function<bool(int, double)>& progress)
    : network_(shape_of(features, parameters, config)), components_(config.components) {
  deviations(features, feature_mean_, feature_scale_);
  deviations(parameters, parameter_mean_, parameter_scale_);
  Rng rng(config.seed);
  weights_ = network_.initial_parameters(rng, 0.1);
  {
    // Components that begin alike would stay alike.
    const int n = static_cast<int>(parameters.cols());
    for (int k = 0; k < components_; ++k) {
      for (int i = 0; i < n; ++i)
        weights_[network_.bias_offset(network_.layers() - 1) + k * outputs_each(n) + 1 + i] =
            static_cast<float>(rng.normal());
    }
  }
  std::vector<Eigen::Index> order(static_cast<std::size_t>(features.rows()));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  const auto shuffle = [&rng](auto first, auto last) {
    for (auto i = last - first; i > 1; --i)
      std::swap(first[i - 1], first[static_cast<std::ptrdiff_t>(rng.below(static_cast<std::uint64_t>(i)))]);
  };
  shuffle(order.begin(), order.end());
  const auto apart = static_cast<std::ptrdiff_t>(order.size() / 10);
  const std::vector<Eigen::Index> held_out(order.begin(), order.begin() + apart);
  order.erase(order.begin(), order.begin() + apart);

  const Matrix inputs = scaled(features);
  const Matrix targets =
      ((parameters.rowwise() - parameter_mean_.transpose()) * parameter_scale_.cwiseInverse().asDiagonal())
          .cast<float>();
  const Matrix held_inputs = inputs(held_out, Eigen::all), held_targets = targets(held_out, Eigen::all);
  MlpWorkspace workspace;
  Matrix scratch(held_inputs.rows(), network_.spec().outputs);
  const auto judge = [&] {
    network_.forward(weights_, held_inputs, workspace);
    return mixture_loss(workspace.outputs(), held_targets, components_, scratch);
  };
  Vector best = weights_;
  held_out_loss_ = std::numeric_limits<double>::infinity();
  AdamState adam(network_.parameter_count());
  Vector gradient(network_.parameter_count());
  for (int epoch = 0; epoch < config.epochs; ++epoch) {
    shuffle(order.begin(), order.end());
    for (std::size_t at = 0; at + static_cast<std::size_t>(config.batch) <= order.size();
         at += static_cast<std::size_t>(config.batch)) {
      const std::vector<Eigen::Index> rows(order.begin() + static_cast<std::ptrdiff_t>(at),
                                           order.begin() + static_cast<std::ptrdiff_t>(at) + config.batch);
      const Matrix batch = inputs(rows, Eigen::all), wanted = targets(rows, Eigen::all);
      network_.forward(weights_, batch, workspace);
      const double loss = mixture_loss(workspace.outputs(), wanted, components_, workspace.output_gradient());
      if (!std::isfinite(loss)) throw DivergenceError(adam.steps + 1, "loss of the mixture density network");
      network_.backward(weights_, batch, workspace, gradient);
      adam_step({.learning_rate = config.learning_rate}, gradient, adam, weights_);
    }
    const double loss = judge();
    if (loss < held_out_loss_) {
      held_out_loss_ = loss;
      best = weights_;
    }
    if (progress && !progress(epoch + 1, loss)) break;
  }
  weights_ = best;
}

Matrix MixtureDensityNetwork::scaled(const Eigen::MatrixXd& features) const {
  return ((features.rowwise() - feature_mean_.transpose()) * feature_scale_.cwiseInverse().asDiagonal())
      .cast<float>();
}

GaussianMixture MixtureDensityNetwork::posterior(const Eigen::VectorXd& features) const {
  MlpWorkspace workspace;
  const Matrix input = scaled(features.transpose());
  network_.forward(weights_, input, workspace);
  const auto n = static_cast<int>(parameter_mean_.size());
  const Matrix outputs = workspace.outputs();
  GaussianMixture mixture;
  double most = -std::numeric_limits<double>::infinity(), sum = 0;
  for (int k = 0; k < components_; ++k) {
    const Component part = component_of(outputs.row(0), k, n);
    most = std::max(most, part.logit);
    mixture.weights.push_back(part.logit);
    // Sigma = (U'U)^-1 = U^-1 U^-T
    const Square inverse = part.factor.triangularView<Eigen::Lower>().solve(Square::Identity(n, n));
    const Square scaled_inverse = parameter_scale_.asDiagonal() * inverse;
    mixture.components.push_back({parameter_mean_ + parameter_scale_.asDiagonal() * part.mean,
                                  scaled_inverse * scaled_inverse.transpose()});
  }
  for (double& weight : mixture.weights) sum += weight = std::exp(weight - most);
  for (double& weight : mixture.weights) weight /= sum;
  return mixture;
}

}  // namespace understudy
