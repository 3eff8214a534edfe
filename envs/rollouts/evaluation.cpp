#include "envs/rollouts/evaluation.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <mutex>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "datasets/types/thread_pool.h"
#include "envs/contract/environment.h"
#include "envs/tasks/registry.h"

namespace understudy {
namespace {

constexpr double kZ95 = 1.959963984540054;  // standard normal quantile at 0.975

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

Interval wilson_interval(int successes, int trials) {
  const double n = trials;
  const double rate = successes / n;
  const double z2 = kZ95 * kZ95;
  const double centre = (rate + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ95 * std::sqrt(rate * (1 - rate) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

namespace {

constexpr int kResamples = 2000;

/// 95 % percentile interval of `statistic` (of sorted or unsorted values, its own choice) over resampled values.
template <class Statistic>
Interval bootstrap_interval(const std::vector<double>& values, std::uint64_t seed, int resamples,
                            const Statistic& statistic) {
  Rng rng(seed);
  std::vector<double> results(static_cast<std::size_t>(resamples));
  std::vector<double> drawn(values.size());
  for (double& result : results) {
    for (double& value : drawn) value = values[rng.below(values.size())];
    result = statistic(drawn);
  }
  std::sort(results.begin(), results.end());
  const auto quantile = [&](double q) {
    return results[static_cast<std::size_t>(std::lround(q * static_cast<double>(results.size() - 1)))];
  };
  return {quantile(0.025), quantile(0.975)};
}

double middle_mean(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t cut = values.size() / 4;
  double sum = 0;
  for (std::size_t i = cut; i < values.size() - cut; ++i) sum += values[i];
  return sum / static_cast<double>(values.size() - 2 * cut);
}

}  // namespace

InterquartileMean interquartile_mean(const std::vector<double>& values, std::uint64_t seed) {
  if (values.empty()) throw Error("interquartile mean: want at least one value, found none");
  return {middle_mean(values), bootstrap_interval(values, seed, kResamples, middle_mean)};
}

Interval bootstrap_mean_interval(const std::vector<double>& values, std::uint64_t seed, int resamples) {
  return bootstrap_interval(values, seed, resamples, [](const std::vector<double>& drawn) {
    double sum = 0;
    for (const double value : drawn) sum += value;
    return sum / static_cast<double>(drawn.size());
  });
}

Interval paired_difference_interval(const std::vector<double>& first, const std::vector<double>& second,
                                    std::uint64_t seed) {
  if (first.size() != second.size() || first.empty()) {
    throw Error("paired comparison: want two series of the same length, found " +
                std::to_string(first.size()) + " and " + std::to_string(second.size()) + " values");
  }
  std::vector<double> differences(first.size());
  std::transform(first.begin(), first.end(), second.begin(), differences.begin(), std::minus<>());
  return bootstrap_mean_interval(differences, seed);
}

}  // namespace understudy
