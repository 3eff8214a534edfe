#include "capture/recording/clock.h"

#include <sys/prctl.h>

#include <cmath>
#include <ctime>

namespace understudy {
namespace {

constexpr double kNano = 1e-9;

long long monotonic_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<long long>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

RealClock::RealClock(double spin) : spin_(spin), origin_(monotonic_ns()) {
  // By default the kernel may wake a thread 50 us late to save power; 1 ns asks for no such slack.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

double RealClock::now() const {
  return static_cast<double>(monotonic_ns() - origin_) * kNano;
}

void RealClock::sleep_until(double time) {
  if (time - spin_ > now()) {
    const long long wake = origin_ + std::llround((time - spin_) / kNano);
    const timespec deadline{static_cast<time_t>(wake / 1'000'000'000),
                            static_cast<long>(wake % 1'000'000'000)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, nullptr) != 0) {
    }
  }
  while (now() < time) {
  }
}

}  // namespace understudy
