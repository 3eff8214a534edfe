#pragma once
/// \file The binding table: which control does what. Help, HUD, recorder and synthetic operator all read this
/// one table; binding_file.h turns it into text and back.

#include <string>
#include <utility>
#include <vector>

#include "capture/input/controls.h"
#include "capture/input/response.h"
#include "datasets/types/matrix.h"
#include "datasets/types/space.h"

namespace understudy {

/// An analog control moves one entry of the action.
struct AnalogRow {
  AnalogControl control = AnalogControl::kLeftStickX;
  int entry = 0;          ///< index into the action
  bool inverted = false;  ///< the entry gets the control's negative

  bool operator==(const AnalogRow&) const = default;
};

struct ButtonRow {
  PadButton button = PadButton::kA;
  Function function = Function::kNone;

  bool operator==(const ButtonRow&) const = default;
};

/// A key calls a function, or pushes an analog control to one end.
struct KeyRow {
  std::string key;                      ///< SDL's name in snake_case, e.g. "w", "return", "left_shift"
  Function function = Function::kNone;  ///< kNone: the key pushes `control`
  AnalogControl control = AnalogControl::kLeftStickX;
  int direction = 0;  ///< +1 or -1 when the key pushes a control, else 0

  bool operator==(const KeyRow&) const = default;
};

/// The whole table for one action space.
struct Binding {
  std::string layout;  ///< the preset it came from
  Response response;
  std::vector<std::string> entries;  ///< names of the action's entries, e.g. "steer", "delta_position[0]"
  std::vector<AnalogRow> analog;
  std::vector<ButtonRow> buttons;
  std::vector<KeyRow> keys;

  bool operator==(const Binding&) const = default;
};

/// Names of the layout presets.
std::vector<std::string> layout_names();

/// Keys that the preset `layout` binds for one task or another.
std::vector<std::string> layout_keys(const std::string& layout);

/// Names of the entries of `space`: the field's name, with an index when the field has several entries.
std::vector<std::string> entry_names(const Space& space);

/// The preset `layout` for a task's action space. Entries that the preset does not know by name are given the
/// controls that are still free, in the order of AnalogControl, so that every task can be driven. Throws
/// UsageError for an unknown layout and Error when the action has more entries than a pad has controls.
Binding make_binding(const std::string& layout, const Space& action);

/// Throws Error unless `binding` is consistent: entries and controls bound once, buttons and keys used once,
/// numbers in range, guide unbound. `place` begins the message.
void validate(const Binding& binding, const std::string& place);

/// The action `[act_dim]` in [-1, 1] that `controls` ask for; entries nobody moves are 0.
Vector action_of(const Binding& binding, const ControlState& controls);

/// The control values that give `action` `[act_dim]` (without precision); entries that no control moves are
/// lost.
ControlState controls_of(const Binding& binding, ConstVectorRef action);

/// Function of a button or key; kNone when it is not bound to one.
Function function_of(const Binding& binding, PadButton button);
Function function_of(const Binding& binding, const std::string& key);

/// Button that calls `function`; throws Error if none does.
PadButton button_for(const Binding& binding, Function function);

/// One line per bound control: what to press and what it does, e.g. {"X (hold 0.5 s)", "discard ..."}.
std::vector<std::pair<std::string, std::string>> pad_help(const Binding& binding);
std::vector<std::pair<std::string, std::string>> keyboard_help(const Binding& binding);

}  // namespace understudy
