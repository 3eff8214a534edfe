#pragma once
/// \file Protocol Buffers' wire format, as far as reading a message field by field needs it:
/// https://protobuf.dev/programming-guides/encoding. Included by sources of this folder only.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace understudy {

/// One field of a message; `bytes` is empty unless it is text, a message or packed numbers.
struct WireField {
  std::uint32_t number = 0;
  std::uint64_t value = 0;  ///< varint, or the bits of a fixed-size number
  std::string_view bytes{};
  bool is_bytes = false;

  float as_float() const;
};

/// The fields of a message in their order.
class WireReader {
 public:
  /// `place` begins the message of an Error.
  WireReader(std::string_view message, std::string place) : rest_(message), place_(std::move(place)) {}
  /// nullopt at the end. Throws Error for bytes that are no field.
  std::optional<WireField> next();

 private:
  std::uint64_t varint();
  std::string_view take(std::uint64_t count);

  std::string_view rest_;
  std::string place_;
};

/// Adds what a field of repeated floats holds, packed or one by one.
void add_floats(const WireField& field, const std::string& place, std::vector<double>& values);
/// Likewise of repeated integers.
void add_integers(const WireField& field, const std::string& place, std::vector<std::int64_t>& values);

}  // namespace understudy
