#pragma once
/// \file A checkpoint's file: an archive in a frame that shows damage.

#include <string>

namespace understudy {

/// Magic, archive, CRC-32C over both.
std::string checkpoint_bytes(const std::string& archive);

/// The archive. Throws Error in one line naming `place` when the bytes are truncated, damaged, of another
/// kind, or an earlier version's.
std::string checkpoint_archive(const std::string& bytes, const std::string& place);

}  // namespace understudy
