#pragma once
/// \file A game controller: analog positions polled, buttons by their events, plugging at any time.

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capture/devices/device.h"
#include "capture/input/bindings.h"
#include "capture/input/function_input.h"
#include "capture/input/input_events.h"
#include "capture/input/typing.h"

namespace understudy {

class Rumbler;

/// Throws Error, saying what to do, when no game controller is there.
void want_gamepad(const InputEvents& events);

class Gamepad : public Device {
 public:
  /// Opens the first game controller, or the one with SDL's instance id `instance` only. Throws Error when
  /// there is none. The keyboard's functions (not its motion) work too while a window has the focus.
  Gamepad(InputEvents& events, Binding binding, std::optional<int> instance = {});
  ~Gamepad() override;

  std::string kind() const override { return "gamepad"; }
  std::string description() const override;
  void poll(const OperatorView& view) override;
  std::vector<Function> take_functions() override;
  bool connected() const override { return controller_ != nullptr; }
  const RawInput& raw() const override { return raw_; }
  void rumble(RumbleKind kind) override;

  std::vector<std::pair<std::string, std::string>> help() const override { return pad_help(binding_); }
  bool held(Function function) const override { return functions_.held(function); }
  std::string control_of(Function function) const override;
  std::string take_text() override { return typing_.take(); }
  void set_typing(bool on) override { typing_.set(on); }

  void reset(int row, std::uint64_t seed) override;
  /// One row: what the controls asked for when last polled; zeros while unplugged.
  void act(ConstMatrixRef observations, MatrixRef actions) override;

  /// Position of every control when last polled.
  const PadPosition& position() const { return position_; }
  const Binding& binding() const { return binding_; }

 private:
  struct Closer {
    void operator()(void* controller) const;
  };

  bool open_any();
  void handle(const InputEvent& event, double time);
  void press(PadButton button, bool down, double time);
  void read(double time);

  InputEvents* events_;
  Binding binding_;
  std::optional<int> wanted_;  ///< instance id, when only one controller will do
  FunctionInput functions_;
  Typing typing_;
  int group_ = 0;  ///< of entries that are moved
  bool back_down_ = false;
  std::array<Function, kPadButtons> pressed_{};  ///< what each button that is down calls
  std::unique_ptr<void, Closer> controller_;     ///< an SDL_GameController
  int instance_ = -1;
  std::string name_;
  PadPosition position_;
  RawInput raw_;
  std::unique_ptr<Rumbler> rumbler_;
};

}  // namespace understudy
