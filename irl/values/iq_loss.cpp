#include "irl/values/iq_loss.h"

#include <algorithm>

namespace understudy {

double IqLoss::operator()(ConstVectorRef q, ConstVectorRef value_here, ConstVectorRef next,
                          VectorRef q_gradient, VectorRef value_gradient, VectorRef next_gradient) const {
  const auto rows = static_cast<int>(q.size());
  const int experts = rows / 2;
  const double one = 1.0 / batch;
  const double both = 0.5 * one;
  double loss = 0;
  for (int i = 0; i < rows; ++i) {
    const bool expert = i < experts;
    if (least_squares) {
      const auto bound = static_cast<float>(gamma * best_value());
      const auto bounded = static_cast<double>(std::clamp(next(i), -bound, bound));
      const double error = static_cast<double>(q(i)) - (expert ? best_value() : bounded - best_reward());
      const double weight = both / (4 * alpha);
      loss += weight * error * error;
      q_gradient(i) = static_cast<float>(2 * weight * error);
      value_gradient(i) = next_gradient(i) = 0;
      continue;
    }
    const auto v = static_cast<double>(value_here(i));
    const auto y = static_cast<double>(next(i));
    const double r = static_cast<double>(q(i)) - y;
    const double square = (regularise_agent ? both : expert ? one : 0) / (4 * alpha);
    const double linear = expert ? one : 0;
    loss += square * r * r - linear * r;
    const double by_r = 2 * square * r - linear;
    double by_v = 0;
    double by_y = -by_r;
    if (value == Value::kStarts) {
      by_v = expert ? (1 - gamma) * one : 0;
      loss += by_v * v;
    } else {
      by_v = value == Value::kBoth ? both : expert ? one : 0;
      by_y -= by_v;
      loss += by_v * (v - y);
    }
    q_gradient(i) = static_cast<float>(by_r);
    value_gradient(i) = static_cast<float>(by_v);
    next_gradient(i) = static_cast<float>(by_y);
  }
  return loss;
}

double IqLoss::absorbing_reward(double expert_chance, double agent_chance) const {
  if (least_squares) {
    const double ends = expert_chance + agent_chance;
    return ends > 0 ? best_reward() * (expert_chance - agent_chance) / ends : 0;
  }
  // Least of c r + w r² / (4 alpha).
  const double both = (expert_chance + agent_chance) / 2;
  const double w = regularise_agent ? both : expert_chance;
  double c = -expert_chance;
  if (value == Value::kBoth) c += both;
  if (value == Value::kExpert) c += expert_chance;
  if (c == 0) return 0;
  return w == 0 ? -2 * alpha : std::max(-2 * alpha * c / w, -2 * alpha);
}

double iq_actor_loss(const SoftActorInputs& in, SoftActorGradient gradient) {
  const auto temperature = static_cast<float>(in.alpha);
  const float share = 1 / static_cast<float>(in.batch);
  gradient.value.setConstant(-share);
  gradient.log_density.setConstant(temperature * share);
  return static_cast<double>(share * (temperature * in.log_density.sum() - in.value.sum()));
}

}  // namespace understudy
