#pragma once
/// \file Mean and variance of all that has been seen, batch by batch (Chan, Golub, LeVeque 1983).

#include <vector>

#include "bc/policies/normaliser.h"
#include "datasets/storage/archive.h"
#include "datasets/types/matrix.h"

namespace understudy {

class RunningStatistics {
 public:
  explicit RunningStatistics(int size = 1);

  /// Takes in the rows of `values` `[N, size]`.
  void add(ConstMatrixRef values);
  double count() const { return count_; }
  double mean(int entry) const { return mean_[static_cast<std::size_t>(entry)]; }
  /// Of the population; 0 of nothing.
  double variance(int entry) const;

  /// To zero mean and unit variance. An entry that has never changed keeps scale 1; a deviation
  /// below 1e-2 counts as 1e-2, as in fit_normaliser.
  Normaliser normaliser() const;

  void serialise(Archive& archive);

 private:
  double count_ = 0;
  std::vector<double> mean_;     ///< [size]
  std::vector<double> squares_;  ///< [size] sums of squared distances from the mean
};

/// Divides rewards by the deviation of their running discounted return, R <- gamma R + r, so that values are
/// of order one whatever the task's units (Engstrom et al. 2020); signs are kept.
class RewardScale {
 public:
  RewardScale(int streams, double gamma);

  /// Takes in consecutive steps of one stream; `ended` `[T]` 1: the episode ends after this step.
  void add(int stream, ConstVectorRef rewards, const std::uint8_t* ended);
  /// The reward as the learner is to see it, cut off at +-10.
  double scaled(double reward) const;

  void serialise(Archive& archive);

 private:
  double gamma_;
  std::vector<double> returns_;  ///< [streams] R
  RunningStatistics statistics_;
  Matrix scratch_;
};

}  // namespace understudy
