#include "irl/on_policy/surrogate.h"

#include <algorithm>
#include <cmath>

#include "irl/on_policy/gaussian_policy.h"

namespace understudy {

SurrogateLoss surrogate_loss(const SurrogateInputs& in, double clip, SurrogateGradient gradient) {
  const Eigen::Index rows = in.means.rows();
  const auto count = static_cast<float>(rows);
  const auto low = static_cast<float>(1 - clip);
  const auto high = static_cast<float>(1 + clip);
  // First log p(a), then dL/dlog p(a).
  VectorRef& density = gradient.scratch;
  gaussian_log_density(in.means, in.log_deviation, in.actions, density);
  SurrogateLoss result;
  for (Eigen::Index r = 0; r < rows; ++r) {
    const float log_ratio = density(r) - in.old_log_density(r);
    const float ratio = std::exp(log_ratio);
    const float free = ratio * in.advantages(r);
    const float held = std::clamp(ratio, low, high) * in.advantages(r);
    density(r) = free <= held ? -free / count : 0;
    result.loss -= static_cast<double>(std::min(free, held));
    result.kl += static_cast<double>((ratio - 1) - log_ratio);
    result.clipped += ratio < low || ratio > high ? 1 : 0;
  }
  result.loss /= static_cast<double>(count);
  result.kl /= static_cast<double>(count);
  result.clipped /= static_cast<double>(count);

  for (Eigen::Index c = 0; c < in.means.cols(); ++c) {
    const float precision = std::exp(-2 * in.log_deviation(c));
    float sum = 0;
    for (Eigen::Index r = 0; r < rows; ++r) {
      const float distance = in.actions(r, c) - in.means(r, c);
      const float pull = precision * distance;  // dlog p / dmu
      gradient.means(r, c) = density(r) * pull;
      sum += density(r) * (pull * distance - 1);
    }
    gradient.log_deviation(c) = sum;
  }
  return result;
}

}  // namespace understudy
