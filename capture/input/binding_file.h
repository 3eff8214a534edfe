#pragma once
/// \file Binding tables as TOML that a person can edit.
///
///     layout = "drive"            # what this file starts from
///     [response]
///     stick_dead_zone = 0.12
///     [pad]
///     left_stick_x = "-steer"     # a sign turns the direction round
///     right_stick_y = ["joint_0", "joint_1"]   # one after the other, at each press of group
///     start = "start"
///     "back+start" = "replay"     # start while back is down
///     [keys]
///     a = "-left_stick_x"         # a key pushes a control ...
///     space = "start"             # ... or calls a function
///
/// Lines that are left out keep what the layout says; "none" unbinds.

#include <filesystem>
#include <string>

#include "capture/input/bindings.h"

namespace understudy {

/// The complete table as text; reading it back gives the same table.
std::string to_text(const Binding& binding);

/// Reads a table for a task's action space. `default_layout` is used when the file names none. Errors name
/// file, line, column, expectation, finding and the known names.
Binding parse_binding(const std::string& text, const std::string& place, const Space& action,
                      const std::string& default_layout);

/// `parse_binding` on a file's contents; throws Error when it cannot be read.
Binding load_binding(const std::filesystem::path& path, const Space& action,
                     const std::string& default_layout);

/// Writes `to_text(binding)`; throws Error when the file exists and `overwrite` is false, or cannot be
/// written.
void save_binding(const std::filesystem::path& path, const Binding& binding, bool overwrite);

}  // namespace understudy
