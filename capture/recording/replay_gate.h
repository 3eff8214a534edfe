#pragma once
/// \file Simulates saved episodes again, beside the session, to know that they can be replayed.

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "capture/recording/live_episode.h"

namespace understudy {

/// Largest difference between a state of `trajectory` and that of the same step when its actions are taken anew in
/// `environment`, in the state's own units; the largest number where the simulation refuses an action.
double replay_divergence(Environment& environment, const Trajectory& trajectory);

/// One thread, an environment of its own, and a queue. All functions are called by one thread.
class ReplayGate {
 public:
  struct Verdict {
    int saved = 0;          ///< DemonstrationWriter::last_saved of the episode
    double divergence = 0;  ///< see replay_divergence
  };

  /// `make` is called once, on the gate's thread, for an environment that varies as the session's does.
  explicit ReplayGate(std::function<std::unique_ptr<Environment>()> make);
  /// Drops what waits.
  ~ReplayGate();
  ReplayGate(const ReplayGate&) = delete;
  ReplayGate& operator=(const ReplayGate&) = delete;

  /// Returns at once, but waits while more than a few episodes are queued already: memory is bounded.
  void check(int saved, Trajectory trajectory);
  /// Verdicts since the last time, oldest first. Rethrows what went wrong.
  std::vector<Verdict> take();
  /// Waits for all that are queued.
  void finish();

 private:
  void run();

  std::function<std::unique_ptr<Environment>()> make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<int, Trajectory>> queue_;  ///< the first is being worked on
  std::vector<Verdict> verdicts_;
  std::exception_ptr failure_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace understudy
