#pragma once
/// \file How fast something goes on now, not on average: what time is left is reckoned from.

#include <algorithm>
#include <deque>
#include <utility>

namespace understudy::tools {

/// Over the last quarter of the time so far, and half a minute at least: long enough to hold an evaluation and the
/// training between two of them, short enough to forget how training began. Remembers few moments, however long it runs.
class RecentRate {
 public:
  explicit RecentRate(double before) : moments_{{0, before}} {}

  /// `done` after so many seconds. Returns what is done per second; 0 before anything is.
  double after(double seconds, double done) {
    const double since = seconds - std::max(kLeast, seconds / 4);
    while (moments_.size() > 1 && moments_[1].first <= since) moments_.pop_front();
    const auto [first_seconds, first_done] = moments_.front();
    if (seconds - moments_.back().first >= std::max(0.5, seconds / 200)) moments_.emplace_back(seconds, done);
    return seconds > first_seconds ? std::max(0.0, (done - first_done) / (seconds - first_seconds)) : 0;
  }

 private:
  static constexpr double kLeast = 30;             ///< s
  std::deque<std::pair<double, double>> moments_;  ///< seconds and what was done by then
};

}  // namespace understudy::tools
