#pragma once
/// \file Policy files as records of a zip archive, see docs/policy-format.md. Reading needs no LibTorch.

#include <string>
#include <string_view>

#include "bc/policies/policy.h"

namespace understudy {

/// Extra file of the TorchScript archive with everything but the numbers.
inline constexpr const char* kPolicyJson = "understudy.json";

/// What understudy.json says in place of the checksum when the checksum is worked out.
std::string blank_sha256();

/// SHA-256 over all records of the archive in `bytes`, whose understudy.json says blank_sha256(). Throws
/// Error that begins with `place` when it cannot be read.
std::string policy_sha256(std::string_view bytes, const std::string& place);

/// Like load_policy, of a file's content.
Policy policy_from_bytes(std::string_view bytes, const std::string& place);

}  // namespace understudy
