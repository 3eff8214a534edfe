#pragma once
/// \file The objective that PPO, TRPO and VPG climb, as a pure function: value returned, gradient written.

#include "datasets/types/matrix.h"

namespace understudy {

/// Samples of a batch, and what the policy says of them now.
struct SurrogateInputs {
  ConstMatrixRef means;            ///< [batch, act_dim] of the present policy
  ConstVectorRef log_deviation;    ///< [act_dim] of the present policy
  ConstMatrixRef actions;          ///< [batch, act_dim] as they were sampled, before any clamp
  ConstVectorRef old_log_density;  ///< [batch] of the policy that sampled them
  ConstVectorRef advantages;       ///< [batch]
};

/// Where its derivatives go.
struct SurrogateGradient {
  MatrixRef means;          ///< [batch, act_dim] dL/dmeans
  VectorRef log_deviation;  ///< [act_dim] dL/dlog sigma
  VectorRef scratch;        ///< [batch]
};

struct SurrogateLoss {
  double loss = 0;
  double kl =
      0;  ///< mean of (ratio - 1) - log ratio over the batch: estimates KL(old || present) (Schulman 2020)
  double clipped = 0;  ///< share of ratios outside [1 - clip, 1 + clip]
};

/// L = -mean min(rho A, clamp(rho, 1 - clip, 1 + clip) A), rho = p(a) / p_old(a) (Schulman et al. 2017, eq.
/// 7). An infinite `clip` gives the surrogate of TRPO, -mean rho A (Schulman et al. 2015, eq. 14), whose
/// gradient at rho = 1 is the policy gradient.
SurrogateLoss surrogate_loss(const SurrogateInputs& inputs, double clip, SurrogateGradient gradient);

}  // namespace understudy
