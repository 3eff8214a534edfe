#include "bc/dagger/dagger_rollout.h"

#include <limits>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "datasets/types/rng_streams.h"

namespace understudy {

LabelledEpisode dagger_rollout(Environment& environment, Actor& expert, Actor* learner, double beta,
                               std::uint64_t seed) {
  const EnvironmentSpec& spec = environment.spec();
  const Eigen::Index act_dim = spec.action.size();
  LabelledEpisode episode;
  episode.observations.resize(spec.horizon, spec.observation.size());
  episode.labels.resize(spec.horizon, act_dim);
  Rng coin = Rng::stream(seed, RngStream::kDaggerCoin);
  expert.reset(0, seed);
  if (learner != nullptr) learner->reset(0, seed);
  Vector observation(spec.observation.size());
  Matrix action(1, act_dim);
  environment.reset(seed, observation);
  double difference = 0;
  for (int t = 0;; ++t) {
    if (t == spec.horizon) throw Error(spec.id + ": an episode went past its horizon: it needs a TimeLimit");
    episode.observations.row(t) = observation.transpose();
    expert.act(observation.transpose(), episode.labels.row(t));
    episode.labels.row(t) = episode.labels.row(t).cwiseMax(-1.0F).cwiseMin(1.0F);
    const bool expert_drives = coin.uniform() < beta || learner == nullptr;
    if (learner != nullptr) {
      learner->act(observation.transpose(), action);
      difference += static_cast<double>((action - episode.labels.row(t)).cwiseAbs().sum());
    }
    if (expert_drives) {
      action = episode.labels.row(t);
      ++episode.expert_steps;
    }
    const StepResult step = environment.step(action.row(0).transpose(), observation);
    if (!step.terminated && !step.truncated) continue;
    episode.success = step.success;
    episode.observations.conservativeResize(t + 1, Eigen::NoChange);
    episode.labels.conservativeResize(t + 1, Eigen::NoChange);
    episode.disagreement = learner == nullptr ? std::numeric_limits<double>::quiet_NaN()
                                              : difference / static_cast<double>(episode.labels.size());
    return episode;
  }
}

}  // namespace understudy
