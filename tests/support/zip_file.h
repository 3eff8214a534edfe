#pragma once
/// \file Whole zip archives, for tests that change one record or write what no honest program would.

#include <filesystem>
#include <string>
#include <vector>

namespace understudy {

struct ZipContent {
  std::string name;
  std::string bytes;
  bool compressed = false;
};

/// All records in their order.
std::vector<ZipContent> read_zip(const std::filesystem::path& file);

/// Writes them anew, with checksums that are right.
void write_zip(const std::filesystem::path& file, const std::vector<ZipContent>& records);

/// The record whose name ends so. Throws Error when there is none.
ZipContent& record_of(std::vector<ZipContent>& records, const std::string& ending);

}  // namespace understudy
