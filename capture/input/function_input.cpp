#include "capture/input/function_input.h"

#include <utility>

namespace understudy {

void FunctionInput::set(Function function, bool down, double time) {
  if (function == Function::kNone) return;
  Press& press = presses_[static_cast<std::size_t>(function)];
  if (!down) {
    if (press.controls > 0 && --press.controls == 0) press.waiting = false;
    return;
  }
  if (++press.controls > 1) return;
  press.since = time;
  press.waiting = needs_hold(function);
  if (!press.waiting) called_.push_back(function);
}

void FunctionInput::advance(double time) {
  for (std::size_t i = 0; i < presses_.size(); ++i) {
    // The tolerance absorbs the rounding of times that are sums of periods.
    if (!presses_[i].waiting || time - presses_[i].since < hold_ - 1e-9) continue;
    presses_[i].waiting = false;
    called_.push_back(static_cast<Function>(i));
  }
}

void FunctionInput::release_all() {
  presses_ = {};
}

bool FunctionInput::held(Function function) const {
  return presses_[static_cast<std::size_t>(function)].controls > 0;
}

std::vector<Function> FunctionInput::take() {
  return std::exchange(called_, {});
}

}  // namespace understudy
