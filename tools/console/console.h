#pragma once
/// \file What every long-running command shares: progress with rate and time left, and Ctrl-C.

#include <chrono>
#include <string>
#include <string_view>

#include "tools/console/recent_rate.h"

namespace understudy::tools {

/// From now on the first SIGINT, SIGTERM or SIGHUP only sets a flag, so that the command can save and stop; the
/// second ends the process at once.
void handle_interrupts();
/// True once one of them has arrived.
bool interrupted();
/// True when it was SIGTERM: a scheduler whose time is up, or that wants the machine back, not a person.
bool terminated();
/// As if SIGTERM had arrived: it did in another process of the same work.
void note_termination();
/// What the program exits with then, once all is saved: EX_TEMPFAIL of sysexits.h, "try again later".
inline constexpr int kTryAgain = 75;

/// "3:07" or "2:03:07", of seconds.
std::string duration_text(double seconds);

/// One line on stderr: rewritten in place on a terminal, printed every ten seconds elsewhere. Rate and time left are
/// the present ones (RecentRate).
class Progress {
 public:
  /// `unit` names what is counted, e.g. "episodes"; `total` 0 means unknown. `before` were
  /// done in earlier sessions.
  Progress(std::string task, double total, std::string unit, double before = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` so far, those before included, and what else is worth seeing, e.g. "loss 0.0123".
  void update(double done, std::string_view extra = "");

 private:
  using Clock = std::chrono::steady_clock;
  std::string task_;
  std::string unit_;
  double total_;
  RecentRate recent_;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point start_;
  Clock::time_point last_;
};

}  // namespace understudy::tools
