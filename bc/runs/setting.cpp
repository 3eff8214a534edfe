#include "bc/runs/setting.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bc/runs/setting_json.h"
#include "datasets/format/robot_record.h"
#include "datasets/types/error.h"
#include "datasets/types/toml.h"

namespace understudy {
namespace {

std::string number_text(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc() ? std::string(text, end) : "nan";
}

std::string widths_text(const std::vector<int>& widths) {
  std::string text;
  for (const int width : widths) text += (text.empty() ? "" : ",") + std::to_string(width);
  return text.empty() ? "none" : text;
}

[[noreturn]] void refuse(const Setting& setting, const std::string& want, const std::string& found) {
  throw UsageError("--" + setting.name + ": want " + want + ", found " + (found.empty() ? "nothing" : found));
}

std::string range(const Setting& setting) {
  return "a number from " + number_text(setting.low) + " to " + number_text(setting.high);
}

template <class Number>
Number parse_number(const Setting& setting, const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    refuse(setting, (std::is_integral_v<Number> ? "a whole number" : "a number"), "'" + text + "'");
  }
  return value;
}

bool parse_flag(const Setting& setting, const std::string& text) {
  if (text != "true" && text != "false") refuse(setting, "true or false", "'" + text + "'");
  return text == "true";
}

std::vector<int> parse_widths(const Setting& setting, const std::string& text) {
  std::vector<int> widths;
  if (text == "none") return widths;
  const char* next = text.data();
  const char* const end = next + text.size();
  while (true) {
    int width = 0;
    const auto [after, error] = std::from_chars(next, end, width);
    if (error != std::errc() || (after != end && *after != ',')) {
      refuse(setting, "widths like 256,256 or 'none'", "'" + text + "'");
    }
    widths.push_back(width);
    if (after == end) return widths;
    next = after + 1;
  }
}

std::string words(const Setting& setting) {
  std::string list;
  for (const std::string& word : setting.choices) list += (list.empty() ? "" : ", ") + word;
  return list;
}

/// What to do with each kind of field.
template <class... Kinds>
struct Cases : Kinds... {
  using Kinds::operator()...;
};
template <class... Kinds>
Cases(Kinds...) -> Cases<Kinds...>;  // Clang 14 does not deduce it from the aggregate

void check(const Setting& setting) {
  const auto in_range = [&](auto* number) {
    const auto value = static_cast<double>(*number);
    if (!(value >= setting.low && value <= setting.high)) refuse(setting, range(setting), number_text(value));
  };
  const Cases cases{
      [&](auto* number) { in_range(number); }, [](bool*) {},
      [&](std::string* text) {
        const bool any = setting.choices.empty();
        if (!any && std::find(setting.choices.begin(), setting.choices.end(), *text) == setting.choices.end())
          refuse(setting, "one of " + words(setting), "'" + *text + "'");
      },
      [&](std::vector<int>* widths) {
        for (const int width : *widths) {
          if (width < 1 || width > 65536) refuse(setting, "widths from 1 to 65536", std::to_string(width));
        }
      },
      [](const auto&) {}};
  std::visit(cases, setting.value);
}

/// The value as files know it.
std::variant<double, int, std::uint64_t, bool, std::string> plain_value(const Setting& setting) {
  using Plain = decltype(plain_value(setting));
  const Cases cases{[](auto* field) { return Plain(*field); },
                    [](const Negated& flag) { return Plain(!*flag.field); },
                    [](std::vector<int>* widths) { return Plain(widths_text(*widths)); },
                    [](const Named& word) { return Plain(word.name()); }};
  return std::visit(cases, setting.value);
}

std::string each_path(const std::string& paths,
                      const std::function<std::string(const std::filesystem::path&)>& change) {
  std::string changed;
  for (const std::string& path : split_list(paths)) changed += (changed.empty() ? "" : ",") + change(path);
  return changed;
}

std::string toml(const std::string& learner, const SettingList& settings, bool of_policy) {
  TomlWriter writer;
  writer.comment("understudy train " + learner);
  for (const Setting& setting : settings) {
    if (of_policy && setting.use == SettingUse::kPlace) continue;
    auto value = plain_value(setting);
    if (auto* text = std::get_if<std::string>(&value)) {
      if (text->empty()) continue;
      if (of_policy && (setting.use == SettingUse::kPath || setting.use == SettingUse::kPaths))
        *text = each_path(*text, [](const std::filesystem::path& path) { return path.filename().string(); });
      if (of_policy && setting.use == SettingUse::kTask) *text = without_folder(*text);
    }
    std::visit([&](const auto& plain) { writer.add(setting.name, plain); }, value);
  }
  return writer.text();
}

}  // namespace

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

std::string setting_text(const Setting& setting) {
  const Cases cases{[](double number) { return number_text(number); },
                    [](bool flag) { return std::string(flag ? "true" : "false"); },
                    [](const std::string& text) { return text; },
                    [](auto number) { return std::to_string(number); }};
  return std::visit(cases, plain_value(setting));
}

void set_setting(const Setting& setting, const std::string& text) {
  const Cases cases{[&](double* number) { *number = parse_number<double>(setting, text); },
                    [&](int* number) { *number = parse_number<int>(setting, text); },
                    [&](std::uint64_t* number) { *number = parse_number<std::uint64_t>(setting, text); },
                    [&](bool* flag) { *flag = parse_flag(setting, text); },
                    [&](const Negated& flag) { *flag.field = !parse_flag(setting, text); },
                    [&](std::string* word) { *word = text; },
                    [&](std::vector<int>* widths) { *widths = parse_widths(setting, text); },
                    [&](const Named& word) { word.parse(text); }};
  std::visit(cases, setting.value);
  check(setting);
}

void check_settings(const SettingList& settings) {
  for (const Setting& setting : settings) check(setting);
}

void make_paths_absolute(const SettingList& settings) {
  for (const Setting& setting : settings) {
    if (setting.use == SettingUse::kPlain) continue;
    auto* const path = std::get_if<std::string*>(&setting.value);
    if (path == nullptr || (*path)->empty()) continue;
    const auto absolute = [](const std::filesystem::path& file) {
      return std::filesystem::absolute(file).lexically_normal().string();
    };
    **path = setting.use == SettingUse::kTask    ? with_absolute_file(**path)
             : setting.use == SettingUse::kPaths ? each_path(**path, absolute)
                                                 : absolute(**path);
  }
}

std::string settings_toml(const std::string& learner, const SettingList& settings) {
  return toml(learner, settings, false);
}

std::string policy_toml(const std::string& learner, const SettingList& settings) {
  return toml(learner, settings, true);
}

nlohmann::ordered_json settings_json(const SettingList& settings) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (const Setting& setting : settings)
    std::visit([&](const auto& value) { object[setting.name] = value; }, plain_value(setting));
  return object;
}

SettingTexts read_settings(const SettingList& settings, const std::string& toml, const std::string& place) {
  SettingTexts others;
  for (const TomlValue& value : parse_toml(toml, place)) {
    const auto found = std::find_if(settings.begin(), settings.end(),
                                    [&](const Setting& setting) { return setting.name == value.key; });
    if (found == settings.end()) {
      others.emplace_back(value.key, value.text);
      continue;
    }
    try {
      set_setting(*found, value.text);
    } catch (const UsageError& error) {
      throw Error(value.place + ": " + error.what());
    }
  }
  return others;
}

}  // namespace understudy
