#pragma once
/// \file Losses of behavioural cloning as pure functions: value returned, gradient written.
/// Means over the batch *and* the action entries.

#include "datasets/types/matrix.h"

namespace understudy {

/// In place: mean <- tanh(mean). `[batch, act_dim]`
void squash(MatrixRef mean);

/// Chain rule through squash: gradient <- gradient * (1 - mean^2), with `mean` after squash. `[batch,
/// act_dim]`
void squash_backward(ConstMatrixRef mean, MatrixRef gradient);

/// L = 1/(B A) sum (mean - action)^2, and dL/dmean into `mean_gradient`. All `[batch, act_dim]`.
double mse_loss(ConstMatrixRef mean, ConstMatrixRef action, MatrixRef mean_gradient);

/// Gaussian negative log-likelihood (Bishop 2006, eq. 1.46, negated) per action entry,
///   L = 1/(B A) sum [ 1/2 ((action - mean) / sigma)^2 + log sigma + 1/2 log 2 pi ],
///   sigma = softplus(raw) + min_deviation,
/// with dL/dmean and dL/draw. All matrices `[batch, act_dim]`. For data N(m, s^2) the optimum is mean = m,
/// sigma = s, L = 1/2 log(2 pi e s^2).
double gaussian_nll(ConstMatrixRef mean, ConstMatrixRef raw_deviation, ConstMatrixRef action,
                    float min_deviation, MatrixRef mean_gradient, MatrixRef raw_gradient);

}  // namespace understudy
