#include "tests/support/policy_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"

namespace understudy {

std::string documented_sha256(std::vector<ZipContent> records, const std::string& named) {
  std::string& json = record_of(records, "/understudy.json").bytes;
  json.replace(json.find(named), named.size(), std::string(64, '0'));
  for (ZipContent& record : records) record.name.erase(0, record.name.find('/') + 1);
  std::sort(records.begin(), records.end(),
            [](const ZipContent& a, const ZipContent& b) { return a.name < b.name; });
  std::string all;
  for (const ZipContent& record : records) {
    if (record.name == ".data/serialization_id") continue;
    all += record.name + "\n" + std::to_string(record.bytes.size()) + "\n" + record.bytes;
  }
  return text_sha256(all);
}

void forge(const std::filesystem::path& file, const std::function<void(std::vector<ZipContent>&)>& change) {
  auto records = read_zip(file);
  const auto document = nlohmann::json::parse(record_of(records, "/understudy.json").bytes);
  change(records);
  if (document.at("schema") == 2) {
    const auto named = document.at("sha256").get<std::string>();
    std::string& json = record_of(records, "/understudy.json").bytes;
    const std::size_t at = json.find(named);
    if (at != std::string::npos) json.replace(at, named.size(), documented_sha256(records, named));
  }
  write_zip(file, records);
}

std::string refusal(const std::filesystem::path& file) {
  std::optional<std::string> line;
  try {
    load_policy(file);
  } catch (const Error& error) {
    line = error.what();
  }
  if (!line) throw Error(file.string() + " was loaded");
  const bool printable =
      std::none_of(line->begin(), line->end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
  if (!printable || !line->starts_with(file.string()) || line->size() > 1000) {
    throw Error("no line that a person can read: " + *line);
  }
  return *line;
}

}  // namespace understudy
