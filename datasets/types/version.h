#pragma once
/// \file Which program made a file or a result.

#include <string>

/// The version as a literal, for what is compiled against these headers. CMakeLists.txt reads it from here.
#define UNDERSTUDY_VERSION "0.1.0"

namespace understudy {

/// Version of the program that runs, e.g. "0.1.0".
std::string program_version();

/// Abbreviated git revision of the sources at configure time, with "-dirty" when they had local changes, or
/// "unknown" outside a git checkout.
std::string source_revision();

/// What the processor calls itself. Results have the same bits on processors of one kind only: libraries choose
/// their instructions by it, and so the order of their sums.
std::string processor_name();

}  // namespace understudy
