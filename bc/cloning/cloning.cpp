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

Vector begun(const Vector& first, const Vector& warm_start) {
  if (first.size() == warm_start.size()) return warm_start;
  throw Error("warm start: want " + std::to_string(first.size()) + " parameters, found " +
              std::to_string(warm_start.size()));
}

CloningPairs checked_pairs(CloningPairs pairs) {
  if (pairs.actions.rows() != pairs.observations.rows()) {
    throw Error("cloning data: want one action per observation, found " +
                std::to_string(pairs.actions.rows()) + " for " + std::to_string(pairs.observations.rows()));
  }
  if (pairs.actions.rows() == 0) throw Error("cloning data: want at least one transition, found none");
  if (!pairs.observations.allFinite()) throw Error("cloning data: an observation is not finite");
  if (!pairs.actions.allFinite()) throw Error("cloning data: an action is not finite");
  if (!pairs.weights.empty() && pairs.weights.size() != static_cast<std::size_t>(pairs.actions.rows())) {
    throw Error("cloning data: want a weight for each of " + std::to_string(pairs.actions.rows()) +
                " transitions, found " + std::to_string(pairs.weights.size()));
  }
  for (const float weight : pairs.weights) {
    if (!(weight >= 0 && std::isfinite(weight)))
      throw Error("cloning data: want weights of at least 0, found " + std::to_string(weight));
  }
  return pairs;
}

std::vector<std::vector<int>> rows_by_dataset(const CloningPairs& pairs,
                                              const std::function<bool(int)>& wanted) {
  std::vector<int> sizes = pairs.datasets;
  if (sizes.empty()) sizes.push_back(static_cast<int>(pairs.actions.rows()));
  std::vector<std::vector<int>> datasets;
  int row = 0;
  for (const int size : sizes) {
    datasets.emplace_back();
    for (const int end = row + size; row < end; ++row) {
      if (wanted(row)) datasets.back().push_back(row);
    }
    if (datasets.back().empty())
      throw Error("cloning data: every step of file " + std::to_string(datasets.size()) +
                  " has weight 0; raise --correction-weight, --policy-weight or --idle-weight");
  }
  return datasets;
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

Cloning::Cloning(CloningConfig config, CloningPairs training, std::shared_ptr<MlpDevice> device,
                 const Policy* warm_start, std::shared_ptr<Ranks> ranks)
    : config_((validate(config), std::move(config))),
      network_([&] {
        training = checked_pairs(std::move(training));
        return network_spec(config_, training);
      }()),
      workspace_(std::move(device)),
      rng_(Rng::stream(config_.seed, RngStream::kCloningBatches)),
      shards_(config_.shards, std::move(ranks)) {
  rows_ = BatchRows(rows_by_dataset(training,
                                    [&](int row) {
                                      return training.weights.empty() ||
                                             training.weights[static_cast<std::size_t>(row)] > 0;
                                    }),
                    config_.shares);
  weights_ = std::move(training.weights);
  observations_ = std::move(training.observations);
  actions_ = std::move(training.actions);
  normaliser_ = config_.normalise ? fit_normaliser(observations_)
                                  : identity_normaliser(static_cast<int>(observations_.cols()));
  if (warm_start != nullptr) normaliser_ = warm_start->normaliser;
  normaliser_.apply(observations_);

  Rng initial = Rng::stream(config_.seed, RngStream::kCloningParameters);
  parameters_ = network_.initial_parameters(initial, kOutputGain);
  if (warm_start != nullptr) parameters_ = begun(parameters_, mlp_of(*warm_start).parameters);
  adam_ = AdamState(network_.parameter_count());
  gradient_.setZero(network_.parameter_count());
  batch_rows_.resize(static_cast<std::size_t>(config_.batch));
  batch_observations_.resize(config_.batch, observations_.cols());
  batch_actions_.resize(config_.batch, actions_.cols());
}

void Cloning::next_batch() {
  batch_weights_.clear();
  rows_.next(rng_, batch_rows_.data(), config_.batch);
  for (int i = 0; i < config_.batch; ++i) {
    const int from = batch_rows_[static_cast<std::size_t>(i)];
    batch_observations_.row(i) = observations_.row(from);
    batch_actions_.row(i) = actions_.row(from);
    if (!weights_.empty()) batch_weights_.push_back(weights_[static_cast<std::size_t>(from)]);
  }
  if (!shards_.split()) disturb(rng_, batch_observations_.data(), batch_observations_.size());
}

void Cloning::disturb(Rng& rng, float* values, Eigen::Index count) const {
  if (config_.observation_noise <= 0) return;
  // Both values of each Box-Muller pair, for this runs once per entry of every batch.
  for (Eigen::Index i = 0; i < count; i += 2) {
    const double radius = config_.observation_noise * std::sqrt(-2.0 * std::log(1.0 - rng.uniform()));
    const double angle = 2.0 * std::numbers::pi * rng.uniform();
    values[i] += static_cast<float>(radius * std::cos(angle));
    if (i + 1 < count) values[i + 1] += static_cast<float>(radius * std::sin(angle));
  }
}

void Cloning::shard_gradient(int shard, Vector& gradient, Figures& figures) {
  const ShardRange rows = shards_.rows(config_.batch, shard);
  auto observations = batch_observations_.middleRows(rows.first, rows.count());
  const auto actions = batch_actions_.middleRows(rows.first, rows.count());
  Rng rng = Shards::rng(config_.seed, updates(), shard);
  disturb(rng, observations.data(), observations.size());
  const float* weights = weights_.empty() ? nullptr : batch_weights_.data() + rows.first;
  const double share = weights == nullptr
                           ? static_cast<double>(rows.count()) / config_.batch
                           : std::accumulate(weights, weights + rows.count(), 0.0) /
                                 std::accumulate(batch_weights_.begin(), batch_weights_.end(), 0.0);
  network_.forward(parameters_, observations, workspace_);
  figures[0] = share * loss_and_gradient(actions, weights);
  figures[1] =
      static_cast<double>((workspace_.outputs().leftCols(actions.cols()) - actions).cwiseAbs().mean()) *
      rows.count() / config_.batch;
  network_.backward(parameters_, observations, workspace_, gradient);
  gradient *= static_cast<float>(share);
}

double learning_rate_at(const LearningRate& rate, std::uint64_t update) {
  const auto step = static_cast<double>(update);
  if (step < rate.warm_up) return rate.full * (step + 1) / rate.warm_up;
  const double progress = std::min((step - rate.warm_up) / std::max(rate.updates - rate.warm_up, 1.0), 1.0);
  const double share =
      rate.final_share + (1 - rate.final_share) * 0.5 * (1 + std::cos(std::numbers::pi * progress));
  return rate.full * share;
}

void take_step(const StepLimits& limits, Vector& gradient, AdamState& adam, Vector& parameters,
               CloningMetrics& metrics) {
  metrics.gradient_norm =
      std::sqrt(kernels::sum_of_squares(gradient.data(), static_cast<std::size_t>(gradient.size())));
  if (!std::isfinite(metrics.loss)) throw DivergenceError(adam.steps + 1, "loss");
  if (!std::isfinite(metrics.gradient_norm)) throw DivergenceError(adam.steps + 1, "gradient norm");
  if (limits.clip_gradient > 0 && metrics.gradient_norm > limits.clip_gradient)
    gradient *= static_cast<float>(limits.clip_gradient / metrics.gradient_norm);
  adam_step({.learning_rate = metrics.learning_rate, .weight_decay = limits.weight_decay}, gradient, adam,
            parameters);
}

double Cloning::loss_and_gradient(ConstMatrixRef actions, const float* weights) {
  auto outputs = workspace_.outputs();
  auto gradient = workspace_.output_gradient();
  const Eigen::Index dim = actions.cols(), rows = actions.rows();
  MatrixRef mean = outputs.leftCols(dim);
  MatrixRef mean_gradient = gradient.leftCols(dim);
  if (config_.squash) squash(mean);
  const auto mean_over = [&](Eigen::Index first, Eigen::Index count) {
    return config_.likelihood == Likelihood::kMse
               ? mse_loss(mean.middleRows(first, count), actions.middleRows(first, count),
                          mean_gradient.middleRows(first, count))
               : gaussian_nll(mean.middleRows(first, count), outputs.rightCols(dim).middleRows(first, count),
                              actions.middleRows(first, count), kMinDeviation,
                              mean_gradient.middleRows(first, count),
                              gradient.rightCols(dim).middleRows(first, count));
  };
  double loss = 0;
  if (weights == nullptr) {
    loss = mean_over(0, rows);
  } else {
    const float total = std::accumulate(weights, weights + rows, 0.0F);
    for (Eigen::Index r = 0; r < rows; ++r) {
      const float share = weights[r] / total;
      loss += static_cast<double>(share) * mean_over(r, 1);
      gradient.row(r) *= share;
    }
  }
  if (config_.squash) squash_backward(mean, mean_gradient);
  return loss;
}

CloningMetrics Cloning::update() {
  CloningMetrics metrics;
  metrics.learning_rate = learning_rate_at({.full = config_.learning_rate,
                                            .final_share = config_.final_learning_rate,
                                            .warm_up = config_.warm_up,
                                            .updates = 1.0 * config_.epochs * config_.epoch_updates},
                                           updates());
  next_batch();
  if (shards_.split()) {
    Figures figures{};
    shards_.sum([this](int shard, Vector& gradient, Figures& f) { shard_gradient(shard, gradient, f); },
                gradient_, figures);
    metrics.loss = figures[0];
    metrics.mean_absolute_error = figures[1];
  } else {
    network_.forward(parameters_, batch_observations_, workspace_);
    metrics.loss = loss_and_gradient(batch_actions_, weights_.empty() ? nullptr : batch_weights_.data());
    metrics.mean_absolute_error = static_cast<double>(
        (workspace_.outputs().leftCols(batch_actions_.cols()) - batch_actions_).cwiseAbs().mean());
    network_.backward(parameters_, batch_observations_, workspace_, gradient_);
  }
  take_step({.clip_gradient = config_.clip_gradient, .weight_decay = config_.weight_decay}, gradient_, adam_,
            parameters_, metrics);
  return metrics;
}

double Cloning::loss(const CloningPairs& pairs) {
  Matrix observations = pairs.observations;
  normaliser_.apply(observations);
  double losses = 0, total = 0;
  for (Eigen::Index first = 0; first < observations.rows(); first += config_.batch) {
    const Eigen::Index rows = std::min<Eigen::Index>(config_.batch, observations.rows() - first);
    network_.forward(parameters_, observations.middleRows(first, rows), workspace_);
    const float* weights = pairs.weights.empty() ? nullptr : pairs.weights.data() + first;
    const double weight =
        weights == nullptr ? static_cast<double>(rows) : std::accumulate(weights, weights + rows, 0.0);
    if (weight <= 0) continue;
    losses += weight * loss_and_gradient(pairs.actions.middleRows(first, rows), weights);
    total += weight;
  }
  return losses / total;
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
  rows_.serialise(archive);
  archive("cloning rng", rng_);
}

}  // namespace understudy
