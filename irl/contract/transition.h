#pragma once
/// \file What reinforcement learning is fed with.

#include <cstdint>
#include <vector>

#include "datasets/types/matrix.h"

namespace understudy {

/// Steps that environments have taken, in time order per stream. A stream is one environment: its rows follow
/// one another without a gap, over all calls, but at the end of an episode.
struct Steps {
  Matrix observations;                   ///< [batch, obs_dim] o_t
  Matrix actions;                        ///< [batch, act_dim] a_t in [-1, 1]
  Matrix next_observations;              ///< [batch, obs_dim] o_{t+1}, before any reset
  Vector rewards;                        ///< [batch]
  std::vector<std::uint8_t> terminated;  ///< [batch] 1: o_{t+1} is absorbing
  std::vector<std::uint8_t> truncated;   ///< [batch] 1: cut from outside after this step
  std::vector<int> streams;              ///< [batch] in [0, environments)

  int size() const { return static_cast<int>(actions.rows()); }
  void resize(int batch, int obs_dim, int act_dim) {
    observations.resize(batch, obs_dim);
    actions.resize(batch, act_dim);
    next_observations.resize(batch, obs_dim);
    rewards.resize(batch);
    terminated.resize(static_cast<std::size_t>(batch));
    truncated.resize(static_cast<std::size_t>(batch));
    streams.resize(static_cast<std::size_t>(batch));
  }
};

/// Transitions drawn for one update: (o_t, a_t, R, o_{t+n}) with R = sum_{k<n} gamma^k r_{t+k}. The target of
/// a value is R + discount * (terminated ? value of the absorbing state : V(o_{t+n})).
struct TransitionBatch {
  Matrix observations;                   ///< [batch, obs_dim]
  Matrix actions;                        ///< [batch, act_dim]
  Matrix next_observations;              ///< [batch, obs_dim]
  Vector rewards;                        ///< [batch] R
  Vector discounts;                      ///< [batch] gamma^n; n is smaller where the episode ended sooner
  std::vector<std::uint8_t> terminated;  ///< [batch] 1: o_{t+n} is absorbing

  int size() const { return static_cast<int>(actions.rows()); }
  void resize(int batch, int obs_dim, int act_dim) {
    observations.resize(batch, obs_dim);
    actions.resize(batch, act_dim);
    next_observations.resize(batch, obs_dim);
    rewards.resize(batch);
    discounts.resize(batch);
    terminated.resize(static_cast<std::size_t>(batch));
  }
};

}  // namespace understudy
