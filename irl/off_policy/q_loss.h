#pragma once
/// \file The losses of critics Q(o, a) and of an actor that ascends one, as pure functions: value returned,
/// gradient written.
///
/// The rows may be one shard of a batch: gradients are those of the mean over all `batch` rows, whereas the
/// value returned is the sum over the rows given, so that shards add up.

#include <cstdint>
#include <span>

#include "datasets/types/matrix.h"

namespace understudy {

/// value <- min(Q_1, Q_2), the clipped double Q of Fujimoto et al. 2018 (eq. 10), and smaller <- which of
/// them it is: 0, also where they are equal, or 1. With one critic `first` is given twice. `[rows]` all.
void smaller_value(ConstVectorRef first, ConstVectorRef second, VectorRef value,
                   std::span<std::uint8_t> smaller);

/// Chain rule through smaller_value: dL/dQ of critic `critic` (0 or 1) from dL/dvalue. `[rows]` all.
void smaller_value_backward(std::span<const std::uint8_t> smaller, ConstVectorRef value_gradient, int critic,
                            VectorRef gradient);

/// What an actor thinks of an ensemble of pairs of critics ("SOAR", Viel, Viano, Cevher 2025): the mean over the pairs
/// of each one's smaller value, and more where they disagree, which is where little is known.
struct Optimism {
  double weight = 0;  ///< c, of the pairs' deviation (dividing by their number); 0: the mean alone
  double clip = 10;   ///< a deviation beyond it counts as it
};

/// value <- mean_k m_k + c min(deviation_k m_k, clip). `values` `[pairs, rows]` m, `value` `[rows]`.
void optimistic_value(ConstMatrixRef values, const Optimism& optimism, VectorRef value);

/// Chain rule through it: dL/dm from dL/dvalue. `[pairs, rows]`, `[rows]`, `[pairs, rows]`.
void optimistic_value_backward(ConstMatrixRef values, const Optimism& optimism, ConstVectorRef value_gradient,
                               MatrixRef gradient);

/// What the target of a value is made of; members as TransitionBatch's. `[rows]`
struct BellmanInputs {
  ConstVectorRef rewards;                    ///< R
  ConstVectorRef discounts;                  ///< gamma^n
  std::span<const std::uint8_t> terminated;  ///< 1: o' is absorbing
  ConstVectorRef next_values;                ///< V(o')
  double absorbing_value = 0;                ///< of the absorbing state
};

/// target <- R + discount * (terminated ? absorbing_value : V(o')) (Lillicrap et al. 2016, eq. 5). `[rows]`
void bellman_target(const BellmanInputs& inputs, VectorRef target);

/// 1/2 (Q - target)² (Haarnoja et al. 2018, eq. 5; Lillicrap et al. 2016, eq. 4, has no 1/2). `[rows]` all.
double q_loss(ConstVectorRef q, ConstVectorRef target, int batch, VectorRef gradient);

/// -Q(o, pi(o)): the deterministic policy gradient (Lillicrap et al. 2016, eq. 6) as a loss. `[rows]` both.
double q_ascent_loss(ConstVectorRef q, int batch, VectorRef gradient);

}  // namespace understudy
