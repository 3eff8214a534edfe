#include "bc/cloning/cloning_data.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "bc/runs/demonstration_fit.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/format/masks.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

bool contains(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<int> intersection(const std::vector<int>& a, const std::vector<int>& b) {
  std::vector<int> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

/// Those that a recording of ours has in its masks.
std::vector<int> usable_episodes(const DemonstrationReader& reader) {
  std::vector<int> usable;
  for (int i = 0; i < reader.size(); ++i) {
    const EpisodeSummary summary = reader.summary(i);
    if (summary.success && !summary.recovered) usable.push_back(i);
  }
  return usable;
}

Masks split(const DemonstrationReader& reader, const std::vector<int>& episodes, bool only_successes,
            const DemonstrationChoice& choice, const ValidationChoice& validation) {
  const auto keys = reader.masks();
  const bool masked = contains(keys, "train") && contains(keys, "valid");
  if (masked) {
    const std::vector<int> both = intersection(reader.mask("train"), reader.mask("valid"));
    if (!both.empty()) {
      throw Error(choice.data + ":/mask: want train and valid without a demonstration in common, found " +
                  reader.name(both.front()) + " in both; take it out of one of them");
    }
  } else if (contains(keys, "train") && choice.demos == 0) {
    // Somebody's choice, unless it is what a recording of one success has.
    const std::vector<int> train = reader.mask("train");
    Masks masks{.train = intersection(episodes, train), .valid = {}};  // failures too only if they are in it
    if (!masks.train.empty() && !(reader.is_ours() && train == usable_episodes(reader))) return masks;
  }
  if (masked && choice.demos == 0 && validation.share > 0) {
    Masks masks;
    masks.valid = intersection(episodes, reader.mask("valid"));
    if (only_successes) {
      masks.train = intersection(episodes, reader.mask("train"));
    } else {  // failed episodes are in neither mask
      std::set_difference(episodes.begin(), episodes.end(), masks.valid.begin(), masks.valid.end(),
                          std::back_inserter(masks.train));
    }
    if (!masks.train.empty()) return masks;
  }
  return split_masks(episodes, {.valid_fraction = validation.share, .seed = validation.seed});
}

/// Observation-action pairs of those of the chosen episodes that are among `wanted`, on end. An episode's
/// last observation has no action.
CloningPairs read_pairs(const DemonstrationReader& reader, const ChosenDemonstrations& chosen, int subsample,
                        const std::vector<int>& wanted) {
  std::vector<Episode> read;
  std::vector<std::vector<int>> steps;
  std::vector<int> indices;
  std::size_t rows = 0;
  for (const auto& [index, first] : chosen.episodes) {
    if (!std::binary_search(wanted.begin(), wanted.end(), index)) continue;
    read.push_back(reader.read_verified(index));
    indices.push_back(index);
    steps.push_back(kept_steps(first, read.back().length(), subsample));
    rows += steps.back().size();
  }
  CloningPairs pairs{Matrix(rows, reader.header().observation.size()),
                     Matrix(rows, reader.header().action.size())};
  Eigen::Index row = 0;
  for (std::size_t i = 0; i < read.size(); ++i) {
    if (!steps[i].empty()) pairs.lengths.push_back(static_cast<int>(steps[i].size()));
    for (const int t : steps[i]) {
      pairs.observations.row(row) = read[i].observations.row(t);
      pairs.actions.row(row++) = read[i].actions.row(t);
      pairs.places.push_back({indices[i], t});
    }
  }
  return pairs;
}

}  // namespace

CloningData load_cloning_data(const DemonstrationChoice& choice, const ValidationChoice& validation,
                              const EnvironmentSpec& spec) {
  DemonstrationReader reader(choice.data);
  fit_demonstrations(reader, choice.data, spec);
  Rng rng = demonstration_rng(validation.seed);
  const ChosenDemonstrations chosen = choose_demonstrations(reader, choice, spec.has_success(), rng);
  std::vector<int> episodes;
  for (const ChosenEpisode& episode : chosen.episodes) episodes.push_back(episode.index);
  const bool only_successes = spec.has_success() && !choice.all_episodes;
  const Masks masks = split(reader, episodes, only_successes, choice, validation);
  CloningData data;
  data.training = read_pairs(reader, chosen, choice.subsample, masks.train);
  data.validation = read_pairs(reader, chosen, choice.subsample, masks.valid);
  if (data.training.actions.rows() == 0) throw no_transition_left(choice, masks.train.size());
  data.training_episodes = static_cast<int>(masks.train.size());
  data.validation_episodes = static_cast<int>(masks.valid.size());
  data.left_out_episodes = chosen.left_out;
  data.sha256 = reader.sha256();
  return data;
}

}  // namespace understudy
