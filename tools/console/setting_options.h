#pragma once
/// \file Lists of settings as options of a command.

#include <string>

#include "bc/runs/setting.h"

namespace CLI {
class App;
}

namespace understudy::tools {

/// What a value of it may be, for help: "mlp|rnn", "0..1", "FILE".
std::string setting_type(const Setting& setting);

/// Adds an option for each setting, a flag for what is true or false. The settings' fields must live as long
/// as `command`.
void add_setting_options(CLI::App& command, const SettingList& settings);

}  // namespace understudy::tools
