#pragma once
/// \file What somebody can do to a policy file who knows its format.

#include <filesystem>
#include <functional>
#include <string>

#include "bc/policies/policy.h"
#include "tests/support/zip_file.h"

namespace understudy {

/// docs/policy-format.md's checksum of an archive, worked out from the document alone.
std::string documented_sha256(std::vector<ZipContent> records, const std::string& named);

/// Changes the archive's records, and makes checksums right again when it is of schema 2.
void forge(const std::filesystem::path& file, const std::function<void(std::vector<ZipContent>&)>& change);

/// The line with which loading the file is refused. Throws Error unless it is one printable line that begins
/// with the file's name, and when the file is loaded.
std::string refusal(const std::filesystem::path& file);

}  // namespace understudy
