#include <filesystem>
#include <fstream>

#include "datasets/curation/field_statistics.h"
#include "datasets/types/error.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tools/commands/eval_parts.h"
#include "tools/console/task_header.h"

namespace understudy::tools {
namespace {

void write_row(std::ofstream& file, const Episode& episode, int t) {
  for (const float value : episode.observations.row(t)) file << ',' << value;
  for (const float value : episode.actions.row(t)) file << ',' << value;
  file << '\n';
}

}  // namespace

void write_trace(const std::string& path, const std::string& environment_id,
                 const Randomisation& randomisation, Actor& actor, const std::vector<std::uint64_t>& seeds) {
  const auto environment = make_environment(environment_id, randomisation);
  std::ofstream file(path);
  if (!file) throw Error(path + ": cannot be written; check the folder and its permissions");
  file << "episode,step";
  for (const std::string& name : entry_names(task_header(*environment))) file << ',' << name;
  file << '\n';
  file.precision(9);
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    const Episode episode = rollout(*environment, actor, seeds[i]);
    for (int t = 0; t < episode.length(); ++t) {
      file << i << ',' << t;
      write_row(file, episode, t);
    }
  }
  if (!file.flush()) {
    file.close();
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    throw Error(path +
                ": cannot be written, is the disk full? Free some space and run the same command again");
  }
}

}  // namespace understudy::tools
