#pragma once
/// \file Checks a dataset against the file contract (docs/dataset-format.md).

#include <filesystem>
#include <string>
#include <vector>

namespace understudy {

/// Every violation of the contract as one line `<file>:<object>: want ..., found ...`; none: the file
/// conforms. Never throws for what is wrong with the file, a missing one included.
std::vector<std::string> validate(const std::filesystem::path& file);

}  // namespace understudy
