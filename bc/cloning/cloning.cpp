#include "bc/cloning/cloning.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "bc/networks/divergence_error.h"
#include "bc/networks/losses.h"
#include "bc/networks/network_loops.h"
#include "datasets/types/rng_streams.h"

namespace understudy {
namespace {

MlpSpec network_spec(const CloningConfig& config, const CloningPairs& pairs) {
  const int actions = static_cast<int>(pairs.actions.cols());
  return {.inputs = static_cast<int>(pairs.observations.cols()),
          .hidden = config.hidden,
          .outputs = config.likelihood == Likelihood::kGaussian ? 2 * actions : actions,
          .activation = config.activation};
}

/// Small, so that the first predictions are near zero whatever the observation.
constexpr double kOutputGain = 0.1;

/// Of a number that must be positive.
constexpr double kLeast = 1e-300;

}  // namespace

CloningPairs checked_pairs(CloningPairs pairs) {
  if (pairs.actions.rows() != pairs.observations.rows()) {
    throw Error("cloning data: want one action per observation, found " +
                std::to_string(pairs.actions.rows()) + " for " + std::to_string(pairs.observations.rows()));
  }
  if (pairs.actions.rows() == 0) throw Error("cloning data: want at least one transition, found none");
  if (!pairs.observations.allFinite()) throw Error("cloning data: an observation is not finite");
  if (!pairs.actions.allFinite()) throw Error("cloning data: an action is not finite");
  return pairs;
}

SettingList settings(CloningConfig& c) {
  return {{"hidden", &c.hidden, "Widths of the hidden layers, e.g. 256,256, or 'none' for a linear policy"},
          {"activation", named(c.activation, activation_name, parse_activation), "tanh or relu"},
          {"likelihood", named(c.likelihood, likelihood_name, parse_likelihood), "mse or gaussian"},
          {"linear-output", Negated{&c.squash}, "No tanh on the action: clamp it instead"},
          {"no-normalise", Negated{&c.normalise}, "Leave observations as they are"},
          {"learning-rate", &c.learning_rate, "Adam's step size at the start", kLeast, 1e30},
          {"final-learning-rate", &c.final_learning_rate,
           "Share of it left at the end (half a cosine between)", kLeast, 1},
          {"weight-decay", &c.weight_decay, "Decoupled weight decay", 0, 1e30},
          {"observation-noise", &c.observation_noise,
           "Noise added to normalised observations, standard deviation", 0, 1e30},
          {"batch", &c.batch, "Transitions per update", 1, 1e9},
          {"epochs", &c.epochs, "Epochs of --epoch-updates updates each", 1, 1e9},
          {"epoch-updates", &c.epoch_updates, "Updates per epoch", 1, 1e9}};
}

void validate(const CloningConfig& config) {
  CloningConfig checked = config;
  check_settings(settings(checked));
}

Cloning::Cloning(CloningConfig config, CloningPairs training, std::shared_ptr<MlpDevice> device)
    : config_((validate(config), std::move(config))),
      network_([&] {
        training = checked_pairs(std::move(training));
        return network_spec(config_, training);
      }()),
      workspace_(std::move(device)),
      rng_(Rng::stream(config_.seed, RngStream::kCloningBatches)) {
  observations_ = std::move(training.observations);
  actions_ = std::move(training.actions);
  normaliser_ = config_.normalise ? fit_normaliser(observations_)
                                  : identity_normaliser(static_cast<int>(observations_.cols()));
  normaliser_.apply(observations_);

  Rng initial = Rng::stream(config_.seed, RngStream::kCloningParameters);
  parameters_ = network_.initial_parameters(initial, kOutputGain);
  adam_ = AdamState(network_.parameter_count());
  order_.resize(static_cast<std::size_t>(observations_.rows()));
  std::iota(order_.begin(), order_.end(), 0);
  cursor_ = static_cast<int>(order_.size());  // the first batch shuffles
  gradient_.setZero(network_.parameter_count());
  batch_observations_.resize(config_.batch, observations_.cols());
  batch_actions_.resize(config_.batch, actions_.cols());
}

/// Goes through the rows in a random order, and shuffles anew whenever all have been seen.
void Cloning::next_batch() {
  for (int row = 0; row < config_.batch; ++row) {
    if (cursor_ == static_cast<int>(order_.size())) {
      for (std::size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[rng_.below(i)]);
      cursor_ = 0;
    }
    const int from = order_[static_cast<std::size_t>(cursor_++)];
    batch_observations_.row(row) = observations_.row(from);
    batch_actions_.row(row) = actions_.row(from);
  }
  if (config_.observation_noise > 0) {
    // Both values of each Box-Muller pair, for this runs once per entry of every batch.
    float* values = batch_observations_.data();
    for (Eigen::Index i = 0; i < batch_observations_.size(); i += 2) {
      const double radius = config_.observation_noise * std::sqrt(-2.0 * std::log(1.0 - rng_.uniform()));
      const double angle = 2.0 * std::numbers::pi * rng_.uniform();
      values[i] += static_cast<float>(radius * std::cos(angle));
      if (i + 1 < batch_observations_.size()) values[i + 1] += static_cast<float>(radius * std::sin(angle));
    }
  }
}

/// Half a cosine from the first rate to its final share.
double Cloning::scheduled_learning_rate() const {
  const double total = static_cast<double>(config_.epochs) * config_.epoch_updates;
  const double progress = std::min(static_cast<double>(updates()) / total, 1.0);
  const double share = config_.final_learning_rate +
                       (1 - config_.final_learning_rate) * 0.5 * (1 + std::cos(std::numbers::pi * progress));
  return config_.learning_rate * share;
}

double Cloning::loss_and_gradient(ConstMatrixRef actions) {
  auto outputs = workspace_.outputs();
  auto gradient = workspace_.output_gradient();
  const Eigen::Index dim = actions.cols();
  MatrixRef mean = outputs.leftCols(dim);
  MatrixRef mean_gradient = gradient.leftCols(dim);
  if (config_.squash) squash(mean);
  const double loss = config_.likelihood == Likelihood::kMse
                          ? mse_loss(mean, actions, mean_gradient)
                          : gaussian_nll(mean, outputs.rightCols(dim), actions, kMinDeviation, mean_gradient,
                                         gradient.rightCols(dim));
  if (config_.squash) squash_backward(mean, mean_gradient);
  return loss;
}

CloningMetrics Cloning::update() {
  CloningMetrics metrics;
  metrics.learning_rate = scheduled_learning_rate();
  next_batch();
  network_.forward(parameters_, batch_observations_, workspace_);
  metrics.loss = loss_and_gradient(batch_actions_);
  metrics.mean_absolute_error = static_cast<double>(
      (workspace_.outputs().leftCols(batch_actions_.cols()) - batch_actions_).cwiseAbs().mean());
  network_.backward(parameters_, batch_observations_, workspace_, gradient_);
  metrics.gradient_norm =
      std::sqrt(kernels::sum_of_squares(gradient_.data(), static_cast<std::size_t>(gradient_.size())));
  if (!std::isfinite(metrics.loss)) throw DivergenceError(updates() + 1, "loss");
  if (!std::isfinite(metrics.gradient_norm)) throw DivergenceError(updates() + 1, "gradient norm");
  adam_step({.learning_rate = metrics.learning_rate, .weight_decay = config_.weight_decay}, gradient_, adam_,
            parameters_);
  return metrics;
}

double Cloning::loss(const CloningPairs& pairs) {
  Matrix observations = pairs.observations;
  normaliser_.apply(observations);
  double total = 0;
  for (Eigen::Index first = 0; first < observations.rows(); first += config_.batch) {
    const Eigen::Index rows = std::min<Eigen::Index>(config_.batch, observations.rows() - first);
    network_.forward(parameters_, observations.middleRows(first, rows), workspace_);
    total += loss_and_gradient(pairs.actions.middleRows(first, rows)) * static_cast<double>(rows);
  }
  return total / static_cast<double>(observations.rows());
}

Policy Cloning::policy() const {
  Policy policy;
  policy.normaliser = normaliser_;
  policy.network =
      std::make_shared<const MlpPolicy>(network_.spec(), parameters_, config_.likelihood, config_.squash);
  return policy;
}

void Cloning::serialise(Archive& archive) {
  archive("cloning parameters", parameters_);
  archive.want_finite(parameters_);
  serialise_adam(archive, adam_);
  archive.want_range(static_cast<std::int64_t>(adam_.steps), 0,
                     std::int64_t{config_.epochs} * config_.epoch_updates);
  archive.expect("cloning rows", static_cast<std::int64_t>(order_.size()));
  const auto rows = static_cast<std::int64_t>(order_.size());
  archive("cloning order", order_);
  archive.want_range(static_cast<std::int64_t>(order_.size()), rows, rows);
  for (const int row : order_) archive.want_range(row, 0, rows - 1);
  archive("cloning cursor", cursor_);
  archive.want_range(cursor_, 0, rows);
  archive("cloning rng", rng_);
}

}  // namespace understudy
