#include "capture/recording/control_loop.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr double kRateWindow = 2.0;  ///< s over which the measured rate is averaged

}  // namespace

ControlLoop::ControlLoop(Clock& clock, double rate) : clock_(&clock), period_(1.0 / rate) {
  if (!(rate >= 1 && rate <= 1000)) {
    char text[80];
    std::snprintf(text, sizeof text, "control rate: want 1 to 1000 Hz, found %g", rate);
    throw UsageError(text);
  }
}

Tick ControlLoop::wait() {
  Tick tick;
  if (index_ < 0) {
    origin_ = clock_->now();
    grid_ = 0;
  } else {
    // The tolerance keeps rounding from losing a period when work took exactly one, as on a simulated clock.
    const auto passed = static_cast<std::int64_t>(std::floor((clock_->now() - origin_) / period_ + 1e-6));
    tick.skipped = std::max<std::int64_t>(0, passed - (grid_ + 1));
    grid_ += 1 + tick.skipped;
  }
  tick.index = ++index_;
  tick.deadline = origin_ + static_cast<double>(grid_) * period_;
  clock_->sleep_until(tick.deadline);
  tick.start = clock_->now();
  if (index_ == 0) {
    window_start_ = tick.start;
  } else if (tick.start - window_start_ >= kRateWindow || measured_rate_ == 0) {
    measured_rate_ = static_cast<double>(index_ - window_index_) / std::max(1e-9, tick.start - window_start_);
    if (tick.start - window_start_ >= kRateWindow) {
      window_start_ = tick.start;
      window_index_ = index_;
    }
  }
  return tick;
}

bool ControlLoop::overrun(const Tick& tick) const {
  return tick.skipped > 0 || clock_->now() > tick.deadline + period_ * (1 + 1e-9);
}

}  // namespace understudy
