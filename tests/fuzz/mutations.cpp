#include "tests/fuzz/mutations.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace understudy::tests {
namespace {

std::size_t below(Rng& rng, std::size_t bound) {
  return bound == 0 ? 0 : static_cast<std::size_t>(rng.below(bound));
}

/// A run somewhere in `input`, short ones more often.
struct Run {
  std::size_t at, length;
  Run(const std::string& input, Rng& rng)
      : at(below(rng, input.size() + 1)),
        length(std::min(input.size() - at, below(rng, std::size_t{1} << (1 + below(rng, 12))))) {}
};

void change_bytes(std::string& input, Rng& rng) {
  if (input.empty()) return;
  const std::size_t at = below(rng, input.size());
  switch (rng.below(4)) {
    case 0:
      input[at] = static_cast<char>(static_cast<unsigned char>(input[at]) ^ (1U << rng.below(8)));
      break;
    case 1:
      input[at] = static_cast<char>(rng.below(256));
      break;
    case 2: {
      // Counts, sizes and offsets at the edges of what their type holds.
      constexpr std::array<std::uint64_t, 12> kEdges = {0,          1,           0x7F,         0x80,
                                                        0xFF,       0x7FFF,      0x80000000,   0x7FFFFFFF,
                                                        0xFFFFFFFF, ~0ULL >> 1U, ~0ULL << 63U, ~0ULL};
      const std::uint64_t edge = kEdges[below(rng, kEdges.size())];
      const std::size_t width = std::min(input.size() - at, std::size_t{1} << rng.below(4));
      std::memcpy(input.data() + at, &edge, width);
      break;
    }
    default: {
      const Run run(input, rng);
      std::fill_n(input.begin() + static_cast<std::ptrdiff_t>(run.at), run.length,
                  static_cast<char>(rng.below(2) * 255));
    }
  }
}

void change_pieces(std::string& input, const std::vector<std::string>& others, Rng& rng) {
  const Run run(input, rng);
  switch (rng.below(4)) {
    case 0:
      input.erase(run.at, run.length);
      break;
    case 1:
      input.insert(below(rng, input.size() + 1), input.substr(run.at, run.length));
      break;
    case 2: {
      const std::string& other = others[below(rng, others.size())];
      const Run part(other, rng);
      input.replace(run.at, run.length, other.substr(part.at, part.length));
      break;
    }
    default:
      if (rng.below(4) == 0) input.resize(run.at);
  }
}

/// Puts another word in the place of one, or doubles a line.
void change_words(std::string& input, Rng& rng) {
  static const std::array<const char*, 34> kWords = {"0",
                                                     "-1",
                                                     "1e309",
                                                     "-1e-320",
                                                     "nan",
                                                     "inf",
                                                     "1e16",
                                                     "2147483648",
                                                     "99999999999999999999",
                                                     "0x10",
                                                     "",
                                                     "\"",
                                                     "'",
                                                     "<",
                                                     ">",
                                                     "/>",
                                                     "&#0;",
                                                     "&lt;",
                                                     "[[[[[",
                                                     "]]]]]",
                                                     "{{{{{",
                                                     "}",
                                                     "\\u0000",
                                                     "\x1b[2J",
                                                     "\xFF",
                                                     "é",
                                                     "true",
                                                     "null",
                                                     "=",
                                                     ".",
                                                     ",",
                                                     "\n",
                                                     "#",
                                                     "../../../../etc/passwd"};
  const auto in_word = [&](std::size_t i) {
    const char c = input[i];
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_';
  };
  std::size_t at = below(rng, input.size() + 1);
  while (at < input.size() && !in_word(at)) ++at;
  std::size_t end = at;
  while (end < input.size() && in_word(end)) ++end;
  std::string word = kWords[below(rng, kWords.size())];
  if (rng.below(50) == 0) {
    std::string many;
    for (int i = 0; i < 20'000; ++i) many += word;
    word = many;
  }
  input.replace(at, rng.below(4) == 0 ? 0 : end - at, word);
}

}  // namespace

std::string mutated(std::string input, const std::vector<std::string>& others, bool text, Rng& rng) {
  for (std::uint64_t left = 1 + rng.below(8); left > 0; --left) {
    const std::uint64_t kind = rng.below(text ? 4 : 3);
    if (kind == 0) {
      change_pieces(input, others, rng);
    } else if (kind == 3 || (text && kind == 2)) {
      change_words(input, rng);
    } else {
      change_bytes(input, rng);
    }
  }
  return input;
}

}  // namespace understudy::tests
