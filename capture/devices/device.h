#pragma once
/// \file What a recording session holds on to, whichever hand moves it.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "capture/devices/session_state.h"
#include "capture/input/controls.h"
#include "datasets/types/matrix.h"
#include "envs/contract/actor.h"

namespace understudy {

/// What the operator can see at a tick. People look at the window; synthetic operators read this.
struct OperatorView {
  SessionState state = SessionState::kReady;
  double time = 0;                      ///< s, the session's clock
  const Vector* observation = nullptr;  ///< present observation `[obs_dim]`; never null
  bool success = false;                 ///< the task's criterion holds
  const Vector* offered = nullptr;  ///< what a policy at the wheel wants to do `[act_dim]`; null without one
};

enum class RumbleKind { kShort, kDouble, kLong };  ///< start, save, discard

/// A gamepad, a keyboard, a synthetic operator or a scripted expert: an Actor with buttons. At every tick the
/// session calls `poll`, then `take_functions`, and while recording `act` with the observation as one row.
class Device : public Actor {
 public:
  /// Kind as on the command line: "gamepad", "keyboard", "synthetic", "scripted".
  virtual std::string kind() const = 0;
  /// Whose hand it is in the present episode: what episodes keep as their operator. The kind, unless there are several.
  virtual std::string operator_name() const { return kind(); }
  /// For people, e.g. the controller's own name.
  virtual std::string description() const = 0;

  /// Reads the device now. Called right before the action is computed, so that the action is as fresh as can
  /// be.
  virtual void poll(const OperatorView& view) = 0;

  /// Functions that were called since the last time, in order, holds included.
  virtual std::vector<Function> take_functions() = 0;

  /// False while the device is unplugged; `act` gives zeros then.
  virtual bool connected() const = 0;
  /// The last reading. The sizes never change.
  virtual const RawInput& raw() const = 0;
  /// Whether a hand (or its imitation) is on the controls, so that the steps count as human.
  virtual bool hands_on() const { return true; }
  /// Whether a control of `function` is down.
  virtual bool held(Function) const { return false; }
  /// What the operator presses for `function`, as the device's help calls it, e.g. "Space"; "" where nothing calls it.
  virtual std::string control_of(Function) const { return ""; }
  /// Which version of what policy drives while no hand is on the controls; "" without one.
  virtual std::string policy() const { return ""; }
  /// How far who drives doubts what to do, where that is known: a policy that has doubts.
  virtual std::optional<float> doubt() const { return std::nullopt; }
  /// Letters typed since the last time, while `set_typing` is on; "\b" takes one back, "\n" ends.
  virtual std::string take_text() { return ""; }
  /// While on, keys write instead of calling functions.
  virtual void set_typing(bool) {}
  /// What to press for what, for help and HUD.
  virtual std::vector<std::pair<std::string, std::string>> help() const { return {}; }
  /// Returns at once.
  virtual void rumble(RumbleKind) {}

  /// What a hand asks for goes through `turn` before it is the action `[act_dim]`: from its operator's point of
  /// view to the task's axes. Actors that are no hands do not ask.
  void turn_actions(std::function<void(VectorRef)> turn) { turn_ = std::move(turn); }

 protected:
  Vector turned(Vector action) const {
    if (turn_) turn_(action);
    return action;
  }

 private:
  std::function<void(VectorRef)> turn_;
};

}  // namespace understudy
