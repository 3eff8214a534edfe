#include "datasets/curation/minari_export.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>

#include "datasets/format/demonstration_reader.h"
#include "datasets/format/space_json.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"

namespace understudy {
namespace fs = std::filesystem;

std::string minari_id(const std::string& environment_id) {
  std::string name;
  for (const char c : environment_id) {
    const auto byte = static_cast<unsigned char>(c);
    name += std::isalnum(byte) ? static_cast<char>(std::tolower(byte)) : '-';
  }
  return "understudy/" + (name.empty() ? "demonstrations" : name) + "-v0";
}

fs::path export_minari(const fs::path& dataset, const fs::path& root, const std::string& id, bool force) {
  static const std::regex kId("([-_A-Za-z0-9]{2,}/)*[-_A-Za-z0-9]+-v[0-9]+");
  if (!std::regex_match(id, kId)) {
    throw UsageError("Minari id '" + id + "': want [namespace/]name-v<number> of letters, digits, - and _");
  }
  const DemonstrationReader reader(dataset);
  if (!reader.is_ours()) {
    throw Error(dataset.string() + ": want a dataset that understudy wrote, found one without Minari's view");
  }
  const fs::path directory = root / id / "data";
  if (fs::exists(directory) && !force) {
    throw Error(directory.string() + ": exists already; remove it, choose another --id, or pass --force");
  }
  std::int64_t steps = 0;
  for (int i = 0; i < reader.size(); ++i) steps += reader.summary(i).steps;
  const nlohmann::ordered_json metadata{
      {"total_episodes", reader.size()},
      {"total_steps", steps},
      {"data_format", "hdf5"},
      {"observation_space", observation_space_to_minari(reader.header().observation)},
      {"action_space", action_space_to_minari(reader.header().action)},
      {"dataset_id", id},
      {"minari_version", "0.5.3"},
      {"description", "Demonstrations of the task " + reader.header().environment_id},
      {"dataset_size", std::round(static_cast<double>(fs::file_size(dataset)) / 1e5) / 10}};  // MB

  fs::create_directories(directory);
  const fs::path target = directory / "main_data.hdf5";
  fs::remove(target);
  std::error_code no_hard_link;
  fs::create_hard_link(fs::canonical(dataset), target, no_hard_link);
  if (no_hard_link) fs::copy_file(dataset, target);
  durable_write(directory / "metadata.json", metadata.dump(2) + "\n");
  return directory;
}

}  // namespace understudy
