#pragma once
/// \file Rumble patterns played on a thread of their own, so that a slow driver never delays the control
/// loop.

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "capture/devices/device.h"

namespace understudy {

class Rumbler {
 public:
  Rumbler();
  ~Rumbler();
  Rumbler(const Rumbler&) = delete;
  Rumbler& operator=(const Rumbler&) = delete;

  /// Plays `kind` on the controller with SDL's instance id `instance`; replaces a pattern that has not begun.
  /// Returns at once. Controllers without motors are silently left alone.
  void play(int instance, RumbleKind kind);

 private:
  struct Order {
    int instance;
    RumbleKind kind;
  };
  void run();
  /// False when asked to stop meanwhile.
  bool pulse(int instance, int milliseconds);
  bool pause(int milliseconds);

  std::mutex mutex_;
  std::condition_variable wake_;
  std::optional<Order> order_;
  bool stop_ = false;
  std::thread thread_;  ///< last: starts when everything above exists
};

}  // namespace understudy
