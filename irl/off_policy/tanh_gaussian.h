#pragma once
/// \file The squashed Gaussian of SAC (Haarnoja et al. 2018, appendix C): a = tanh(u), u ~ N(mu, sigma²),
/// entry by entry, with its density and gradients.
///
/// A network's outputs are `[batch, 2 act_dim]`: mu, then log sigma before it is clamped to [kLowLogSigma,
/// kHighLogSigma].

#include "datasets/types/matrix.h"

namespace understudy {

inline constexpr float kLowLogSigma = -20;
inline constexpr float kHighLogSigma = 2;

/// actions = tanh(mu + sigma * noise), log_density = log pi(actions). `noise` `[batch, act_dim]` is standard
/// normal; log_density `[batch]`:
///   sum_i -noise_i²/2 - log sigma_i - log(2 pi)/2 - log(1 - tanh² u_i),
///   log(1 - tanh² u) = 2 (log 2 - u - softplus(-2u)), which does not saturate.
void sample_tanh_gaussian(ConstMatrixRef outputs, ConstMatrixRef noise, MatrixRef actions,
                          VectorRef log_density);

/// Chain rule through sample_tanh_gaussian for the same outputs, noise and the actions it gave: dL/doutputs
/// from dL/da `[batch, act_dim]` and dL/dlog pi `[batch]`, the noise held fixed.
void tanh_gaussian_backward(ConstMatrixRef outputs, ConstMatrixRef noise, ConstMatrixRef actions,
                            ConstMatrixRef action_gradient, ConstVectorRef density_gradient,
                            MatrixRef output_gradient);

/// log pi of given actions in (-1, 1); those at the edges are moved 1e-6 inside.
void tanh_gaussian_log_density(ConstMatrixRef outputs, ConstMatrixRef actions, VectorRef log_density);

}  // namespace understudy
