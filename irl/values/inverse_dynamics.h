#pragma once
/// \file Which action led from one observation to the next, learnt from what the agent did (Torabi et al. 2018; in
/// LS-IQ, Al-Hafez et al. 2023, for demonstrations without actions): an MLP on (o_t, o_{t+1}) that minimises the mean
/// squared error of a_t.

#include <vector>

#include "bc/networks/adam.h"
#include "bc/networks/mlp.h"
#include "datasets/storage/archive.h"
#include "irl/contract/transition.h"

namespace understudy {

class InverseDynamics {
 public:
  struct Shape {
    int obs_dim = 0;
    int act_dim = 0;
    std::vector<int> hidden;
  };
  InverseDynamics(const Shape& shape, Rng& rng);

  /// One step of Adam on one-step transitions; returns the mean squared error before it.
  double learn(const TransitionBatch& agent, double learning_rate);

  /// The actions between observations `[rows, obs_dim]` and those after, in [-1, 1]. `[rows, act_dim]`
  void infer(ConstMatrixRef observations, ConstMatrixRef next_observations, MatrixRef actions);

  void serialise(Archive& archive);

 private:
  void forward(ConstMatrixRef observations, ConstMatrixRef next_observations);

  Mlp network_;
  Vector parameters_, gradient_;
  AdamState adam_;
  MlpWorkspace workspace_;
  Matrix inputs_;
};

}  // namespace understudy
