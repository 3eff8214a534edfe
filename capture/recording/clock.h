#pragma once
/// \file Real and simulated time behind one interface.

namespace understudy {

/// Seconds since the clock was made; never runs backwards. Used by one thread.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  virtual double now() const = 0;
  /// Returns at `time`, or at once when that has passed.
  virtual void sleep_until(double time) = 0;
  /// Whether time passes by itself.
  virtual bool real() const = 0;
};

/// The machine's monotonic clock. Sleeps to an absolute deadline and spins through the last stretch, which
/// the kernel's wake-up latency would otherwise spoil. Sets the calling thread's timer slack to the least.
class RealClock : public Clock {
 public:
  /// `spin`: s before a deadline at which sleeping gives way to spinning. The default costs 0.5 % of a core
  /// at 30 Hz.
  explicit RealClock(double spin = 150e-6);
  double now() const override;
  void sleep_until(double time) override;
  bool real() const override { return true; }

 private:
  double spin_;
  long long origin_;  ///< ns, CLOCK_MONOTONIC
};

/// Time that passes only by sleeping: a session runs as fast as the machine allows and always sees the same
/// times.
class SimulatedClock : public Clock {
 public:
  double now() const override { return now_; }
  void sleep_until(double time) override {
    if (time > now_) now_ = time;
  }
  bool real() const override { return false; }

 private:
  double now_ = 0;
};

}  // namespace understudy
