#include "irl/on_policy/on_policy.h"

#include <algorithm>
#include <cmath>

#include "bc/networks/divergence_error.h"
#include "bc/policies/mlp_policy.h"
#include "datasets/types/rng_streams.h"
#include "irl/on_policy/advantages.h"

namespace understudy {
namespace {

constexpr double kActorGain = 0.01;  // the first means hardly depend on the observation
/// Of a clone, whatever the deviation of the actions that it was cloned from.
constexpr float kLeastDeviation = 0.02F;
/// Rows of one forward pass over a rollout: what stays in the cache.
constexpr int kChunk = 512;

GaussianPolicy make_policy(const RlProblem& problem, const OnPolicyConfig& config) {
  MlpSpec spec{.inputs = problem.obs_dim,
               .hidden = config.hidden,
               .outputs = problem.act_dim,
               .activation = parse_activation(config.activation)};
  if (problem.warm_start == nullptr) return {spec, false};
  const MlpPolicy& start = mlp_of(*problem.warm_start);
  const MlpSpec& warm = start.spec;
  const int means = start.likelihood == Likelihood::kGaussian ? warm.outputs / 2 : warm.outputs;
  if (warm.inputs != problem.obs_dim || means != problem.act_dim) {
    throw Error("warm start: want a policy of " + std::to_string(problem.obs_dim) + " observations and " +
                std::to_string(problem.act_dim) + " actions, found " + std::to_string(warm.inputs) + " and " +
                std::to_string(means) + "; clone one from demonstrations of this task");
  }
  spec.hidden = warm.hidden;
  spec.activation = warm.activation;
  return {spec, start.squash};
}

/// The means' part of a cloned network, or fresh weights; then log sigma.
Vector first_actor(const RlProblem& problem, const OnPolicyConfig& config, const GaussianPolicy& policy) {
  Vector parameters =
      Vector::Constant(policy.parameter_count(), static_cast<float>(std::log(config.deviation)));
  const Mlp& network = policy.network();
  if (problem.warm_start == nullptr) {
    Rng rng = Rng::stream(problem.seed, RngStream::kOnPolicyActor);
    parameters.head(network.parameter_count()) = orthogonal_parameters(network, rng, kActorGain);
    return parameters;
  }
  for (Eigen::Index i = 0; i < problem.action_deviations.size(); ++i) {
    const float most = std::max(kLeastDeviation, problem.action_deviations(i));
    float& log_deviation = parameters(parameters.size() - problem.act_dim + i);
    log_deviation = std::min(log_deviation, std::log(most));
  }
  const Mlp warm(mlp_of(*problem.warm_start).spec);
  const Vector& source = mlp_of(*problem.warm_start).parameters;
  const int last = network.layers() - 1;
  const int in = network.width(last);
  const int out = network.width(last + 1);
  parameters.head(network.weight_offset(last)) = source.head(warm.weight_offset(last));
  Eigen::Map<Matrix>(parameters.data() + network.weight_offset(last), in, out) =
      Eigen::Map<const Matrix>(source.data() + warm.weight_offset(last), in, warm.width(last + 1))
          .leftCols(out);
  parameters.segment(network.bias_offset(last), out) = source.segment(warm.bias_offset(last), out);
  return parameters;
}

}  // namespace

SettingList on_policy_settings(OnPolicyConfig& c) {
  return {
      {"gamma", &c.gamma, "Discount per step", 0, 0.999999},
      {"lambda", &c.lambda, "Of generalised advantage estimation: 0 one step, 1 whole returns", 0, 1},
      {"rollout", &c.rollout, "Steps over all environments before each learning", 2, 1e8},
      {"hidden", &c.hidden, "Widths of the hidden layers of actor and critic"},
      {"activation", &c.activation, "Of the hidden layers", 0, 0, {"relu", "tanh"}},
      {"deviation", &c.deviation, "Standard deviation of the actions at the start", 1e-3, 10},
      {"normalise", &c.normalise, "Normalise observations by running statistics (never with --warm-start)"},
      {"scale-rewards", &c.scale_rewards, "Divide rewards by the deviation of the discounted return"},
      {"decay", &c.decay, "Learning rates fall linearly to 0 over --steps"},
      {"first-cycle", &c.first_cycle,
       "With --decay: steps over which they fall first, then again and again over as many as there were; 0: "
       "--steps",
       0, 2e9}};
}

OnPolicyLearner::OnPolicyLearner(const RlProblem& problem, const OnPolicyConfig& config)
    : problem_(problem),
      config_(config),
      rng_(Rng::stream(problem.seed, RngStream::kOnPolicy)),
      policy_(make_policy(problem, config)),
      actor_(first_actor(problem, config, policy_)),
      actor_adam_(policy_.parameter_count()),
      actor_gradient_(Vector::Zero(policy_.parameter_count())),
      critic_network_({.inputs = problem.obs_dim,
                       .hidden = config.hidden,
                       .outputs = 1,
                       .activation = parse_activation(config.activation)}),
      critic_([&] {
        Rng rng = Rng::stream(problem.seed, RngStream::kOnPolicyCritic);
        return orthogonal_parameters(critic_network_, rng, 1);
      }()),
      critic_adam_(critic_network_.parameter_count()),
      critic_gradient_(Vector::Zero(critic_network_.parameter_count())),
      buffer_({.streams = problem.environments, .obs_dim = problem.obs_dim, .act_dim = problem.act_dim}),
      statistics_(problem.obs_dim),
      normaliser_(identity_normaliser(problem.obs_dim)),
      reward_scale_(problem.environments, config.gamma),
      act_samples_(problem.environments, problem.act_dim),
      act_density_(problem.environments) {
  for (MlpWorkspace* workspace : {&actor_workspace_, &critic_workspace_, &act_workspace_}) {
    *workspace = MlpWorkspace(problem.device);
  }
}

void OnPolicyLearner::want_finite(double value, const char* metric) const {
  if (!std::isfinite(value)) throw DivergenceError(updates_ + 1, metric);
}

double OnPolicyLearner::rate_share() const {
  if (!config_.decay || problem_.steps == 0) return 1;
  const auto steps = static_cast<double>(steps_);
  if (config_.first_cycle == 0) return std::max(1 - steps / problem_.steps, 0.0);
  double begin = 0;
  double end = config_.first_cycle;
  while (end <= steps) {
    begin = end;
    end *= 2;
  }
  return (end - steps) / (end - begin);
}

void OnPolicyLearner::normalised(ConstMatrixRef observations, Matrix& result) const {
  result = observations;
  if (!normalises()) return;
  normaliser_.apply(result);
}

void OnPolicyLearner::take_statistics() {
  if (!normalises()) return;
  statistics_.add(rollout_.transitions.observations);
  normaliser_ = statistics_.normaliser();
}

void OnPolicyLearner::act(ConstMatrixRef observations, MatrixRef actions) {
  draw(act_noise_);
  sample(observations, act_noise_, act_samples_, act_density_);
  actions = act_samples_.cwiseMax(-1.0F).cwiseMin(1.0F);
  acted(act_samples_, act_density_);
}

void OnPolicyLearner::draw(Matrix& noise) {
  noise.resize(problem_.environments, problem_.act_dim);
  for (Eigen::Index c = 0; c < noise.cols(); ++c)
    for (float& value : noise.col(c)) value = static_cast<float>(rng_.normal());
}

void OnPolicyLearner::sample(ConstMatrixRef observations, ConstMatrixRef noise, MatrixRef samples,
                             VectorRef density) {
  normalised(observations, act_observations_);
  policy_.forward(actor_, act_observations_, act_workspace_);
  const auto log_deviation = policy_.log_deviation(actor_);
  samples = act_workspace_.outputs();
  for (Eigen::Index c = 0; c < samples.cols(); ++c)
    samples.col(c) += std::exp(log_deviation(c)) * noise.col(c);
  gaussian_log_density(act_workspace_.outputs(), log_deviation, samples, density);
}

void OnPolicyLearner::observe(const Steps& steps) {
  buffer_.add(steps);
}

void OnPolicyLearner::update(RewardLearner& reward) {
  if (buffer_.size() < config_.rollout) return;
  buffer_.take(config_.gamma, rollout_);
  learn_reward(reward);
  // The very first statistics serve at once: a fresh actor acts the same whatever its input's units.
  const bool first = statistics_.count() == 0;
  if (first) take_statistics();
  scale_rewards(reward);
  estimate();
  learn(scored_);
  steps_ += static_cast<std::uint64_t>(scored_.size());
  if (!first) take_statistics();
}

void OnPolicyLearner::learn_reward(RewardLearner& reward) {
  if (!reward.relabels()) return;
  reward.learn(rollout_.transitions, *this);
  reward.relabel(rollout_.transitions, *this);
}

void OnPolicyLearner::scale_rewards(RewardLearner& reward) {
  absorbing_reward_ = reward.absorbing_reward();
  if (!config_.scale_rewards) return;
  ends_.resize(static_cast<std::size_t>(rollout_.size()));
  for (int i = 0; i < rollout_.size(); ++i) ends_[static_cast<std::size_t>(i)] = rollout_.ends(i);
  Vector& rewards = rollout_.transitions.rewards;
  for (int stream = 0; stream < problem_.environments; ++stream) {
    const int first = rollout_.first[static_cast<std::size_t>(stream)];
    const int count = rollout_.first[static_cast<std::size_t>(stream) + 1] - first;
    reward_scale_.add(stream, rewards.segment(first, count), ends_.data() + first);
  }
  for (float& value : rewards) value = static_cast<float>(reward_scale_.scaled(static_cast<double>(value)));
  absorbing_reward_ = reward_scale_.scaled(absorbing_reward_);
}

void OnPolicyLearner::values(ConstMatrixRef observations, Vector& result) {
  result.resize(observations.rows());
  for (Eigen::Index first = 0; first < observations.rows(); first += kChunk) {
    const Eigen::Index rows = std::min<Eigen::Index>(kChunk, observations.rows() - first);
    critic_network_.forward(critic_, observations.middleRows(first, rows), critic_workspace_);
    result.segment(first, rows) = critic_workspace_.outputs().col(0);
  }
}

void OnPolicyLearner::estimate() {
  const TransitionBatch& all = rollout_.transitions;
  const int count = rollout_.size();
  normalised(all.observations, scored_.observations);
  values(scored_.observations, values_);
  // V(o_{t+1}) is the next row's value but where an episode or the rollout was cut.
  next_values_.resize(count);
  next_values_.head(count - 1) = values_.tail(count - 1);
  next_values_(count - 1) = 0;
  cut_.clear();
  for (int i = 0; i < count; ++i) {
    const bool last = std::binary_search(rollout_.first.begin(), rollout_.first.end(), i + 1);
    if (last || rollout_.ends(i)) cut_.push_back(i);
  }
  cut_observations_.resize(static_cast<Eigen::Index>(cut_.size()), problem_.obs_dim);
  gather_rows(all.next_observations, cut_, cut_observations_);
  normalised(cut_observations_, cut_normalised_);
  values(cut_normalised_, cut_values_);
  for (std::size_t i = 0; i < cut_.size(); ++i)
    next_values_(cut_[i]) = cut_values_(static_cast<Eigen::Index>(i));

  scored_.advantages.resize(count);
  scored_.returns.resize(count);
  const AdvantageConfig config{.gamma = config_.gamma,
                               .lambda = config_.lambda,
                               .absorbing_value = absorbing_reward_ / (1 - config_.gamma)};
  for (std::size_t stream = 0; stream + 1 < rollout_.first.size(); ++stream) {
    const int first = rollout_.first[stream];
    const int steps = rollout_.first[stream + 1] - first;
    estimate_advantages({.rewards = all.rewards.segment(first, steps),
                         .values = values_.segment(first, steps),
                         .next_values = next_values_.segment(first, steps),
                         .terminated = {all.terminated.data() + first, static_cast<std::size_t>(steps)},
                         .truncated = {rollout_.truncated.data() + first, static_cast<std::size_t>(steps)}},
                        config, scored_.advantages.segment(first, steps),
                        scored_.returns.segment(first, steps));
  }
  scored_.samples.swap(rollout_.samples);
  scored_.log_density.swap(rollout_.log_density);
  value_.add(static_cast<double>(values_.mean()));
}

SurrogateLoss OnPolicyLearner::surrogate(const ActorRows& rows, double clip) {
  policy_.forward(actor_, rows.observations, actor_workspace_);
  if (density_scratch_.size() < rows.samples.rows()) density_scratch_.resize(rows.samples.rows());
  return surrogate_loss({.means = actor_workspace_.outputs(),
                         .log_deviation = policy_.log_deviation(actor_),
                         .actions = rows.samples,
                         .old_log_density = rows.log_density,
                         .advantages = rows.advantages},
                        clip,
                        {.means = actor_workspace_.output_gradient(),
                         .log_deviation = actor_gradient_.tail(policy_.act_dim()),
                         .scratch = density_scratch_.head(rows.samples.rows())});
}

double OnPolicyLearner::critic_loss(ConstMatrixRef observations, ConstVectorRef returns, double weight) {
  critic_network_.forward(critic_, observations, critic_workspace_);
  auto error = critic_workspace_.output_gradient();
  error = critic_workspace_.outputs();
  error.col(0) -= returns;
  const auto rows = static_cast<double>(error.rows());
  const double loss = static_cast<double>(error.squaredNorm()) / rows;
  error *= static_cast<float>(2 * weight / rows);
  critic_network_.backward(critic_, observations, critic_workspace_, critic_gradient_);
  return loss;
}

void OnPolicyLearner::fit_critic(const ScoredRollout& rollout, const CriticFit& fit) {
  minibatches_.begin(rollout.size(), fit.batch);
  batch_observations_.resize(minibatches_.largest(), problem_.obs_dim);
  batch_returns_.resize(minibatches_.largest());
  for (int pass = 0; pass < fit.passes; ++pass) {
    if (minibatches_.count() > 1) minibatches_.shuffle(rng_);
    for (int k = 0; k < minibatches_.count(); ++k) {
      const auto rows = minibatches_.rows(k);
      const auto size = static_cast<Eigen::Index>(rows.size());
      gather_rows(rollout.observations, rows, batch_observations_.topRows(size));
      gather_entries(rollout.returns, rows, batch_returns_.head(size));
      const double loss = critic_loss(batch_observations_.topRows(size), batch_returns_.head(size), 1);
      want_finite(loss, "critic loss");
      adam_step({.learning_rate = fit.learning_rate}, critic_gradient_, critic_adam_, critic_);
      critic_loss_.add(loss);
    }
  }
}

void OnPolicyLearner::log_density(ConstMatrixRef observations, ConstMatrixRef actions, VectorRef result) {
  normalised(observations, act_observations_);
  policy_.forward(actor_, act_observations_, act_workspace_);
  gaussian_log_density(act_workspace_.outputs(), policy_.log_deviation(actor_), actions, result);
}

Policy OnPolicyLearner::policy() const {
  Policy policy;
  policy.normaliser = normaliser_;
  policy.network = std::make_shared<const MlpPolicy>(policy_.network().spec(),
                                                     actor_.head(policy_.network().parameter_count()),
                                                     Likelihood::kMse, policy_.squash());
  return policy;
}

void OnPolicyLearner::report(Metrics& metrics) {
  metrics.set("actor_loss", actor_loss_.take());
  metrics.set("critic_loss", critic_loss_.take());
  metrics.set("kl", kl_.take());
  metrics.set("value", value_.take());
  metrics.set("entropy", gaussian_entropy(policy_.log_deviation(actor_)));
}

void OnPolicyLearner::serialise(Archive& archive) {
  archive("learner rng", rng_);
  archive("updates", updates_);
  archive.want_count(updates_);
  archive("steps", steps_);
  want_steps(archive, problem_, steps_);
  archive("actor", actor_);
  archive.want_finite(actor_);
  serialise_adam(archive, actor_adam_);
  archive("critic", critic_);
  archive.want_finite(critic_);
  serialise_adam(archive, critic_adam_);
  statistics_.serialise(archive);
  archive("normaliser mean", normaliser_.mean);
  archive.want_finite(normaliser_.mean);
  archive("normaliser scale", normaliser_.scale);
  archive.want_finite(normaliser_.scale, 0);
  reward_scale_.serialise(archive);
  buffer_.serialise(archive);
  for (RunningMean* mean : {&actor_loss_, &critic_loss_, &kl_, &value_}) mean->serialise(archive);
}

}  // namespace understudy
