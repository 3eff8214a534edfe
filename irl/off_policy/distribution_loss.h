#pragma once
/// \file The losses of D4PG's distributional critic and of its actor as pure functions: value returned,
/// gradient written. Rows and `batch` are as in q_loss.h.
///
/// A critic's outputs are logits `[rows, atoms]` of probabilities p over evenly spaced values z `[atoms]`.

#include <cstdint>
#include <span>

#include "datasets/types/matrix.h"

namespace understudy {

/// Projects probabilities on the values reward + discount * z_i, clipped to [low, high], onto the evenly
/// spaced atoms z_0 = low ... z_{n-1} = high (Bellemare et al. 2017, eq. 7 and algorithm 1). `probabilities`
/// and `projected` `[n]`.
void project_distribution(ConstVectorRef probabilities, float reward, float discount, float low, float high,
                          VectorRef projected);

/// What the target distribution is made of; members as TransitionBatch's.
struct DistributionInputs {
  ConstVectorRef rewards;                    ///< [rows] R
  ConstVectorRef discounts;                  ///< [rows] gamma^n
  std::span<const std::uint8_t> terminated;  ///< [rows] 1: o' is absorbing
  ConstMatrixRef next_logits;                ///< [rows, atoms] of Z'(o', pi'(o'))
  ConstVectorRef atoms;                      ///< [atoms] z
  double absorbing_value = 0;                ///< of the absorbing state
};

/// target <- the distribution of R + discount * Z'(o', pi'(o')), or of R + discount * absorbing_value where
/// terminated, projected onto the atoms. target `[rows, atoms]`, scratch `[atoms]`.
void distribution_target(const DistributionInputs& inputs, MatrixRef target, VectorRef scratch);

/// Cross-entropy of the target and the critic's distribution, -sum_i target_i log p_i (Bellemare et al. 2017,
/// algorithm 1). logits, target and gradient `[rows, atoms]`, scratch `[atoms]`.
double distribution_loss(ConstMatrixRef logits, ConstMatrixRef target, int batch, MatrixRef gradient,
                         VectorRef scratch);

/// Sums over the rows.
struct DistributionValue {
  double value = 0;  ///< Q = sum_i p_i z_i
  double edge = 0;   ///< probability of the two atoms at the ends
};
/// Mean values of distributions, with dQ/dlogits of each row, p_i (z_i - Q), in gradient `[rows, atoms]`.
/// scratch `[atoms]`.
DistributionValue distribution_value(ConstMatrixRef logits, ConstVectorRef atoms, MatrixRef gradient,
                                     VectorRef scratch);

/// In place: dQ/da of each row `[rows, act_dim]` becomes the gradient by a of the actor's loss, -mean Q
/// (Barth-Maron et al. 2018, algorithm 1), with every row's dQ/da first shortened to norm 1 at most
/// (as in acme).
void clipped_ascent(int batch, MatrixRef action_gradient);

}  // namespace understudy
