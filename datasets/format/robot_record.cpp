#include "datasets/format/robot_record.h"

#include "datasets/storage/sha256.h"

namespace understudy {

std::string robot_difference(const DatasetHeader& header, const std::filesystem::path& file) {
  if (header.robot_sha256.empty()) return "";
  const std::string want =
      "want the robot that the episodes were recorded with, SHA-256 " + header.robot_sha256;
  std::error_code failure;
  if (!std::filesystem::is_regular_file(file, failure)) {
    return file.string() + ": " + want +
           ", found no file; put it back there, or run from the folder that it is in";
  }
  const std::string found = file_sha256(file);
  if (found == header.robot_sha256) return "";
  return file.string() + ": " + want + ", found " + found +
         "; bring that version of the file back, or record anew";
}

}  // namespace understudy
