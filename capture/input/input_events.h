#pragma once
/// \file SDL's event queue: edges of buttons and keys, plugging, and the wish to close.

#include <string>
#include <vector>

namespace understudy {

enum class InputKind { kButton, kKey, kText, kFocusLost, kDeviceAdded, kDeviceRemoved, kQuit };

struct InputEvent {
  InputKind kind = InputKind::kQuit;
  bool down = false;  ///< pressed rather than released, for buttons and keys
  int button = 0;     ///< PadButton's number, for buttons
  int instance = -1;  ///< SDL's instance id of the controller, for buttons and removed devices
  std::string key;    ///< as in binding files, for keys
  std::string text;   ///< UTF-8, for text: what was written while `type_text` is on
};

/// Switches SDL's controllers on while it lives, and takes every event there is: at most one such object at a
/// time, used by the thread that also made the window, if any.
class InputEvents {
 public:
  /// Throws Error when SDL cannot start.
  InputEvents();
  ~InputEvents();
  InputEvents(const InputEvents&) = delete;
  InputEvents& operator=(const InputEvents&) = delete;

  /// Lets SDL read all devices and returns what changed since the last time, oldest first. Key repeats are
  /// left out.
  std::vector<InputEvent> poll();

  /// While on, what is typed comes as text, beside the keys.
  static void type_text(bool on);
};

/// SDL's name of a key in snake_case, as binding files use it: "w", "return", "left_shift". Keys are known by
/// their places, and called as on a US keyboard, whatever layout is chosen.
bool is_key_name(const std::string& key);
/// What is printed on the key in the layout that the system has chosen, e.g. "Z" for "w" in France; its own name
/// before there is a window.
std::string key_label(const std::string& key);
/// The known key name nearest to `key`, or "".
std::string nearest_key_name(const std::string& key);

/// A connected game controller, as `devices list` shows it.
struct ControllerInfo {
  std::string name;
  std::string guid;
  std::string mapping;  ///< SDL's mapping string; "" for a joystick that SDL knows no mapping for
  bool game_controller = false;
  bool is_virtual = false;
};
std::vector<ControllerInfo> list_controllers(const InputEvents& events);

}  // namespace understudy
