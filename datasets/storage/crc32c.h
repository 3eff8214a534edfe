#pragma once
/// \file CRC-32C (Castagnoli; RFC 3720, appendix B.4), which TensorBoard's records and our checkpoints carry.

#include <cstdint>
#include <string_view>

namespace understudy {

/// Checksum of `bytes`; of "123456789" it is 0xe3069283.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace understudy
