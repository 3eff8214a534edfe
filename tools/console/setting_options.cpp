#include "tools/console/setting_options.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

namespace understudy::tools {

std::string setting_type(const Setting& setting) {
  if (std::holds_alternative<bool*>(setting.value) || std::holds_alternative<Negated>(setting.value))
    return "true|false";
  if (std::holds_alternative<std::vector<int>*>(setting.value)) return "WIDTHS";
  if (setting.use == SettingUse::kPath) return "FILE";
  std::string text;
  for (const std::string& choice : setting.choices) text += (text.empty() ? "" : "|") + choice;
  if (!text.empty()) return text;
  if (setting.low == setting.high) return "TEXT";  // all others have no range
  char range[64];
  const bool open = setting.high >= 1e9;  // no bound that anybody will meet
  std::snprintf(range, sizeof range, open ? "%g.." : "%g..%.10g", setting.low, setting.high);
  return range;
}

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
    command
        .add_option_function<std::string>(
            name, [setting](const std::string& text) { set_setting(setting, text); }, setting.help)
        ->default_str(setting_text(setting))
        ->type_name(setting_type(setting))
        ->required(setting.required);
  }
}

}  // namespace understudy::tools
