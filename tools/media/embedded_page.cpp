#include "tools/media/embedded_page.h"

#include <cstring>
#include <nlohmann/json.hpp>

namespace understudy::tools {
namespace {

constexpr const char* kDataMark = "\"THE DATA\"";

}  // namespace

std::string base64(const void* data, std::size_t bytes) {
  constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto* in = static_cast<const unsigned char*>(data);
  std::string text;
  text.reserve((bytes + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes; i += 3) {
    const std::size_t left = bytes - i < 3 ? bytes - i : 3;
    const auto byte = [&](std::size_t n) { return n < left ? static_cast<unsigned>(in[i + n]) : 0U; };
    const unsigned group = byte(0) << 16U | byte(1) << 8U | byte(2);
    for (unsigned digit = 0; digit < 4; ++digit)
      text += digit <= left ? kDigits[(group >> (18 - 6 * digit)) & 63U] : '=';
  }
  return text;
}

std::string data_uri(const std::string& media_type, const std::string& bytes) {
  return "data:" + media_type + ";base64," + base64(bytes.data(), bytes.size());
}

std::string script_text(const nlohmann::ordered_json& data) {
  std::string text = data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  // "</script>" and "<!--<script>" mean something in HTML, and may stand in names only, so in texts.
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at))
    text.replace(at, 1, "\\u003c");
  return text;
}

std::string page_with(const char* page, const nlohmann::ordered_json& data) {
  std::string text = page;
  return text.replace(text.find(kDataMark), std::strlen(kDataMark), script_text(data));
}

}  // namespace understudy::tools
