#pragma once
/// \file The vocabulary between devices and bindings: which controls there are and what a control can do.
/// The names are those of SDL's game-controller API; a keyboard imitates the same controls.

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace understudy {

/// Controls with a sign. Positive is right, away from the operator (up), and the right-hand trigger.
enum class AnalogControl {
  kLeftStickX,
  kLeftStickY,
  kRightStickX,
  kRightStickY,
  kTriggers,  ///< right trigger minus left trigger
  kDpadX,
  kDpadY,
};
inline constexpr std::size_t kAnalogControls = 7;

/// In SDL's order. The guide button belongs to the system and is never bound.
enum class PadButton {
  kA,
  kB,
  kX,
  kY,
  kBack,
  kGuide,
  kStart,
  kLeftStick,
  kRightStick,
  kLeftShoulder,
  kRightShoulder,
  kDpadUp,
  kDpadDown,
  kDpadLeft,
  kDpadRight,
};
inline constexpr std::size_t kPadButtons = 15;

/// In SDL's order: two sticks of x and y, then the triggers.
enum class PadAxis { kLeftX, kLeftY, kRightX, kRightY, kLeftTrigger, kRightTrigger };
inline constexpr std::size_t kPadAxes = 6;

/// What a button or key can be bound to.
enum class Function {
  kNone,
  kStart,        ///< start, pause, resume
  kEnd,          ///< end the episode and wait for the verdict
  kSaveSuccess,  ///< end and save as success
  kSaveFailure,  ///< end and save as failure
  kDiscard,      ///< drop the episode and begin from the same start again; must be held
  kNext,         ///< another start: drop the episode, if one is live; must be held
  kUndo,         ///< take back the last saved episode; must be held
  kBack,         ///< pause while recording; pressed twice otherwise: stop
  kStop,         ///< pressed twice: end the session
  kPause,        ///< pause, never resume; losing the window's focus does it too
  kPrecision,    ///< while held: finer control
  kCamera,       ///< next camera
  kExtend,       ///< more time for this episode
  kCheckpoint,   ///< mark a moment of the episode to come back to
  kRewind,       ///< go back to the last mark, again: to the one before
  kTakeOver,     ///< while held: drive in the policy's place
  kReplay,       ///< watch the last saved episode
  kNote,         ///< write a note on the last saved episode
  kGroup,        ///< the controls move the next entries, where layouts give them to several in turn
  kSecondView,   ///< next camera for the second picture
  kHelp,         ///< fold the help away or bring it back
};
inline constexpr std::size_t kFunctions = 22;

/// Names as they stand in binding files, e.g. "left_stick_x", "left_shoulder", "save_success".
const char* name_of(AnalogControl control);
const char* name_of(PadButton button);
const char* name_of(Function function);
/// What `function` does, for help and HUD, e.g. "end and save as success".
const char* meaning_of(Function function);
/// Whether `function` acts only after its control was held for a while, because it destroys something.
bool needs_hold(Function function);

std::vector<std::string> analog_control_names();
std::vector<std::string> pad_button_names();
std::vector<std::string> function_names();

/// A device at one moment, before dead zone and binding; this is what a recording keeps.
struct RawInput {
  std::vector<float> axes;     ///< in [-1, 1]; for a pad in PadAxis order, y positive towards the operator
  std::vector<float> buttons;  ///< 0 or 1; for a pad in PadButton order
  double time = 0;             ///< s, when the device was read (the session's clock)
};

/// A device at one moment, after dead zone and response curve: what bindings turn into an action.
struct ControlState {
  std::array<double, kAnalogControls> analog{};  ///< in [-1, 1], by AnalogControl
  bool precision = false;
  int group = 0;  ///< which rows of those with a group count

  double& operator[](AnalogControl control) { return analog[static_cast<std::size_t>(control)]; }
  double operator[](AnalogControl control) const { return analog[static_cast<std::size_t>(control)]; }
};

/// Physical positions of a pad's controls.
struct PadPosition {
  std::array<double, kPadAxes>
      axes{};  ///< by PadAxis: sticks in [-1, 1] (y positive down), triggers in [0, 1]
  std::array<bool, kPadButtons> buttons{};  ///< by PadButton

  double& operator[](PadAxis axis) { return axes[static_cast<std::size_t>(axis)]; }
  double operator[](PadAxis axis) const { return axes[static_cast<std::size_t>(axis)]; }
  bool& operator[](PadButton button) { return buttons[static_cast<std::size_t>(button)]; }
  bool operator[](PadButton button) const { return buttons[static_cast<std::size_t>(button)]; }
};

}  // namespace understudy
