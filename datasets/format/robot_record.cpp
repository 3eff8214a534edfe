#include "datasets/format/robot_record.h"

#include "datasets/storage/sha256.h"

namespace understudy {
namespace {

/// "Task", "FILE.urdf" and "link" of "Task:FILE.urdf#link"; empty what is not there.
struct TaskParts {
  std::string task, file, link;
};

TaskParts parts_of(const std::string& id) {
  const std::size_t colon = id.find(':');
  if (colon == std::string::npos) return {id, "", ""};
  const std::size_t hash = id.rfind('#');
  const bool has_link = hash != std::string::npos && hash > colon && id.find('/', hash) == std::string::npos;
  const std::size_t end = has_link ? hash : id.size();
  return {id.substr(0, colon), id.substr(colon + 1, end - colon - 1), id.substr(end)};
}

}  // namespace

std::string without_folder(const std::string& id) {
  const TaskParts parts = parts_of(id);
  if (parts.file.empty()) return id;
  return parts.task + ":" + std::filesystem::path(parts.file).filename().string() + parts.link;
}

std::string with_absolute_file(const std::string& id) {
  const TaskParts parts = parts_of(id);
  if (parts.file.empty()) return id;
  return parts.task + ":" + std::filesystem::absolute(parts.file).lexically_normal().string() + parts.link;
}

bool same_task(const std::string& id, const std::string& robot_sha256, const std::string& other,
               const std::string& other_sha256) {
  const bool known = !robot_sha256.empty() && !other_sha256.empty();
  if (!known) return id == other;
  const TaskParts one = parts_of(id);
  const TaskParts two = parts_of(other);
  return one.task == two.task && one.link == two.link && robot_sha256 == other_sha256;
}

std::string robot_difference(const DatasetHeader& header, const std::filesystem::path& file) {
  if (header.robot_sha256.empty()) return "";
  const std::string want =
      "want the robot that the episodes were recorded with, SHA-256 " + header.robot_sha256;
  std::error_code failure;
  if (!std::filesystem::is_regular_file(file, failure)) {
    return file.string() + ": " + want +
           ", found no file; put it back there, or say where it is with --env (train, eval, play, record)";
  }
  const std::string found = file_sha256(file);
  if (found == header.robot_sha256) return "";
  return file.string() + ": " + want + ", found " + found +
         "; bring that version of the file back, or record anew";
}

}  // namespace understudy
