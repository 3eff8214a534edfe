#include "envs/rollouts/evaluation.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>

#include "datasets/types/error.h"
#include "datasets/types/thread_pool.h"
#include "envs/contract/environment.h"
#include "envs/contract/watching_actor.h"
#include "envs/tasks/registry.h"

namespace understudy {
namespace {

EpisodeOutcome run_episode(Environment& environment, Actor& actor, std::uint64_t seed) {
  Matrix observation(1, environment.spec().observation.size());
  Matrix action(1, environment.spec().action.size());
  Vector row(observation.cols());
  EpisodeOutcome outcome;
  outcome.seed = seed;
  environment.reset(seed, row);
  actor.reset(0, seed);
  StepResult result;
  do {
    observation.row(0) = row.transpose();
    actor.act(observation, action);
    result = environment.step(action.row(0).transpose(), row);
    const auto reward = static_cast<double>(result.reward);
    outcome.episode_return += reward;
    outcome.best_reward = outcome.length == 0 ? reward : std::max(outcome.best_reward, reward);
    ++outcome.length;
  } while (!result.terminated && !result.truncated);
  outcome.success = result.success;
  outcome.terminated = result.terminated;
  outcome.truncated = result.truncated;
  outcome.variation = environment.variation();
  return outcome;
}

}  // namespace

std::vector<EpisodeOutcome> evaluate(const std::string& environment_id, const ActorFactory& make_actor,
                                     const EvaluationOptions& options) {
  if (options.episodes < 1)
    throw UsageError("evaluation: want at least 1 episode, found " + std::to_string(options.episodes));
  const auto episodes = static_cast<std::size_t>(options.episodes);
  const int threads = std::min(options.threads > 0 ? options.threads : ThreadPool::cores(), options.episodes);

  std::vector<EpisodeOutcome> outcomes(episodes);
  std::vector<char> finished(episodes, 0);
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;  // guards finished, done and the progress callback
  int done = 0;

  const auto work = [&](int) {
    if (next >= episodes || stop) return;  // another thread's share, which that one has yet to wake up for
    try {
      const auto environment = make_environment(environment_id, options.randomisation);
      const auto actor = make_actor();
      watch(*actor, *environment);
      for (std::size_t i = next++; i < episodes && !stop; i = next++) {
        outcomes[i] = run_episode(*environment, *actor, options.seed + i);
        const std::lock_guard lock(mutex);
        finished[i] = 1;
        ++done;
        if (options.progress && !options.progress(done, options.episodes)) stop = true;
      }
    } catch (...) {
      stop = true;
      throw;
    }
  };
  ThreadPool(threads).run(threads, work);

  std::vector<EpisodeOutcome> in_order;
  for (std::size_t i = 0; i < episodes; ++i) {
    if (finished[i]) in_order.push_back(outcomes[i]);
  }
  return in_order;
}

EvaluationSummary summarise(const std::vector<EpisodeOutcome>& outcomes, std::uint64_t seed) {
  if (outcomes.empty()) throw Error("evaluation: want at least one finished episode, found none");
  EvaluationSummary summary;
  summary.episodes = static_cast<int>(outcomes.size());
  std::vector<double> returns;
  int successes = 0;
  for (const EpisodeOutcome& outcome : outcomes) {
    successes += outcome.success ? 1 : 0;
    returns.push_back(outcome.episode_return);
    summary.mean_return += outcome.episode_return;
    summary.mean_best_reward += outcome.best_reward;
    summary.mean_length += outcome.length;
  }
  const auto count = static_cast<double>(outcomes.size());
  summary.success_rate = successes / count;
  summary.success = wilson_interval(successes, summary.episodes);
  summary.mean_return /= count;
  summary.episode_return = bootstrap_mean_interval(returns, seed);
  summary.mean_best_reward /= count;
  summary.mean_length /= count;
  return summary;
}

}  // namespace understudy
