#pragma once
/// \file The binding table: which control does what. Help, HUD, recorder and synthetic operator all read this
/// one table; binding_file.h turns it into text and back.

#include <functional>
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
  int group = -1;         ///< the row counts while this group is chosen (ControlState::group); -1: always

  bool operator==(const AnalogRow&) const = default;
};

struct ButtonRow {
  PadButton button = PadButton::kA;
  Function function = Function::kNone;
  bool with_back = false;  ///< pressed while Back is down, which then does nothing itself

  bool operator==(const ButtonRow&) const = default;
};
/// As it stands in binding files: "start", "back+start".
std::string name_of(const ButtonRow& row);

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

/// Whether layouts bind `button` while Back is down.
bool is_layout_chord(PadButton button);

/// Names of the entries of `space`: the field's name, with an index when the field has several entries.
std::vector<std::string> entry_names(const Space& space);

/// The preset `layout` for a task's action space. "joint" moves two entries at a time, the next two at a press of
/// Function::kGroup, however many there are. Entries that the preset does not know by name are given the
/// controls that are still free, in the order of AnalogControl, so that every task can be driven. Throws
/// UsageError for an unknown layout and Error when the action has more entries than a pad has controls.
Binding make_binding(const std::string& layout, const Space& action);

/// Throws Error unless `binding` is consistent: entries and controls bound once, buttons and keys used once,
/// numbers in range, guide unbound. `place` begins the message.
void validate(const Binding& binding, const std::string& place);

/// What a person at the pad, or at the keyboard alone, could not do with `binding`, one line each beginning with
/// `place`: entries of the action that stay 0 or move one way only.
std::vector<std::string> unmoved_entries(const Binding& binding, bool keyboard, const std::string& place);

/// Throws Error unless a button, or with `keyboard` a key, calls what no session can do without: start, and an end of
/// some kind.
void want_usable(const Binding& binding, bool keyboard, const std::string& place);

/// The action `[act_dim]` in [-1, 1] that `controls` ask for; entries nobody moves are 0.
Vector action_of(const Binding& binding, const ControlState& controls);

/// The control values that give `action` `[act_dim]` (without precision); entries that no control moves are
/// lost.
ControlState controls_of(const Binding& binding, ConstVectorRef action);

/// Number of groups that Function::kGroup goes through; at least 1.
int group_count(const Binding& binding);
/// What moves while `group` is chosen, e.g. "joint_2, joint_3".
std::string group_text(const Binding& binding, int group);

/// Function of a button, alone or while Back is down, or of a key; kNone when it is not bound to one.
Function function_of(const Binding& binding, PadButton button, bool with_back = false);
Function function_of(const Binding& binding, const std::string& key);

/// Button that calls `function` by itself; throws Error if none does.
PadButton button_for(const Binding& binding, Function function);

/// One line per bound control: what to press and what it does, e.g. {"X (hold 0.5 s)", "discard ..."}.
std::vector<std::pair<std::string, std::string>> pad_help(const Binding& binding);
/// `label` says what is printed on a key; without it keys are called by their names.
using KeyLabel = std::function<std::string(const std::string&)>;
std::vector<std::pair<std::string, std::string>> keyboard_help(const Binding& binding,
                                                               const KeyLabel& label = {});

/// What to press for `function`, as help has it, the first of several; "" when nothing calls it.
std::string pad_control_of(const Binding& binding, Function function);
std::string key_of(const Binding& binding, Function function, const KeyLabel& label = {});

}  // namespace understudy
