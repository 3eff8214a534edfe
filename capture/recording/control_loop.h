#pragma once
/// \file The fixed-rate loop that a session runs in.

#include <cstdint>

#include "capture/recording/clock.h"

namespace understudy {

/// When a tick was due and when it began.
struct Tick {
  std::int64_t index = 0;    ///< 0, 1, ...; skipped periods are not counted
  double deadline = 0;       ///< s, when it was due
  double start = 0;          ///< s, when it began
  std::int64_t skipped = 0;  ///< whole periods lost since the tick before, because its work took too long
};

/// Gives out ticks on a grid of 1/rate seconds. A tick that comes late does not shift the grid; when work
/// takes longer than a period, the periods that were missed are skipped rather than caught up in a burst.
class ControlLoop {
 public:
  /// `rate` in Hz. Throws UsageError unless it is in [1, 1000]. The clock must outlive the loop.
  ControlLoop(Clock& clock, double rate);

  /// Sleeps until the next deadline.
  Tick wait();

  /// Whether the period of `tick` is over, or was when it began.
  bool overrun(const Tick& tick) const;

  double period() const { return period_; }
  double rate() const { return 1.0 / period_; }
  /// Ticks per second over about the last two seconds; 0 before the second tick.
  double measured_rate() const { return measured_rate_; }
  Clock& clock() { return *clock_; }

 private:
  Clock* clock_;
  double period_;
  double origin_ = 0;       ///< s, deadline of grid point 0
  std::int64_t grid_ = -1;  ///< grid point of the last tick
  std::int64_t index_ = -1;
  double measured_rate_ = 0;
  double window_start_ = 0;  ///< s, start of the tick that the measurement began with
  std::int64_t window_index_ = 0;
};

}  // namespace understudy
