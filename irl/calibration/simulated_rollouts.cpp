#include "irl/calibration/simulated_rollouts.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

#include "datasets/types/error.h"
#include "datasets/types/thread_pool.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "irl/calibration/episode_statistics.h"

namespace understudy {
namespace {

int horizon_of(const SimulationProblem& problem) {
  const auto environment = make_environment(problem.environment);
  const EnvironmentSpec& spec = environment->spec();
  if (problem.real.empty()) throw Error("calibration: want at least one real episode, found none");
  for (const Episode& episode : problem.real) {
    if (episode.observations.cols() == spec.observation.size() &&
        episode.actions.cols() == spec.action.size() && episode.length() > 0)
      continue;
    throw Error("calibration: want real episodes of " + spec.id + ", with " +
                std::to_string(spec.observation.size()) + " entries of observation and " +
                std::to_string(spec.action.size()) + " of action, found one with " +
                std::to_string(episode.observations.cols()) + " and " +
                std::to_string(episode.actions.cols()));
  }
  return spec.horizon;
}

Episode simulated(const SimulationProblem& problem, Environment& environment, Actor& actor, std::size_t index,
                  const Eigen::VectorXd& parameters) {
  const std::vector<double> values(parameters.begin(), parameters.end());
  environment.vary([&](std::uint64_t seed) {
    Variation variation = problem.others.draw(seed);
    set_quantities(variation, problem.keys, values);
    return variation;
  });
  return rollout(environment, actor, problem.real[index].seed);
}

}  // namespace

Episode simulated_rollout(const SimulationProblem& problem, std::size_t index,
                          const Eigen::VectorXd& parameters) {
  return simulated(problem, *make_environment(problem.environment), *problem.make_actor(), index, parameters);
}

SimulatedRollouts simulate_rollouts(const SimulationProblem& problem, const Eigen::MatrixXd& parameters,
                                    const std::function<bool(int)>& go_on) {
  const int horizon = horizon_of(problem);
  const auto real = static_cast<Eigen::Index>(problem.real.size());
  const Eigen::Index all = parameters.rows() * real;
  Eigen::VectorXd costs(all);
  std::vector<Eigen::VectorXd> statistics(static_cast<std::size_t>(all));
  std::vector<std::int64_t> steps(static_cast<std::size_t>(all), 0);
  std::atomic<Eigen::Index> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  int done = 0;
  const auto work = [&](int) {
    try {
      const auto environment = make_environment(problem.environment);
      const auto actor = problem.make_actor();
      for (Eigen::Index i = next++; i < all && !stop; i = next++) {
        const auto index = static_cast<std::size_t>(i % real);
        const Episode episode =
            simulated(problem, *environment, *actor, index, parameters.row(i / real).transpose());
        costs[i] = discrepancy(episode.observations, problem.real[index].observations, problem.discrepancy);
        statistics[static_cast<std::size_t>(i)] = episode_statistics(episode, horizon);
        steps[static_cast<std::size_t>(i)] = episode.length();
        const std::lock_guard lock(mutex);
        if (go_on && !go_on(++done)) stop = true;
      }
    } catch (...) {
      stop = true;
      throw;
    }
  };
  const int threads = static_cast<int>(std::min<Eigen::Index>(
      problem.threads > 0 ? problem.threads : ThreadPool::cores(), std::max<Eigen::Index>(1, all)));
  ThreadPool(threads).run(threads, work);
  if (stop) throw Interrupted("calibration: stopped");

  if (std::none_of(costs.begin(), costs.end(), [](double cost) { return std::isfinite(cost); }))
    throw Error(
        "calibration: want simulated episodes of finite numbers, found none; narrow the ranges of "
        "--parameters");
  double worst = 0;
  for (const double cost : costs)
    if (std::isfinite(cost)) worst = std::max(worst, cost);
  SimulatedRollouts result;
  result.costs = Eigen::VectorXd::Zero(parameters.rows());
  result.statistics = Eigen::MatrixXd::Zero(parameters.rows(), all > 0 ? statistics.front().size() : 0);
  for (Eigen::Index i = 0; i < all; ++i) {
    result.costs[i / real] += (std::isfinite(costs[i]) ? costs[i] : worst) / static_cast<double>(real);
    result.statistics.row(i / real) +=
        statistics[static_cast<std::size_t>(i)].transpose() / static_cast<double>(real);
    result.steps += steps[static_cast<std::size_t>(i)];
  }
  return result;
}

Eigen::VectorXd real_statistics(const SimulationProblem& problem) {
  const int horizon = horizon_of(problem);
  Eigen::VectorXd mean;
  for (const Episode& episode : problem.real) {
    const Eigen::VectorXd one =
        episode_statistics(episode, horizon) / static_cast<double>(problem.real.size());
    mean = mean.size() == 0 ? one : Eigen::VectorXd(mean + one);
  }
  return mean;
}

}  // namespace understudy
