#pragma once
/// \file Adam over a flat vector, fused into one sweep.

#include <cstdint>

#include "datasets/types/matrix.h"

namespace understudy {

class Archive;

/// Kingma, Ba 2015, algorithm 1; with `weight_decay` decoupled from the gradient (Loshchilov, Hutter 2019).
struct AdamConfig {
  double learning_rate = 1e-3;  ///< alpha, > 0 (Kingma, Ba)
  double beta1 = 0.9;           ///< [0, 1) (Kingma, Ba)
  double beta2 = 0.999;         ///< [0, 1) (Kingma, Ba)
  double epsilon = 1e-8;        ///< added to sqrt(v-hat) (Kingma, Ba)
  double weight_decay = 0;      ///< parameters shrink by learning_rate * weight_decay a step; >= 0
};

/// Moments of the gradient: everything that Adam remembers.
struct AdamState {
  Vector first;             ///< m, [parameter_count]
  Vector second;            ///< v, [parameter_count]
  std::uint64_t steps = 0;  ///< t

  explicit AdamState(int parameter_count = 0)
      : first(Vector::Zero(parameter_count)), second(Vector::Zero(parameter_count)) {}
};

/// One step: updates `state` and `parameters` in place. All vectors have one length.
void adam_step(const AdamConfig& config, ConstVectorRef gradient, AdamState& state, VectorRef parameters);

/// Saves or restores the moments and the step count.
void serialise_adam(Archive& archive, AdamState& state);

}  // namespace understudy
