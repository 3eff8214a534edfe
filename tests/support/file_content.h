#pragma once
/// \file Whole files, read and written at once.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace understudy::tests {

/// The bytes of a file; "" when it cannot be read.
inline std::string content(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Replaces the file.
inline void write_content(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

}  // namespace understudy::tests
