#include "envs/rollouts/evaluation_times.h"

#include <algorithm>
#include <cmath>

namespace understudy {

void Latencies::add(double seconds) {
  const double bin = std::log(std::max(seconds, kShortest) / kShortest) / std::log(kRatio);
  ++bins_[std::min(static_cast<std::size_t>(bin), bins_.size() - 1)];
  ++count_;
  sum_ += seconds;
  greatest_ = std::max(greatest_, seconds);
}

void Latencies::merge(const Latencies& other) {
  for (std::size_t i = 0; i < bins_.size(); ++i) bins_[i] += other.bins_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  greatest_ = std::max(greatest_, other.greatest_);
}

double Latencies::quantile(double q) const {
  const auto wanted = static_cast<std::int64_t>(std::ceil(q * static_cast<double>(count_)));
  std::int64_t below = 0;
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    below += bins_[i];
    if (below > 0 && below >= wanted)
      return std::min(greatest_, kShortest * std::pow(kRatio, static_cast<double>(i) + 0.5));
  }
  return 0;
}

}  // namespace understudy
