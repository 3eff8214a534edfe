#include "datasets/foreign/wire_format.h"

#include <bit>

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr int kMostVarintBits = 63;  // shift of the tenth byte

template <class Number>
Number little_endian(std::string_view bytes) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i)
    number |= static_cast<Number>(static_cast<Number>(static_cast<unsigned char>(bytes[i])) << (8 * i));
  return number;
}

/// Takes a varint off the front of `rest`.
std::uint64_t take_varint(std::string_view& rest, const std::string& place) {
  std::uint64_t value = 0;
  for (int shift = 0; shift <= kMostVarintBits && !rest.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7FU) << static_cast<unsigned>(shift);
    if (byte < 0x80U) return value;
  }
  throw Error(place + ": want a whole number, found none that ends: the file is damaged here");
}

}  // namespace

float WireField::as_float() const {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value));
}

std::uint64_t WireReader::varint() {
  return take_varint(rest_, place_);
}

std::string_view WireReader::take(std::uint64_t count) {
  if (count > rest_.size()) {
    throw Error(place_ + ": want " + std::to_string(count) + " more bytes, found " +
                std::to_string(rest_.size()) + ": the file is damaged here");
  }
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::optional<WireField> WireReader::next() {
  if (rest_.empty()) return std::nullopt;
  const std::uint64_t tag = varint();
  WireField field{.number = static_cast<std::uint32_t>(tag >> 3U)};
  switch (tag & 7U) {
    case 0:
      field.value = varint();
      return field;
    case 1:
      field.value = little_endian<std::uint64_t>(take(8));
      return field;
    case 2:
      field.bytes = take(varint());
      field.is_bytes = true;
      return field;
    case 5:
      field.value = little_endian<std::uint32_t>(take(4));
      return field;
    default:
      throw Error(place_ + ": want a field of a known kind, found kind " + std::to_string(tag & 7U) +
                  ": the file is damaged here");
  }
}

void add_floats(const WireField& field, const std::string& place, std::vector<double>& values) {
  if (!field.is_bytes) {
    values.push_back(static_cast<double>(field.as_float()));
    return;
  }
  if (field.bytes.size() % sizeof(float) != 0) {
    throw Error(place + ": want numbers of four bytes, found " + std::to_string(field.bytes.size()) +
                " bytes of them: the file is damaged here");
  }
  for (std::size_t at = 0; at < field.bytes.size(); at += sizeof(float)) {
    const auto bits = little_endian<std::uint32_t>(field.bytes.substr(at, sizeof(float)));
    values.push_back(static_cast<double>(std::bit_cast<float>(bits)));
  }
}

void add_integers(const WireField& field, const std::string& place, std::vector<std::int64_t>& values) {
  if (!field.is_bytes) {
    values.push_back(static_cast<std::int64_t>(field.value));
    return;
  }
  std::string_view rest = field.bytes;
  while (!rest.empty()) values.push_back(static_cast<std::int64_t>(take_varint(rest, place)));
}

}  // namespace understudy
