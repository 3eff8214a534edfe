#include "bc/cloning/cloning.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <sstream>

#include "bc/networks/divergence_error.h"
#include "bc/networks/losses.h"
#include "bc/networks/network_loops.h"

namespace understudy {
namespace {

[[noreturn]] void refuse(const std::string& field, const std::string& want, double found) {
  std::ostringstream line;
  line << field << ": want " << want << ", found " << found;
  throw UsageError(line.str());
}

/// Pairs that training can use, or Error.
CloningPairs checked(CloningPairs pairs) {
  if (pairs.actions.rows() != pairs.observations.rows()) {
    throw Error("cloning data: want one action per observation, found " +
                std::to_string(pairs.actions.rows()) + " for " + std::to_string(pairs.observations.rows()));
  }
  if (pairs.actions.rows() == 0) throw Error("cloning data: want at least one transition, found none");
  if (!pairs.observations.allFinite()) throw Error("cloning data: an observation is not finite");
  if (!pairs.actions.allFinite()) throw Error("cloning data: an action is not finite");
  return pairs;
}

MlpSpec network_spec(const CloningConfig& config, const CloningPairs& pairs) {
  const int actions = static_cast<int>(pairs.actions.cols());
  return {.inputs = static_cast<int>(pairs.observations.cols()),
          .hidden = config.hidden,
          .outputs = config.likelihood == Likelihood::kGaussian ? 2 * actions : actions,
          .activation = config.activation};
}

/// Small, so that the first predictions are near zero whatever the observation.
constexpr double kOutputGain = 0.1;

}  // namespace

void validate(const CloningConfig& config) {
  for (const int width : config.hidden) {
    if (width < 1 || width > 65536) refuse("hidden", "widths from 1 to 65536", width);
  }
  const auto positive = [](const char* field, double value) {
    if (!(value > 0) || !std::isfinite(value)) refuse(field, "a positive number", value);
  };
  const auto not_negative = [](const char* field, double value) {
    if (!(value >= 0) || !std::isfinite(value)) refuse(field, "a number of at least 0", value);
  };
  positive("learning-rate", config.learning_rate);
  positive("final-learning-rate", config.final_learning_rate);
  if (config.final_learning_rate > 1)
    refuse("final-learning-rate", "a share of at most 1", config.final_learning_rate);
  not_negative("weight-decay", config.weight_decay);
  not_negative("observation-noise", config.observation_noise);
  positive("batch", config.batch);
  positive("epoch-updates", config.epoch_updates);
  positive("epochs", config.epochs);
}

Cloning::Cloning(CloningConfig config, CloningPairs training)
    : config_((validate(config), std::move(config))),
      network_([&] {
        training = checked(std::move(training));
        return network_spec(config_, training);
      }()),
      rng_(Rng::stream(config_.seed, 1)) {
  observations_ = std::move(training.observations);
  actions_ = std::move(training.actions);
  normaliser_ = config_.normalise ? fit_normaliser(observations_)
                                  : identity_normaliser(static_cast<int>(observations_.cols()));
  normaliser_.apply(observations_);

  Rng initial = Rng::stream(config_.seed, 0);
  state_.parameters = network_.initial_parameters(initial, kOutputGain);
  state_.adam = AdamState(network_.parameter_count());
  state_.order.resize(static_cast<std::size_t>(observations_.rows()));
  std::iota(state_.order.begin(), state_.order.end(), 0U);
  state_.cursor = state_.order.size();  // the first batch shuffles
  gradient_.setZero(network_.parameter_count());
  batch_observations_.resize(config_.batch, observations_.cols());
  batch_actions_.resize(config_.batch, actions_.cols());
}

/// Goes through the rows in a random order, and shuffles anew whenever all have been seen.
void Cloning::next_batch() {
  for (int row = 0; row < config_.batch; ++row) {
    if (state_.cursor == state_.order.size()) {
      for (std::size_t i = state_.order.size(); i > 1; --i) {
        std::swap(state_.order[i - 1], state_.order[rng_.below(i)]);
      }
      state_.cursor = 0;
    }
    const auto from = static_cast<Eigen::Index>(state_.order[state_.cursor++]);
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
  network_.forward(state_.parameters, batch_observations_, workspace_);
  metrics.loss = loss_and_gradient(batch_actions_);
  metrics.mean_absolute_error = static_cast<double>(
      (workspace_.outputs().leftCols(batch_actions_.cols()) - batch_actions_).cwiseAbs().mean());
  network_.backward(state_.parameters, batch_observations_, workspace_, gradient_);
  metrics.gradient_norm =
      std::sqrt(kernels::sum_of_squares(gradient_.data(), static_cast<std::size_t>(gradient_.size())));
  if (!std::isfinite(metrics.loss)) throw DivergenceError(updates() + 1, "loss");
  if (!std::isfinite(metrics.gradient_norm)) throw DivergenceError(updates() + 1, "gradient norm");
  adam_step({.learning_rate = metrics.learning_rate, .weight_decay = config_.weight_decay}, gradient_,
            state_.adam, state_.parameters);
  return metrics;
}

std::optional<CloningMetrics> Cloning::epoch(const std::function<bool()>& stop) {
  CloningMetrics mean;
  for (int i = 0; i < config_.epoch_updates; ++i) {
    if (stop && stop()) return std::nullopt;
    const CloningMetrics metrics = update();
    mean.loss += metrics.loss;
    mean.gradient_norm += metrics.gradient_norm;
    mean.mean_absolute_error += metrics.mean_absolute_error;
    mean.learning_rate = metrics.learning_rate;
  }
  mean.loss /= config_.epoch_updates;
  mean.gradient_norm /= config_.epoch_updates;
  mean.mean_absolute_error /= config_.epoch_updates;
  return mean;
}

double Cloning::loss(const CloningPairs& pairs) {
  Matrix observations = pairs.observations;
  normaliser_.apply(observations);
  double total = 0;
  for (Eigen::Index first = 0; first < observations.rows(); first += config_.batch) {
    const Eigen::Index rows = std::min<Eigen::Index>(config_.batch, observations.rows() - first);
    network_.forward(state_.parameters, observations.middleRows(first, rows), workspace_);
    total += loss_and_gradient(pairs.actions.middleRows(first, rows)) * static_cast<double>(rows);
  }
  return total / static_cast<double>(observations.rows());
}

Policy Cloning::policy() const {
  Policy policy;
  policy.normaliser = normaliser_;
  policy.network = std::make_shared<const MlpPolicy>(network_.spec(), state_.parameters, config_.likelihood,
                                                     config_.squash);
  policy.learner = "bc";
  return policy;
}

CloningState Cloning::state() const {
  CloningState state = state_;
  std::ostringstream text;
  text << rng_.engine();
  state.rng = text.str();
  return state;
}

void Cloning::restore(const CloningState& state) {
  const auto want = [](const char* what, std::size_t expected, std::size_t found) {
    if (expected != found) {
      throw Error(std::string("training state: want ") + std::to_string(expected) + " " + what + ", found " +
                  std::to_string(found));
    }
  };
  const auto parameters = static_cast<std::size_t>(network_.parameter_count());
  want("parameters", parameters, static_cast<std::size_t>(state.parameters.size()));
  want("first moments", parameters, static_cast<std::size_t>(state.adam.first.size()));
  want("second moments", parameters, static_cast<std::size_t>(state.adam.second.size()));
  want("shuffled rows", state_.order.size(), state.order.size());
  for (const std::uint32_t row : state.order) {
    if (row >= state.order.size()) throw Error("training state: a shuffled row lies outside the data");
  }
  if (state.cursor > state.order.size())
    throw Error("training state: the shuffle's position lies outside the data");
  std::istringstream text(state.rng);
  text >> rng_.engine();
  if (!text) throw Error("training state: the random generator cannot be read");
  state_ = state;
}

}  // namespace understudy
