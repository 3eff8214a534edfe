#include "envs/rollouts/evaluation.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <numeric>

#include "datasets/types/error.h"
#include "datasets/types/thread_pool.h"
#include "envs/contract/environment.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"

namespace understudy {
namespace {

EpisodeOutcome outcome_of(const Environment& environment, const Episode& episode, const StepResult& last) {
  EpisodeOutcome outcome;
  outcome.seed = episode.seed;
  outcome.success = episode.success;
  outcome.best_reward = *std::max_element(episode.rewards.begin(), episode.rewards.end());
  outcome.episode_return = std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0);
  outcome.length = episode.length();
  outcome.terminated = episode.terminated;
  outcome.truncated = episode.truncated;
  outcome.variation = environment.variation();
  if (environment.spec().has_success() || last.terminated) outcome.cause = cause_of_failure(last);
  return outcome;
}

/// Hands episodes over in the order of their numbers, whichever thread finished them.
class Handover {
 public:
  /// Waits until it is `number`'s turn; false when `stop` was called before.
  bool wait_for_turn(std::size_t number) {
    std::unique_lock lock(mutex_);
    turn_.wait(lock, [&] { return next_ == number || stopped_; });
    return next_ == number && !stopped_;
  }
  void done() {
    const std::lock_guard lock(mutex_);
    ++next_;
    turn_.notify_all();
  }
  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    turn_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable turn_;
  std::size_t next_ = 0;
  bool stopped_ = false;
};

}  // namespace

std::vector<EpisodeOutcome> evaluate(const std::string& environment_id, const ActorFactory& make_actor,
                                     const EvaluationOptions& options) {
  if (options.episodes < 1)
    throw UsageError("evaluation: want at least 1 episode, found " + std::to_string(options.episodes));
  const auto episodes = static_cast<std::size_t>(options.episodes);
  const int threads = std::min(options.threads > 0 ? options.threads : ThreadPool::cores(), options.episodes);

  const bool keeps = static_cast<bool>(options.keep);
  const bool timed = options.times != nullptr;
  std::vector<EpisodeOutcome> outcomes(episodes);
  std::vector<char> finished(episodes, 0);
  std::atomic<std::size_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;  // guards finished, done and the progress callback
  int done = 0;

  Handover handover;
  const auto halt = [&] {
    stop = true;
    handover.stop();
  };

  const auto work = [&](int) {
    if (next >= episodes || stop) return;  // another thread's share, which that one has yet to wake up for
    try {
      const auto environment = make_environment(environment_id, options.randomisation);
      const auto actor = make_actor();
      EvaluationTimes times;
      for (std::size_t i = next++; i < episodes && !stop; i = next++) {
        StepResult last;
        const Episode episode =
            rollout(*environment, *actor, options.seed + i,
                    {.keep_states = keeps, .last = &last, .times = timed ? &times : nullptr});
        outcomes[i] = outcome_of(*environment, episode, last);
        if (keeps) {
          if (!handover.wait_for_turn(i)) return;
          options.keep(outcomes[i], episode);
          handover.done();
        }
        const std::lock_guard lock(mutex);
        finished[i] = 1;
        ++done;
        if (options.progress && !options.progress(done, options.episodes)) halt();
      }
      if (!timed) return;
      const std::lock_guard lock(mutex);
      options.times->acting.merge(times.acting);
      options.times->simulating += times.simulating;
      options.times->engine += times.engine;
      options.times->busy += times.busy;
    } catch (...) {
      halt();
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
