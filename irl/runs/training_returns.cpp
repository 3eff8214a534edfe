#include "irl/runs/training_returns.h"

namespace understudy {
namespace {

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

int TrainingReturns::add(const Steps& steps) {
  int ended = 0;
  for (std::size_t i = 0; i < returns_.size(); ++i) {
    returns_[i] += static_cast<double>(steps.rewards(static_cast<Eigen::Index>(i)));
    ++lengths_[i];
    if (steps.terminated[i] == 0 && steps.truncated[i] == 0) continue;
    ++ended;
    latest_ = returns_[i];
    ended_returns_.push_back(returns_[i]);
    ended_lengths_.push_back(lengths_[i]);
    returns_[i] = 0;
    lengths_[i] = 0;
  }
  return ended;
}

void TrainingReturns::report(Metrics& metrics) {
  metrics.set("train_return", mean_of(ended_returns_));
  metrics.set("train_length", mean_of(ended_lengths_));
  ended_returns_.clear();
  ended_lengths_.clear();
}

void TrainingReturns::serialise(Archive& archive) {
  const auto streams = static_cast<std::int64_t>(returns_.size());
  archive("run returns", returns_);
  archive.want_range(static_cast<std::int64_t>(returns_.size()), streams, streams);
  archive("run lengths", lengths_);
  archive.want_range(static_cast<std::int64_t>(lengths_.size()), streams, streams);
  archive("run finished returns", ended_returns_);
  archive("run finished lengths", ended_lengths_);
}

}  // namespace understudy
