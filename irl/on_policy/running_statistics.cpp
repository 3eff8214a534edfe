#include "irl/on_policy/running_statistics.h"

#include <algorithm>
#include <cmath>

namespace understudy {
namespace {

/// Rewards beyond so many deviations are cut off (Engstrom et al. 2020).
constexpr double kMostReward = 10;

}  // namespace

RunningStatistics::RunningStatistics(int size)
    : mean_(static_cast<std::size_t>(size), 0.0), squares_(static_cast<std::size_t>(size), 0.0) {}

void RunningStatistics::add(ConstMatrixRef values) {
  const auto rows = static_cast<double>(values.rows());
  if (values.rows() == 0) return;
  const double total = count_ + rows;
  for (Eigen::Index c = 0; c < values.cols(); ++c) {
    double mean = 0;
    for (Eigen::Index r = 0; r < values.rows(); ++r) mean += static_cast<double>(values(r, c));
    mean /= rows;
    double squares = 0;
    for (Eigen::Index r = 0; r < values.rows(); ++r) {
      const double distance = static_cast<double>(values(r, c)) - mean;
      squares += distance * distance;
    }
    const auto i = static_cast<std::size_t>(c);
    const double shift = mean - mean_[i];
    squares_[i] += squares + shift * shift * count_ * rows / total;
    mean_[i] += shift * rows / total;
  }
  count_ = total;
}

double RunningStatistics::variance(int entry) const {
  return count_ > 0 ? squares_[static_cast<std::size_t>(entry)] / count_ : 0;
}

Normaliser RunningStatistics::normaliser() const {
  Normaliser normaliser = identity_normaliser(static_cast<int>(mean_.size()));
  for (int i = 0; i < normaliser.size(); ++i) {
    normaliser.mean(i) = static_cast<float>(mean(i));
    const double deviation = std::sqrt(variance(i));
    if (deviation > 1e-6 * std::max(1.0, std::abs(mean(i))))
      normaliser.scale(i) = static_cast<float>(1 / std::max(deviation, 1e-2));
  }
  return normaliser;
}

void RunningStatistics::serialise(Archive& archive) {
  archive.expect("statistics size", static_cast<std::int64_t>(mean_.size()));
  archive("statistics count", count_);
  archive.want_finite(count_, 0);
  for (double& mean : mean_) {
    archive("statistics mean", mean);
    archive.want_finite(mean);
  }
  for (double& squares : squares_) {
    archive("statistics squares", squares);
    archive.want_finite(squares, 0);
  }
}

RewardScale::RewardScale(int streams, double gamma)
    : gamma_(gamma), returns_(static_cast<std::size_t>(streams), 0.0) {}

void RewardScale::add(int stream, ConstVectorRef rewards, const std::uint8_t* ended) {
  double& sum = returns_[static_cast<std::size_t>(stream)];
  scratch_.resize(rewards.size(), 1);
  for (Eigen::Index t = 0; t < rewards.size(); ++t) {
    sum = gamma_ * sum + static_cast<double>(rewards(t));
    scratch_(t, 0) = static_cast<float>(sum);
    if (ended[t] != 0) sum = 0;
  }
  statistics_.add(scratch_);
}

double RewardScale::scaled(double reward) const {
  return std::clamp(reward / std::sqrt(statistics_.variance(0) + 1e-8), -kMostReward, kMostReward);
}

void RewardScale::serialise(Archive& archive) {
  archive.expect("reward streams", static_cast<std::int64_t>(returns_.size()));
  for (double& sum : returns_) {
    archive("running return", sum);
    archive.want_finite(sum);
  }
  statistics_.serialise(archive);
}

}  // namespace understudy
