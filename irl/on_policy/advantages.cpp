#include "irl/on_policy/advantages.h"

#include <cmath>

namespace understudy {

void estimate_advantages(const ValuedSteps& steps, const AdvantageConfig& config, VectorRef advantages,
                         VectorRef returns) {
  const Eigen::Index count = steps.rewards.size();
  double sum = 0;  // A_{t+1}
  for (Eigen::Index t = count - 1; t >= 0; --t) {
    const auto i = static_cast<std::size_t>(t);
    const bool terminated = steps.terminated[i] != 0;
    const bool ends = terminated || steps.truncated[i] != 0 || t + 1 == count;
    const double next = terminated ? config.absorbing_value : static_cast<double>(steps.next_values(t));
    const auto value = static_cast<double>(steps.values(t));
    const double delta = static_cast<double>(steps.rewards(t)) + config.gamma * next - value;
    sum = delta + (ends ? 0 : config.gamma * config.lambda * sum);
    advantages(t) = static_cast<float>(sum);
    returns(t) = static_cast<float>(sum + value);
  }
}

void standardise(VectorRef values) {
  const float mean = values.mean();
  values.array() -= mean;
  const float deviation = std::sqrt(values.squaredNorm() / static_cast<float>(values.size()));
  values /= deviation + 1e-8F;
}

}  // namespace understudy
