#include "tools/console/console.h"

#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdio>

namespace understudy::tools {
namespace {

volatile std::sig_atomic_t signals_seen = 0;
volatile std::sig_atomic_t first_signal = 0;

void on_signal(int signal) {
  if (signals_seen == 0) first_signal = signal;
  signals_seen = signals_seen + 1;
  if (signals_seen > 1) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

}  // namespace

void handle_interrupts() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  // A terminal that is closed; nohup has said already that this does not matter.
  struct sigaction present = {};
  if (sigaction(SIGHUP, nullptr, &present) == 0 && present.sa_handler != SIG_IGN)
    sigaction(SIGHUP, &action, nullptr);
}

std::string duration_text(double seconds) {
  char text[32];
  const long whole = std::lround(seconds);
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
  }
  return text;
}

bool interrupted() {
  return signals_seen > 0;
}

bool terminated() {
  return first_signal == SIGTERM;
}

void note_termination() {
  first_signal = SIGTERM;
}

Progress::Progress(std::string task, double total, std::string unit, double before)
    : task_(std::move(task)),
      unit_(std::move(unit)),
      total_(total),
      recent_(before),
      terminal_(isatty(STDERR_FILENO) == 1),
      start_(Clock::now()),
      last_(start_) {}

Progress::~Progress() {
  if (terminal_ && shown_) std::fputc('\n', stderr);
}

void Progress::update(double done, std::string_view extra) {
  const auto now = Clock::now();
  const double rate = recent_.after(std::chrono::duration<double>(now - start_).count(), done);
  const double since_last = std::chrono::duration<double>(now - last_).count();
  const bool last = total_ > 0 && done >= total_;
  if (since_last < (terminal_ ? 0.1 : 10.0) && !(last && terminal_)) return;
  last_ = now;

  std::string line = task_ + ": ";
  char text[96];
  if (total_ > 0) {
    std::snprintf(text, sizeof text, "%.0f/%.0f %s (%.0f %%), %.4g %s/s", done, total_, unit_.c_str(),
                  100 * done / total_, rate, unit_.c_str());
    line += text;
    if (rate > 0 && !last) line += ", " + duration_text((total_ - done) / rate) + " left";
  } else {
    std::snprintf(text, sizeof text, "%.0f %s, %.4g %s/s", done, unit_.c_str(), rate, unit_.c_str());
    line += text;
  }
  if (!extra.empty()) line.append(", ").append(extra);
  std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
  std::fflush(stderr);
  shown_ = true;
}

}  // namespace understudy::tools
