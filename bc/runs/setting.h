#pragma once
/// \file Options as lists, so that command line, config.toml, manifest and checkpoints need not know them one
/// by one.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace understudy {

/// A field that an option says the opposite of, e.g. `--no-normalise`.
struct Negated {
  bool* field;
};

/// A field whose values have names. `parse` throws UsageError.
struct Named {
  std::function<std::string()> name;
  std::function<void(const std::string&)> parse;
};
template <class Value>
Named named(Value& field, std::string (*name)(Value), Value (*parse)(const std::string&)) {
  return {[&field, name] { return name(field); },
          [&field, parse](const std::string& text) { field = parse(text); }};
}

/// What becomes of a setting's value outside the run.
enum class SettingUse {
  kPlain,
  kPath,   ///< of a file: a run keeps it absolute, its policies say the file's name only
  kPaths,  ///< of several, with commas between
  kTask,   ///< an id, of which the same holds if it names a robot's file
  kPlace,  ///< says where or how fast, not what comes of it: not a word of it in policies
};

/// One option of a config struct: a pointer to its field, its name on the command line without dashes, what
/// it means and where it may lie. Valid as long as the config it points into.
struct Setting {
  std::string name;
  std::variant<double*, int*, std::uint64_t*, bool*, Negated, std::string*, std::vector<int>*, Named>
      value;  ///< vector: widths of hidden layers
  std::string help;
  double low = 0;                      ///< least value allowed (numbers only)
  double high = 0;                     ///< greatest value allowed
  std::vector<std::string> choices{};  ///< the words allowed (strings only; none: any)
  SettingUse use = SettingUse::kPlain;
  bool required = false;  ///< there is no default
};

using SettingList = std::vector<Setting>;
/// Options by name, as text.
using SettingTexts = std::vector<std::pair<std::string, std::string>>;

/// What stands between commas; nothing of nothing.
std::vector<std::string> split_list(const std::string& text);

/// The value as text: numbers in full precision, `true` or `false`, widths as "64,64".
std::string setting_text(const Setting& setting);

/// Sets the field from text. Throws UsageError naming the option, its range or words, and what was found.
void set_setting(const Setting& setting, const std::string& text);

/// Throws UsageError for the first value that is out of its range.
void check_settings(const SettingList& settings);

/// Makes paths absolute, so that a run can be resumed from any directory.
void make_paths_absolute(const SettingList& settings);

/// As TOML that `understudy train LEARNER --config` accepts. What is empty is left out.
std::string settings_toml(const std::string& learner, const SettingList& settings);
/// Those of them that say how a policy came about.
std::string policy_toml(const std::string& learner, const SettingList& settings);

/// Sets what `toml` says, the text of settings_toml; returns what is none of `settings`. `place` begins the
/// message of every Error.
SettingTexts read_settings(const SettingList& settings, const std::string& toml, const std::string& place);

}  // namespace understudy
