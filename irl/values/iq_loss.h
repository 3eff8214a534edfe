#pragma once
/// \file The losses of IQ-Learn and LS-IQ as pure functions: value returned, gradient written. iq_learn.h has
/// the equations.

#include "datasets/types/matrix.h"
#include "irl/off_policy/soft_loss.h"

namespace understudy {

/// The critics' loss, as a function of what the networks say. The expert's rows come first, then as many of
/// the agent's; `next` is gamma V(s').
struct IqLoss {
  enum class Value { kBoth, kExpert, kStarts };
  Value value = Value::kBoth;
  bool regularise_agent = true;
  bool least_squares = false;
  double alpha = 0.5;
  double gamma = 0.99;
  int batch = 0;  ///< rows of either side that means are taken over; more than given where a batch is cut up

  /// Returns the loss and writes its derivatives by each. `[rows]` all.
  double operator()(ConstVectorRef q, ConstVectorRef value_here, ConstVectorRef next, VectorRef q_gradient,
                    VectorRef value_gradient, VectorRef next_gradient) const;

  /// The r of the absorbing state that minimises it when expert and agent are there with these chances, gamma
  /// V(s') being held; 0 if both are 0.
  double absorbing_reward(double expert_chance, double agent_chance) const;

  /// Of the expert under least squares: Q_max.
  double best_value() const { return best_reward() / (1 - gamma); }
  /// Of the expert under least squares; the agent's worst is its negative.
  double best_reward() const { return 4 * alpha; }
};

/// The actor's loss, SAC's temperature * log pi - min_k Q_k (soft_loss.h), of which this returns the rows'
/// part of the mean over `inputs.batch` rows of both sides.
double iq_actor_loss(const SoftActorInputs& inputs, SoftActorGradient gradient);

}  // namespace understudy
