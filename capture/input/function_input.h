#pragma once
/// \file From presses and releases to function calls, with the holds that guard what destroys something.

#include <array>
#include <vector>

#include "capture/input/controls.h"

namespace understudy {

class FunctionInput {
 public:
  /// `hold`: s that guarded functions must be held.
  explicit FunctionInput(double hold) : hold_(hold) {}

  /// A control bound to `function` went down or up at `time` (s). Several controls may share a function.
  void set(Function function, bool down, double time);
  /// Calls guarded functions whose time has come, once per press.
  void advance(double time);
  /// The control of a guarded function is held for something else: it is not called by this press.
  void cancel(Function function) { presses_[static_cast<std::size_t>(function)].waiting = false; }
  /// Calls `function` at once, as if its control were tapped.
  void tap(Function function) { called_.push_back(function); }
  /// Forgets everything that is held, as when a device vanishes.
  void release_all();

  /// Whether a control of `function` is down.
  bool held(Function function) const;
  /// Functions called since the last time, in order.
  std::vector<Function> take();

 private:
  struct Press {
    int controls = 0;      ///< how many controls of this function are down
    double since = 0;      ///< s
    bool waiting = false;  ///< guarded and not yet called
  };
  double hold_;
  std::array<Press, kFunctions> presses_{};
  std::vector<Function> called_;
};

}  // namespace understudy
