#pragma once
/// \file TOML 1.0 (toml.io): files that users write and runs leave behind, read with the place of every
/// value, and written so that every value reads back as it was.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace understudy {

/// One value of a document, with all that stands within it.
struct TomlValue {
  enum class Kind { kString, kInteger, kFloat, kBoolean, kArray, kTable };

  Kind kind = Kind::kTable;
  std::string key{};   ///< its name in its table; empty within a list
  std::string path{};  ///< the names from the document down to it with dots between, e.g. "physics.mass"
  /// What an option takes: a string without quotes and escapes, a whole number in decimal, a float as the
  /// shortest text that reads back as the same number and shows that it is a float, "true" or "false".
  /// Empty for lists and tables.
  std::string text{};
  std::vector<TomlValue> items{};  ///< of a list (strings, numbers and booleans) or a table, in file order
  std::string place{};             ///< of the value, "file:line:column", both from 1: begins a complaint
  std::string key_place{};         ///< of its key; within a list, of the value

  /// What was found, to end a complaint with: "the text 'fast'", "the number 0.5", "true", "a list" or
  /// "a table".
  std::string found() const;
};

/// The values of a document in file order. `place` is the file's name, for complaints. Throws Error in one
/// line that begins with "place:line:column: " when the text is not TOML (a key set twice and a whole number
/// beyond 64 bits signed included), and for what nothing here takes: dates, times, and lists of lists or of
/// tables.
std::vector<TomlValue> parse_toml(std::string_view text, const std::string& place);

/// The value at a dotted path from `values` down, or nullptr.
const TomlValue* find_value(const std::vector<TomlValue>& values, std::string_view path);

/// A value as it is written in TOML; parse_toml gives back the same value, floats bit for bit. Strings have
/// to be UTF-8. Whole numbers above 2^63 - 1, which TOML has not, are written as strings: options take both.
std::string toml_text(std::string_view value);
std::string toml_text(double value);
std::string toml_text(bool value);
inline std::string toml_text(const char* value) {
  return toml_text(std::string_view(value));
}
template <std::integral Integer>
std::string toml_text(Integer value) {
  const std::string digits = std::to_string(value);
  return std::in_range<std::int64_t>(value) ? digits : toml_text(digits);
}
template <class Value>
std::string toml_text(const std::vector<Value>& values) {
  std::string text;
  for (const Value& value : values) text += (text.empty() ? "" : ", ") + toml_text(value);
  return "[" + text + "]";
}

/// A key as it is written in TOML: in quotes unless it is of letters, digits, `_` and `-`.
std::string toml_key(std::string_view key);

/// Writes a document line by line, in the order of the calls.
class TomlWriter {
 public:
  /// `# comment`, which must be one line.
  void comment(std::string_view comment) { text_.append("# ").append(comment).append("\n"); }
  /// `[name]`: what is added from here on belongs to this table. Each table may be begun once.
  void table(std::string_view name) { text_ += "[" + toml_key(name) + "]\n"; }
  /// `key = value`. Within a table each key may be added once.
  template <class Value>
  void add(std::string_view key, const Value& value) {
    text_ += toml_key(key) + " = " + toml_text(value) + "\n";
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace understudy
