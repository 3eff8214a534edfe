#include "capture/devices/keyboard.h"

#include <algorithm>

namespace understudy {

Keyboard::Keyboard(InputEvents& events, Binding binding)
    : events_(&events), binding_(std::move(binding)), functions_(binding_.response.hold) {
  raw_.axes.assign(kAnalogControls, 0.0F);
  raw_.buttons.assign(binding_.keys.size(), 0.0F);
}

void Keyboard::poll(const OperatorView& view) {
  for (const InputEvent& event : events_->poll()) {
    if (typing_.take(event)) continue;
    if (event.kind == InputKind::kKey) {
      if (event.down) {
        down_.insert(event.key);
      } else {
        down_.erase(event.key);
      }
      functions_.set(function_of(binding_, event.key), event.down, view.time);
    } else if (event.kind == InputKind::kQuit) {
      functions_.tap(Function::kStop);
    } else if (event.kind == InputKind::kFocusLost) {
      functions_.tap(Function::kPause);
    }
  }
  ControlState wanted;
  for (std::size_t i = 0; i < binding_.keys.size(); ++i) {
    const KeyRow& row = binding_.keys[i];
    const bool down = down_.count(row.key) > 0;
    raw_.buttons[i] = down ? 1.0F : 0.0F;
    if (down && row.direction != 0) wanted[row.control] += row.direction;
  }
  const double ramp = binding_.response.key_ramp;
  const double most = ramp > 0 ? std::max(0.0, view.time - raw_.time) / ramp : 2.0;
  for (std::size_t i = 0; i < kAnalogControls; ++i) {
    const double target = std::clamp(wanted.analog[i], -1.0, 1.0);
    controls_.analog[i] += std::clamp(target - controls_.analog[i], -most, most);
    raw_.axes[i] = static_cast<float>(controls_.analog[i]);
  }
  raw_.time = view.time;
  functions_.advance(view.time);
  controls_.precision = functions_.held(Function::kPrecision);
  controls_.group = group_;
}

std::vector<Function> Keyboard::take_functions() {
  std::vector<Function> functions = functions_.take();
  const auto presses = std::count(functions.begin(), functions.end(), Function::kGroup);
  group_ = (group_ + static_cast<int>(presses)) % group_count(binding_);
  return functions;
}

std::string Keyboard::description() const {
  const std::string name = "keyboard";
  return group_count(binding_) == 1 ? name : name + ", moving " + group_text(binding_, group_);
}

void Keyboard::reset(int, std::uint64_t) {}

void Keyboard::act(ConstMatrixRef, MatrixRef actions) {
  actions.row(0) = turned(action_of(binding_, controls_)).transpose();
}

}  // namespace understudy
