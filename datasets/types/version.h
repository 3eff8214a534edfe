#pragma once
/// \file Which program made a file or a result.

#include <string>

namespace understudy {

/// Version of this program, e.g. "0.1.0".
std::string program_version();

/// Abbreviated git revision of the sources at configure time, with "-dirty" when they had local changes, or
/// "unknown" outside a git checkout.
std::string source_revision();

}  // namespace understudy
