#pragma once
/// \file Where an evaluation's time goes, and how long a policy takes to act.

#include <array>
#include <cstdint>

namespace understudy {

/// Times of any number of calls in little memory: counted in bins, each 2 % longer than the one before.
class Latencies {
 public:
  void add(double seconds);
  void merge(const Latencies& other);

  std::int64_t count() const { return count_; }
  double sum() const { return sum_; }            ///< s
  double greatest() const { return greatest_; }  ///< s, exact; 0 without any
  /// Quantile `q` in [0, 1], s, to 1 %; 0 without any.
  double quantile(double q) const;

 private:
  static constexpr double kShortest = 1e-8;  ///< s; whatever is shorter counts as this
  static constexpr double kRatio = 1.02;
  std::array<std::int64_t, 1300> bins_{};  ///< up to half an hour
  std::int64_t count_ = 0;
  double sum_ = 0;
  double greatest_ = 0;
};

/// Of one evaluation, over all of its threads.
struct EvaluationTimes {
  Latencies acting;       ///< of Actor::act(), a row at a time
  double simulating = 0;  ///< s in the environment, observations and rewards included
  double engine = 0;      ///< s of that in the physics engine's own stepping
  double busy = 0;        ///< s that threads ran episodes, whatever they did
};

}  // namespace understudy
