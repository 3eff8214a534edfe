#pragma once
/// \file Optimal transport with an entropy term, by Sinkhorn's iterations (Cuturi 2013):
///   min over couplings P of sum P C - epsilon H(P),   P = exp((f + g - C) / epsilon).
/// In the logarithmic domain, for at epsilon 0.01 and costs of 10 the plain kernel exp(-C / epsilon) is 0
/// (Peyré, Cuturi 2019, section 4.4).

#include "irl/couplings/coupling.h"

namespace understudy {

struct SinkhornConfig {
  double epsilon = 0.01;    ///< weight of the entropy, in units of cost (SIL, OTR)
  int iterations = 100;     ///< at most so many updates of both potentials (OTR)
  double threshold = 1e-9;  ///< stop when `marginal_error` is at most this (OTR)
};

/// Throws UsageError naming the field.
void validate(const SinkhornConfig& config);

struct SinkhornCoupling {
  double cost = 0;            ///< sum of plan * cost, without the entropy
  CostMatrix plan;            ///< [rows, columns]; its column sums are exact to rounding
  double marginal_error = 0;  ///< sum over rows of |row sum of the plan - weight|
  int iterations = 0;         ///< updates made
  bool converged = false;     ///< the threshold was reached
};

/// Throws Error as check_transport does, and when an atom has no mass.
SinkhornCoupling sinkhorn_coupling(ConstCostRef cost, ConstWeightsRef row_weights,
                                   ConstWeightsRef column_weights, const SinkhornConfig& config = {});

}  // namespace understudy
