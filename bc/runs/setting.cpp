#include "bc/runs/setting.h"

#include <charconv>
#include <cmath>

#include "bc/cloning/cloning_run_config.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

std::string number_text(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc() ? std::string(text, end) : "nan";
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

std::string words(const Setting& setting) {
  std::string list;
  for (const std::string& word : setting.choices) list += (list.empty() ? "" : ", ") + word;
  return list;
}

void check(const Setting& setting) {
  const auto in_range = [&](double value) {
    if (!(value >= setting.low && value <= setting.high)) refuse(setting, range(setting), number_text(value));
  };
  if (const auto* number = std::get_if<double*>(&setting.value)) in_range(**number);
  if (const auto* integer = std::get_if<int*>(&setting.value)) in_range(**integer);
  if (const auto* text = std::get_if<std::string*>(&setting.value)) {
    bool known = setting.choices.empty();
    for (const std::string& word : setting.choices) known = known || word == **text;
    if (!known) refuse(setting, "one of " + words(setting), "'" + **text + "'");
  }
  if (const auto* widths = std::get_if<std::vector<int>*>(&setting.value)) {
    for (const int width : **widths) {
      if (width < 1 || width > 65536) refuse(setting, "widths from 1 to 65536", std::to_string(width));
    }
  }
}

}  // namespace

std::string setting_text(const Setting& setting) {
  if (const auto* number = std::get_if<double*>(&setting.value)) return number_text(**number);
  if (const auto* integer = std::get_if<int*>(&setting.value)) return std::to_string(**integer);
  if (const auto* flag = std::get_if<bool*>(&setting.value)) return **flag ? "true" : "false";
  if (const auto* text = std::get_if<std::string*>(&setting.value)) return **text;
  return hidden_text(*std::get<std::vector<int>*>(setting.value));
}

void set_setting(const Setting& setting, const std::string& text) {
  if (const auto* number = std::get_if<double*>(&setting.value)) {
    **number = parse_number<double>(setting, text);
  } else if (const auto* integer = std::get_if<int*>(&setting.value)) {
    **integer = parse_number<int>(setting, text);
  } else if (const auto* flag = std::get_if<bool*>(&setting.value)) {
    if (text != "true" && text != "false") refuse(setting, "true or false", "'" + text + "'");
    **flag = text == "true";
  } else if (const auto* word = std::get_if<std::string*>(&setting.value)) {
    **word = text;
  } else {
    *std::get<std::vector<int>*>(setting.value) = parse_hidden(text);
  }
  check(setting);
}

void check_settings(const SettingList& settings) {
  for (const Setting& setting : settings) check(setting);
}

}  // namespace understudy
