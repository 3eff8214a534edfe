#pragma once
/// \file Rollouts of environments that are split into shards: each rank steps its own without a word to the others, and
/// afterwards all have the steps of all.

#include <cstdint>
#include <functional>
#include <memory>

#include "bc/parallel/shards.h"
#include "bc/policies/normaliser.h"
#include "envs/rollouts/batched_environment.h"
#include "irl/contract/rollout_actor.h"
#include "irl/contract/transition.h"

namespace understudy {

class ShardRollouts {
 public:
  /// `environments`: over all shards, at least as many.
  ShardRollouts(std::shared_ptr<Shards> shards, int environments, int obs_dim, int act_dim);

  /// Takes `count` steps in each of `own`, this rank's environments, and exchanges them. `observations`: what is acted on
  /// next there, normalised, before and after.
  void collect(int count, BatchedEnvironment& own, const Normaliser& normaliser, RolloutActor& actor,
               Matrix& observations);

  /// All environments' step `t` of the latest rollout, whose streams are left as they are, with samples and density.
  void take(int t, Steps& steps, Matrix& samples, Vector& log_density) const;

 private:
  /// Of a step of one environment: o_t, o_{t+1}, sample, log density, reward, terminated, truncated.
  int width() const { return 2 * obs_dim_ + act_dim_ + 4; }
  float* row(int t, int environment);
  const float* row(int t, int environment) const;

  std::shared_ptr<Shards> shards_;
  int environments_, obs_dim_, act_dim_;
  int count_ = 0;
  std::vector<std::size_t> row_of_;  ///< first row of every environment's rank, before its steps, and ...
  std::vector<int> block_of_;        ///< ... the environments of that rank,
  std::vector<int> place_of_;        ///< ... and its place among them
  Vector steps_;                     ///< rank after rank: [count, own environments, width]
  Matrix noise_, samples_, actions_, next_;
  Vector log_density_;
};

}  // namespace understudy
