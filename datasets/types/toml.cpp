#include "datasets/types/toml.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <tuple>

#include "datasets/types/error.h"

namespace understudy {
namespace {

using Kind = TomlValue::Kind;

std::string located(const std::string& place, const toml::source_position& at) {
  return place + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

/// What stands in the text from a position to the end of its line, cut to a moderate length.
std::string rest_of_line(std::string_view text, const toml::source_position& at) {
  for (toml::source_index line = 1; line < at.line && !text.empty(); ++line) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  text = text.substr(0, text.find_first_of("\r\n"));
  for (toml::source_index column = 1; column < at.column && !text.empty(); ++column) {
    // A column is a code point; its continuation bytes are 10xxxxxx.
    do text.remove_prefix(1);
    while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0U) == 0x80U);
  }
  constexpr std::size_t kMost = 40;
  return std::string(text.substr(0, kMost)) + (text.size() > kMost ? "..." : "");
}

std::string complaint(std::string_view text, const std::string& place, const toml::parse_error& error) {
  std::string reason(error.description());
  const std::string_view prefix = "Error while parsing ";
  if (reason.starts_with(prefix)) reason.erase(0, prefix.size());
  std::replace(reason.begin(), reason.end(), '\n', ' ');
  const std::string rest = rest_of_line(text, error.source().begin);
  // Control characters and broken UTF-8 are not repeated.
  const bool printable = std::all_of(rest.begin(), rest.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
  if (!rest.empty() && printable) reason += ", found '" + rest + "'";
  return located(place, error.source().begin) + ": not TOML: " + reason +
         "; text and whole numbers beyond 64 bits stand in quotes, lists in brackets, every key and table "
         "once";
}

class Reader {
 public:
  explicit Reader(const std::string& place) : place_(place) {}

  std::vector<TomlValue> values(const toml::table& table, const std::string& parent) const {
    std::vector<std::pair<const toml::key*, const toml::node*>> entries;
    for (const auto& [key, node] : table) entries.emplace_back(&key, &node);
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.first->source().begin < b.first->source().begin; });
    std::vector<TomlValue> values;
    for (const auto& [key, node] : entries) {
      TomlValue value = read(*node, parent + std::string(key->str()));
      value.key = key->str();
      value.key_place = located(place_, key->source().begin);
      values.push_back(std::move(value));
    }
    return values;
  }

 private:
  TomlValue read(const toml::node& node, const std::string& path) const {
    TomlValue value;
    value.path = path;
    value.place = value.key_place = located(place_, node.source().begin);
    switch (node.type()) {
      case toml::node_type::string:
        value.kind = Kind::kString;
        value.text = node.as_string()->get();
        break;
      case toml::node_type::integer:
        value.kind = Kind::kInteger;
        value.text = std::to_string(node.as_integer()->get());
        break;
      case toml::node_type::floating_point:
        value.kind = Kind::kFloat;
        value.text = toml_text(node.as_floating_point()->get());
        break;
      case toml::node_type::boolean:
        value.kind = Kind::kBoolean;
        value.text = node.as_boolean()->get() ? "true" : "false";
        break;
      case toml::node_type::array:
        value.kind = Kind::kArray;
        for (const toml::node& item : *node.as_array()) value.items.push_back(read_item(item, path));
        break;
      case toml::node_type::table:
        value.kind = Kind::kTable;
        value.items = values(*node.as_table(), path + ".");
        break;
      default:
        throw Error(value.place + ": " + path +
                    ": want text, a number, true or false, found a date or time; put it in quotes");
    }
    return value;
  }

  TomlValue read_item(const toml::node& item, const std::string& path) const {
    TomlValue value = read(item, path);
    if (value.kind == Kind::kArray || value.kind == Kind::kTable) {
      throw Error(value.place + ": " + path + ": want a list of texts or numbers, found " + value.found() +
                  " in it; take it out");
    }
    return value;
  }

  const std::string& place_;
};

std::string quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04X", static_cast<unsigned>(c));
      quoted += escape;
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace

std::string TomlValue::found() const {
  switch (kind) {
    case Kind::kString:
      return "the text '" + text + "'";
    case Kind::kInteger:
    case Kind::kFloat:
      return "the number " + text;
    case Kind::kBoolean:
      return text;
    case Kind::kArray:
      return "a list";
    case Kind::kTable:
      return "a table";
  }
  return text;
}

std::vector<TomlValue> parse_toml(std::string_view text, const std::string& place) {
  try {
    return Reader(place).values(toml::parse(text), "");
  } catch (const toml::parse_error& error) {
    throw Error(complaint(text, place, error));
  }
}

const TomlValue* find_value(const std::vector<TomlValue>& values, std::string_view path) {
  for (const TomlValue& value : values) {
    if (value.path == path) return &value;
    if (const TomlValue* within = find_value(value.items, path)) return within;
  }
  return nullptr;
}

std::string toml_text(std::string_view value) {
  return quoted(value);
}

std::string toml_text(double value) {
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, value);
  std::string shortest(text, result.ptr);
  const bool whole = shortest.find_first_not_of("-0123456789") == std::string::npos;
  return whole ? shortest + ".0" : shortest;
}

std::string toml_text(bool value) {
  return value ? "true" : "false";
}

std::string toml_key(std::string_view key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return bare ? std::string(key) : quoted(key);
}

}  // namespace understudy
