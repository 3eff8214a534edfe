#include "datasets/types/printable.h"

namespace understudy {

std::string printable(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F) c = '?';
  }
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i + 1]);
    if (text[i] == '\xC2' && byte >= 0x80 && byte < 0xA0) text[i] = text[i + 1] = '?';
  }
  return text;
}

}  // namespace understudy
