#pragma once
/// \file Experts and agents made by hand for tests of imitation.

#include <algorithm>
#include <deque>
#include <vector>

#include "irl/contract/reward_learner.h"
#include "irl/experts/imitation_problem.h"

namespace understudy::tests {

/// One transition of scalars.
struct Row {
  float observation = 0;
  float action = 0;
  float next = 0;
  bool terminated = false;
};

inline TransitionBatch scalar_batch(const std::vector<Row>& rows, float gamma = 0.99F) {
  TransitionBatch batch;
  batch.resize(static_cast<int>(rows.size()), 1, 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    batch.observations(row, 0) = rows[i].observation;
    batch.actions(row, 0) = rows[i].action;
    batch.next_observations(row, 0) = rows[i].next;
    batch.terminated[i] = rows[i].terminated;
  }
  batch.rewards.setZero();
  batch.discounts.setConstant(gamma);
  return batch;
}

/// The rows of a batch as an expert's. Kept until the tests end.
inline ExpertTransitions* as_expert(const TransitionBatch& batch, int subsample = 1) {
  static std::deque<ExpertTransitions> kept;
  ExpertTransitions& expert = kept.emplace_back();
  expert.observations = batch.observations;
  expert.actions = batch.actions;
  expert.next_observations = batch.next_observations;
  expert.terminated = batch.terminated;
  expert.subsample = subsample;
  return &expert;
}

inline ExpertTransitions* scalar_expert(const std::vector<Row>& rows, int subsample = 1) {
  return as_expert(scalar_batch(rows), subsample);
}

/// `rows` transitions of Gaussian numbers, actions in [-1, 1], about every eighth terminated.
inline TransitionBatch random_transitions(int rows, int obs_dim, int act_dim, double mean, Rng& rng) {
  TransitionBatch batch;
  batch.resize(rows, obs_dim, act_dim);
  for (Matrix* matrix : {&batch.observations, &batch.next_observations}) {
    for (float& x : matrix->reshaped()) x = static_cast<float>(mean + rng.normal());
  }
  for (float& x : batch.actions.reshaped()) x = static_cast<float>(rng.uniform(-1, 1));
  for (std::uint8_t& flag : batch.terminated) flag = rng.below(8) == 0;
  batch.rewards.setZero();
  batch.discounts.setConstant(0.99F);
  return batch;
}

/// For rewards that ask for no density: it must not be called.
class NoDensity final : public ActionDensity {
 public:
  void log_density(ConstMatrixRef, ConstMatrixRef, VectorRef) override {
    throw Error("the density was asked for");
  }
};

}  // namespace understudy::tests
