#pragma once
/// \file JSON from files that anybody may have written. For sources only: it includes the whole parser.

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace understudy {

/// Nothing that this program writes is nested deeper; what is costs a call within a call when it is used.
inline constexpr int kMostJsonNesting = 64;

/// Whether lists and objects stand in one another more than kMostJsonNesting deep.
inline bool is_nested_too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if ((c == '[' || c == '{') && ++depth > kMostJsonNesting) return true;
    if (c == ']' || c == '}') --depth;
  }
  return false;
}

/// The document, or one that is_discarded() when it is none or is nested too deep.
template <class Json = nlohmann::json>
Json parsed_json(std::string_view text) {
  if (is_nested_too_deep(text)) return Json(Json::value_t::discarded);
  return Json::parse(text.begin(), text.end(), nullptr, false);
}

/// What the library says was wrong with a document, without the name that it gives its error.
inline std::string reason_of(const nlohmann::json::exception& error) {
  const std::string text = error.what();
  const std::size_t end = text.find("] ");
  return text.starts_with("[json.exception") && end != std::string::npos ? text.substr(end + 2) : text;
}

}  // namespace understudy
