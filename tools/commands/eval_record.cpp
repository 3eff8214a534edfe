#include <algorithm>
#include <filesystem>

#include "datasets/format/demonstration_reader.h"
#include "datasets/recording/demonstration_writer.h"
#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "envs/tasks/registry.h"
#include "tools/commands/eval_parts.h"
#include "tools/console/task_header.h"

namespace understudy::tools {
namespace {

DatasetHeader header_for(const Environment& environment) {
  DatasetHeader header = task_header(environment);
  header.device = "policy";
  header.program_version = program_version();
  return header;
}

void want_new(const std::string& file, const std::vector<std::string>& policies, std::uint64_t first,
              int episodes) {
  if (!std::filesystem::exists(file)) return;
  const DemonstrationReader reader(file);
  for (int i = 0; i < reader.size(); ++i) {
    const EpisodeSummary summary = reader.summary(i);
    const bool theirs = std::find(policies.begin(), policies.end(), summary.operator_name) != policies.end();
    if (!theirs || summary.seed < first || summary.seed - first >= static_cast<std::uint64_t>(episodes))
      continue;
    throw Error(file + ":/data/" + reader.name(i) + ": is the episode of seed " +
                std::to_string(summary.seed) + " by " + summary.operator_name +
                " already; choose another --record file or --seed");
  }
}

}  // namespace

struct RolloutRecording::Parts {
  Parts(const std::string& file, const Environment& environment) : writer(file, header_for(environment)) {}

  DemonstrationWriter writer;
};

RolloutRecording::RolloutRecording(const std::string& file, const std::string& environment_id,
                                   const std::vector<std::string>& policies, std::uint64_t first_seed,
                                   int episodes) {
  const auto environment = make_environment(environment_id);
  parts_ = std::make_unique<Parts>(file, *environment);  // what a crash left is in the file from here on
  want_new(file, policies, first_seed, episodes);
}

RolloutRecording::~RolloutRecording() = default;

void RolloutRecording::keep(const Episode& episode, const std::string& policy) {
  DemonstrationWriter& writer = parts_->writer;
  writer.begin_episode(episode.seed, episode.observations.row(0).transpose(),
                       episode.states.row(0).transpose(), policy, episode.variation);
  for (int t = 0; t < episode.length(); ++t) {
    writer.append_step({.action = episode.actions.row(t).transpose(),
                        .reward = episode.rewards[static_cast<std::size_t>(t)],
                        .next_observation = episode.observations.row(t + 1).transpose(),
                        .next_state = episode.states.row(t + 1).transpose()});
  }
  writer.commit_episode(
      {.terminated = episode.terminated, .truncated = episode.truncated, .success = episode.success});
}

int RolloutRecording::finish() {
  parts_->writer.pack();
  return parts_->writer.episodes();
}

}  // namespace understudy::tools
