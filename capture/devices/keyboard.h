#pragma once
/// \file The keyboard as a device: keys push the same controls that a pad has, with a ramp.

#include <set>
#include <string>
#include <vector>

#include "capture/devices/device.h"
#include "capture/input/bindings.h"
#include "capture/input/function_input.h"
#include "capture/input/input_events.h"
#include "capture/input/typing.h"

namespace understudy {

/// Needs a window with the focus, since that is where key events come from.
class Keyboard : public Device {
 public:
  Keyboard(InputEvents& events, Binding binding);

  std::string kind() const override { return "keyboard"; }
  std::string description() const override;
  void poll(const OperatorView& view) override;
  std::vector<Function> take_functions() override;
  bool connected() const override { return true; }
  /// Axes: the seven analog controls after the ramp; buttons: one per row of the binding's key table.
  const RawInput& raw() const override { return raw_; }

  std::vector<std::pair<std::string, std::string>> help() const override {
    return keyboard_help(binding_, key_label);
  }
  bool held(Function function) const override { return functions_.held(function); }
  std::string control_of(Function function) const override { return key_of(binding_, function, key_label); }
  std::string take_text() override { return typing_.take(); }
  void set_typing(bool on) override { typing_.set(on); }

  void reset(int row, std::uint64_t seed) override;
  void act(ConstMatrixRef observations, MatrixRef actions) override;

 private:
  InputEvents* events_;
  Binding binding_;
  FunctionInput functions_;
  Typing typing_;
  int group_ = 0;  ///< of entries that are moved
  std::set<std::string> down_;
  ControlState controls_;
  RawInput raw_;
};

}  // namespace understudy
