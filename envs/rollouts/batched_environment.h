#pragma once
/// \file Many environments of one task, stepped together on a thread pool.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "datasets/types/thread_pool.h"
#include "envs/contract/environment.h"

namespace understudy {

/// What one step of all environments returned; row r belongs to environment r.
struct BatchStep {
  Matrix observations;  ///< [batch, obs_dim] what to act on next: o_0 of the new episode where one ended
  Matrix final_observations;  ///< [batch, obs_dim] o_{t+1} of this very step, before any automatic reset
  Vector rewards;             ///< [batch]
  std::vector<std::uint8_t> terminated;  ///< [batch] 1: absorbing state reached
  std::vector<std::uint8_t> truncated;   ///< [batch] 1: cut from outside, keep bootstrapping
  std::vector<std::uint8_t> success;     ///< [batch] 1: the task's criterion holds
};

/// Steps `batch` environments of one task and resets each as soon as its episode ends. Episode k of
/// environment r is always reset with `seed + r + k * batch` (or `k * all`), so nothing depends on the number of threads.
/// After construction a step allocates nothing of its own.
class BatchedEnvironment {
 public:
  struct Options {
    int batch = 1;           ///< environments
    int threads = 0;         ///< the caller's included; 0: one per core
    std::uint64_t seed = 1;  ///< of the first episode of environment 0
    int all = 0;             ///< environments whose seeds come in turn, if these are not all; 0: they are
    /// The first episode of environment r of all is cut after (r + 1) / all of the horizon, so that episodes of one length
    /// are not all at the same step for ever.
    bool spread = false;
    int first = 0;  ///< of all, the one that environment 0 here is
  };

  /// Throws Error unless `batch` is positive. Nothing is stepped before `reset`.
  BatchedEnvironment(const std::function<std::unique_ptr<Environment>()>& make, const Options& options);

  const EnvironmentSpec& spec() const { return environments_.front()->spec(); }
  int batch() const { return static_cast<int>(environments_.size()); }
  int threads() const { return pool_.threads(); }

  /// Starts every environment on its next episode; the first call on episode 0. Flags and rewards are
  /// cleared.
  const BatchStep& reset();
  /// actions `[batch, act_dim]`. The reference stays valid and is overwritten by the next call.
  const BatchStep& step(ConstMatrixRef actions);

  /// Where every environment stands.
  struct State {
    std::vector<std::uint64_t> episodes;  ///< begun per environment
    std::vector<Snapshot> snapshots;
  };
  State save_state() const;
  /// Returns to `state` of a batch of the same size and seed, and gives the observations that held there.
  /// Costs as many steps as the present episodes have.
  const BatchStep& restore_state(const State& state);

  /// Seed of the episode that environment `row` is in.
  std::uint64_t episode_seed(int row) const;
  /// Seconds spent inside the physics engine, summed over the environments.
  double engine_seconds() const;

 private:
  void begin_episode(int row);

  std::vector<std::unique_ptr<Environment>> environments_;
  std::vector<std::uint64_t> episodes_;  ///< episodes begun per environment
  std::uint64_t seed_;
  std::uint64_t stride_;    ///< of an environment's seeds
  std::vector<int> cut_;    ///< steps of the first episode of an environment; empty: nothing is cut
  std::vector<int> taken_;  ///< steps of the present episode
  ThreadPool pool_;
  /// On cache lines of their own: flags of neighbours that two threads write would
  /// travel between their cores.
  struct alignas(64) RowStep {
    StepResult step;
  };
  std::vector<RowStep> steps_;
  BatchStep result_;
};

}  // namespace understudy
