#pragma once
/// \file The soft value and the losses of actor and temperature in soft actor-critic, as pure functions:
/// value returned, gradient written. Equations are those of Haarnoja et al. 2018, "Soft Actor-Critic
/// Algorithms and Applications". Rows and `batch` are as in q_loss.h.

#include "datasets/types/matrix.h"

namespace understudy {

/// V = Q - alpha log pi (eq. 3), in place: value comes in as Q. `[rows]` both; alpha is the temperature.
void soft_value(ConstVectorRef log_density, double alpha, VectorRef value);

/// What the actor's loss depends on.
struct SoftActorInputs {
  ConstVectorRef value;        ///< [rows] min_k Q_k(o, a), a ~ pi(o)
  ConstVectorRef log_density;  ///< [rows] log pi(a|o)
  double alpha = 1;            ///< temperature
  int batch = 1;               ///< rows that the mean is taken over
};

/// Where its derivatives go, `[rows]` each.
struct SoftActorGradient {
  VectorRef value;
  VectorRef log_density;
};

/// alpha log pi(a|o) - min_k Q_k(o, a) (eq. 9).
double soft_actor_loss(const SoftActorInputs& inputs, SoftActorGradient gradient);

/// J = -log alpha * (mean log pi + H): eq. 18 with log alpha in place of alpha, as in the authors' code.
struct TemperatureLoss {
  double loss = 0;
  double gradient = 0;  ///< dJ/dlog alpha
};
struct TemperatureInputs {
  double log_alpha = 0;
  double mean_log_density = 0;  ///< mean over the batch of log pi(a|o) [nat]
  double target_entropy = 0;    ///< H [nat]
};
TemperatureLoss temperature_loss(const TemperatureInputs& inputs);

}  // namespace understudy
