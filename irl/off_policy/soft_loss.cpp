#include "irl/off_policy/soft_loss.h"

namespace understudy {

void soft_value(ConstVectorRef log_density, double alpha, VectorRef value) {
  value -= static_cast<float>(alpha) * log_density;
}

double soft_actor_loss(const SoftActorInputs& in, SoftActorGradient gradient) {
  const auto alpha = static_cast<float>(in.alpha);
  const float share = 1 / static_cast<float>(in.batch);
  double loss = 0;
  for (Eigen::Index i = 0; i < in.value.size(); ++i) {
    loss += static_cast<double>(alpha * in.log_density(i) - in.value(i));
  }
  gradient.value.setConstant(-share);
  gradient.log_density.setConstant(alpha * share);
  return loss;
}

TemperatureLoss temperature_loss(const TemperatureInputs& in) {
  const double gradient = -(in.mean_log_density + in.target_entropy);
  return {in.log_alpha * gradient, gradient};
}

}  // namespace understudy
