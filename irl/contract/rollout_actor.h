#pragma once
/// \file The contract of learners whose actor stands still until a rollout is complete, so that it can be collected
/// block by block, wherever the blocks are.

#include "datasets/types/matrix.h"

namespace understudy {

class RolloutActor {
 public:
  RolloutActor() = default;
  RolloutActor(const RolloutActor&) = delete;
  RolloutActor& operator=(const RolloutActor&) = delete;
  virtual ~RolloutActor() = default;

  /// Steps over all environments before it learns.
  virtual int rollout() const = 0;
  /// Draws what one action of every environment is disturbed by, [environments, act_dim], from the learner's generator.
  virtual void draw(Matrix& noise) = 0;
  /// Of some environments: from observations [block, obs_dim] and their rows of noise samples [block, act_dim], before
  /// any clamp, and their log density [block].
  virtual void sample(ConstMatrixRef observations, ConstMatrixRef noise, MatrixRef samples,
                      VectorRef log_density) = 0;
  /// What every environment did next, [environments, ...]; the steps that it led to follow by observe().
  virtual void acted(ConstMatrixRef samples, ConstVectorRef log_density) = 0;
};

}  // namespace understudy
