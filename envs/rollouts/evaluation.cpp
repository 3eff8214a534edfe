#include "envs/rollouts/evaluation.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "datasets/types/error.h"
#include "envs/contract/environment.h"
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
    outcome.episode_return += static_cast<double>(result.reward);
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
  std::size_t threads = options.threads > 0 ? static_cast<std::size_t>(options.threads)
                                            : std::max(1U, std::thread::hardware_concurrency());
  threads = std::min(threads, episodes);

  std::vector<EpisodeOutcome> outcomes(episodes);
  std::vector<char> finished(episodes, 0);
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;  // guards finished, done, failure and the progress callback
  int done = 0;
  std::exception_ptr failure;

  const auto work = [&] {
    try {
      const auto environment = make_environment(environment_id, options.randomisation);
      const auto actor = make_actor();
      for (std::size_t i = next++; i < episodes && !stop; i = next++) {
        outcomes[i] = run_episode(*environment, *actor, options.seed + i);
        const std::lock_guard lock(mutex);
        finished[i] = 1;
        ++done;
        if (options.progress && !options.progress(done, options.episodes)) stop = true;
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      stop = true;
    }
  };
  std::vector<std::thread> pool;
  for (std::size_t t = 1; t < threads; ++t) pool.emplace_back(work);
  work();
  for (auto& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);

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
    summary.mean_length += outcome.length;
  }
  const auto count = static_cast<double>(outcomes.size());
  summary.success_rate = successes / count;
  summary.success = wilson_interval(successes, summary.episodes);
  summary.mean_return /= count;
  summary.episode_return = bootstrap_mean_interval(returns, seed);
  summary.mean_length /= count;
  return summary;
}

}  // namespace understudy
