#include "tools/console/setting_options.h"

#include <CLI/CLI.hpp>
#include <string>

namespace understudy::tools {

void add_setting_options(CLI::App& command, const SettingList& settings) {
  for (const Setting& setting : settings) {
    // Earlier versions cloned "--episodes".
    const std::string name = setting.name == "demos" ? "--demos,--episodes" : "--" + setting.name;
    if (std::holds_alternative<bool*>(setting.value) || std::holds_alternative<Negated>(setting.value)) {
      command.add_flag_function(
          name, [setting](std::int64_t count) { set_setting(setting, count > 0 ? "true" : "false"); },
          setting.help);
      continue;
    }
    const bool number = setting.low != setting.high;  // all others have no range
    const char* type = number ? "NUMBER" : setting.use == SettingUse::kPath ? "FILE" : "TEXT";
    command
        .add_option_function<std::string>(
            name, [setting](const std::string& text) { set_setting(setting, text); }, setting.help)
        ->default_str(setting_text(setting))
        ->type_name(type)
        ->required(setting.required);
  }
}

}  // namespace understudy::tools
