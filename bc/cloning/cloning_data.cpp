#include "bc/cloning/cloning_data.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#include "datasets/format/demonstration_reader.h"
#include "datasets/format/masks.h"
#include "datasets/format/robot_record.h"
#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "datasets/types/rng_streams.h"
#include "envs/tasks/registry.h"

namespace understudy {
namespace {

/// The episodes that `choice` admits, ascending; counts the failed ones it leaves out.
std::vector<int> admitted(const DemonstrationReader& reader, const DemonstrationChoice& choice,
                          int& left_out) {
  std::vector<int> episodes;
  for (int i = 0; i < reader.size(); ++i) {
    const EpisodeSummary summary = reader.summary(i);
    if (choice.successful_only && !summary.success) {
      ++left_out;
    } else if (summary.steps > 0) {
      episodes.push_back(i);
    }
  }
  if (choice.episodes > 0 && choice.episodes < static_cast<int>(episodes.size())) {
    episodes.resize(static_cast<std::size_t>(choice.episodes));
  }
  return episodes;
}

bool contains(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<int> intersection(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<int> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

Masks split(const DemonstrationReader& reader, const std::vector<int>& episodes,
            const DemonstrationChoice& choice) {
  const auto keys = reader.masks();
  const bool masked = contains(keys, "train") && contains(keys, "valid");
  if (masked && choice.episodes == 0 && choice.validation_share > 0) {
    Masks masks;
    masks.valid = intersection(episodes, reader.mask("valid"));
    if (choice.successful_only) {
      masks.train = intersection(episodes, reader.mask("train"));
    } else {  // failed episodes are in neither mask
      std::set_difference(episodes.begin(), episodes.end(), masks.valid.begin(), masks.valid.end(),
                          std::back_inserter(masks.train));
    }
    if (!masks.train.empty()) return masks;
  }
  return split_masks(episodes, {.valid_fraction = choice.validation_share, .seed = choice.seed});
}

/// Observation-action pairs of `episodes` on end, every `subsample`-th. An episode's last observation has no action.
CloningPairs read_pairs(const DemonstrationReader& reader, const std::vector<int>& episodes, int subsample,
                        Rng& rng) {
  std::vector<Episode> read;
  Eigen::Index rows = 0;
  std::vector<Eigen::Index> firsts;
  const auto stride = static_cast<Eigen::Index>(subsample);
  for (const int index : episodes) {
    read.push_back(reader.read(index, {.states = false, .info = false}));
    const Eigen::Index steps = read.back().actions.rows();
    const auto choices = static_cast<std::uint64_t>(std::min(stride, steps));
    firsts.push_back(static_cast<Eigen::Index>(rng.below(std::max<std::uint64_t>(choices, 1))));
    rows += (steps - firsts.back() + stride - 1) / stride;
  }
  CloningPairs pairs{Matrix(rows, reader.header().observation.size()),
                     Matrix(rows, reader.header().action.size())};
  Eigen::Index row = 0;
  for (std::size_t i = 0; i < read.size(); ++i) {
    for (Eigen::Index t = firsts[i]; t < read[i].actions.rows(); t += stride, ++row) {
      pairs.observations.row(row) = read[i].observations.row(t);
      pairs.actions.row(row) = read[i].actions.row(t);
    }
  }
  return pairs;
}

}  // namespace

void validate(const DemonstrationChoice& choice) {
  if (choice.episodes < 0) {
    throw UsageError("episodes: want a number of at least 0, found " + std::to_string(choice.episodes));
  }
  if (choice.subsample < 1) {
    throw UsageError("subsample: want a number of at least 1, found " + std::to_string(choice.subsample));
  }
  if (!(choice.validation_share >= 0 && choice.validation_share < 1)) {
    std::ostringstream line;
    line << "validation: want a share in [0, 1), found " << choice.validation_share;
    throw UsageError(line.str());
  }
}

CloningData load_cloning_data(const std::filesystem::path& path, const std::string& environment_id,
                              const DemonstrationChoice& choice) {
  validate(choice);
  const DemonstrationReader reader(path);
  const DatasetHeader& header = reader.header();
  if (header.environment_id != environment_id) {
    throw Error(path.string() + ": want demonstrations of " + environment_id + ", found those of " +
                header.environment_id + "; choose another file or --env " + header.environment_id);
  }
  // Only a recording that was made with a robot's file knows its checksum; a task need not be registered otherwise.
  if (const auto robot = header.robot_sha256.empty() ? std::nullopt : robot_file(environment_id)) {
    const std::string difference = robot_difference(header, *robot);
    if (!difference.empty()) throw Error(difference);
  }
  CloningData data;
  data.environment_id = header.environment_id;
  data.observation = header.observation;
  data.action = header.action;
  const std::vector<int> episodes = admitted(reader, choice, data.left_out_episodes);
  if (episodes.empty()) {
    throw Error(path.string() + ": want at least one successful episode, found none among " +
                std::to_string(reader.size()) +
                "; record more, or learn from failures too with --all-episodes");
  }
  if (static_cast<int>(episodes.size()) < choice.episodes) {
    throw Error(path.string() + ": want " + std::to_string(choice.episodes) + " demonstrations, found " +
                std::to_string(episodes.size()) + "; record more or lower --demos");
  }
  const Masks masks = split(reader, episodes, choice);
  Rng rng = Rng::stream(choice.seed, RngStream::kCloningDemonstrations);
  data.training = read_pairs(reader, masks.train, choice.subsample, rng);
  data.validation = read_pairs(reader, masks.valid, choice.subsample, rng);
  data.training_episodes = static_cast<int>(masks.train.size());
  data.validation_episodes = static_cast<int>(masks.valid.size());
  data.sha256 = reader.sha256();
  return data;
}

}  // namespace understudy
