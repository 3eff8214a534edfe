#pragma once
/// \file The options of learners as lists, so that command line, TOML and checkpoints need not know them one by one.

#include <string>
#include <variant>
#include <vector>

namespace understudy {

/// One option of a config struct: a pointer to its field, its name on the command line without dashes, what it means
/// and where it may lie. Valid as long as the config it points into.
struct Setting {
  std::string name;
  std::variant<double*, int*, bool*, std::string*, std::vector<int>*>
      value;  ///< vector: widths of hidden layers
  std::string help;
  double low = 0;                      ///< least value allowed (numbers only)
  double high = 0;                     ///< greatest value allowed
  std::vector<std::string> choices{};  ///< the words allowed (strings only; none: any)
};

using SettingList = std::vector<Setting>;

/// The value as text: numbers in full precision, `true` or `false`, widths as "64,64".
std::string setting_text(const Setting& setting);

/// Sets the field from text. Throws UsageError naming the option, its range or words, and what was found.
void set_setting(const Setting& setting, const std::string& text);

/// Throws UsageError for the first value that is out of its range.
void check_settings(const SettingList& settings);

}  // namespace understudy
