#include "bc/cloning/cloning_data.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <vector>

#include "bc/policies/normaliser.h"
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

[[noreturn]] void refuse_overlap(const DemonstrationReader& reader, const std::string& file,
                                 const std::string& train, const std::string& valid, int both) {
  throw Error(file + ":/mask: want " + train + " and " + valid +
              " without a demonstration in common, found " + reader.name(both) +
              " in both; take it out of one of them");
}

Masks split(const DemonstrationReader& reader, const std::vector<int>& episodes, bool only_successes,
            const DemonstrationChoice& choice, const ValidationChoice& validation) {
  const auto keys = reader.masks();
  const bool masked = contains(keys, "train") && contains(keys, "valid");
  if (!validation.mask.empty()) {
    Masks masks;
    masks.valid = reader.mask(validation.mask);
    if (masks.valid.empty())
      throw Error(choice.data + ":/mask/" + validation.mask + ": want episodes to hold out, found none");
    std::set_difference(episodes.begin(), episodes.end(), masks.valid.begin(), masks.valid.end(),
                        std::back_inserter(masks.train));
    if (!choice.mask.empty()) {
      const std::vector<int> both = intersection(reader.mask(choice.mask), masks.valid);
      if (!both.empty()) refuse_overlap(reader, choice.data, choice.mask, validation.mask, both.front());
    }
    return masks;
  }
  const bool all = choice.demos == 0 && choice.mask.empty();
  if (masked) {
    const std::vector<int> both = intersection(reader.mask("train"), reader.mask("valid"));
    if (!both.empty()) refuse_overlap(reader, choice.data, "train", "valid", both.front());
  } else if (contains(keys, "train") && all) {
    // Somebody's choice, unless it is what a recording of one success has.
    const std::vector<int> train = reader.mask("train");
    Masks masks{.train = intersection(episodes, train), .valid = {}};  // failures too only if they are in it
    if (!masks.train.empty() && !(reader.is_ours() && train == usable_episodes(reader))) return masks;
  }
  if (masked && all && validation.share > 0) {
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

/// Whether a person took over from a policy, or gave back, somewhere in the episode.
bool has_corrections(const Episode& episode) {
  const auto& held = episode.info.intervention;
  return std::find(held.begin(), held.end(), 1) != held.end() &&
         std::find(held.begin(), held.end(), 0) != held.end();
}

/// Of one step but for idleness.
float weight_of(const Episode& episode, bool corrected, int t, const StepWeights& weights) {
  if (!corrected) return 1;
  return static_cast<float>(episode.info.intervention[static_cast<std::size_t>(t)] != 0 ? weights.correction
                                                                                        : weights.policy);
}

/// Observation-action pairs of those of the chosen episodes that are among `wanted`, on end. An episode's
/// last observation has no action. Returns the sum of the episodes' returns.
double read_pairs(const DemonstrationReader& reader, const ChosenDemonstrations& chosen, int subsample,
                  const std::vector<int>& wanted, const StepWeights& weights, CloningPairs& pairs) {
  std::vector<Episode> read;
  std::vector<std::vector<int>> steps;
  std::vector<int> indices;
  double returns = 0;
  Eigen::Index row = pairs.actions.rows();
  Eigen::Index rows = row;
  for (const auto& [index, first] : chosen.episodes) {
    if (!std::binary_search(wanted.begin(), wanted.end(), index)) continue;
    read.push_back(reader.read_verified(index));
    indices.push_back(index);
    returns += std::accumulate(read.back().rewards.begin(), read.back().rewards.end(), 0.0);
    steps.push_back(kept_steps(first, read.back().length(), subsample));
    rows += static_cast<Eigen::Index>(steps.back().size());
  }
  pairs.datasets.push_back(static_cast<int>(rows - row));
  pairs.observations.conservativeResize(rows, reader.header().observation.size());
  pairs.actions.conservativeResize(rows, reader.header().action.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    if (!steps[i].empty()) pairs.lengths.push_back(static_cast<int>(steps[i].size()));
    const bool corrected = has_corrections(read[i]);
    const auto& held = read[i].info.intervention;
    for (std::size_t t = 1; corrected && t < held.size(); ++t) {
      if (held[t] == 0 || held[t - 1] != 0) continue;
      pairs.takeovers.conservativeResize(pairs.takeovers.rows() + 1, read[i].observations.cols());
      pairs.takeovers.bottomRows(1) = read[i].observations.row(static_cast<Eigen::Index>(t));
    }
    for (const int t : steps[i]) {
      pairs.observations.row(row) = read[i].observations.row(t);
      pairs.actions.row(row++) = read[i].actions.row(t);
      pairs.weights.push_back(weight_of(read[i], corrected, t, weights));
      pairs.places.push_back({indices[i], t});
    }
  }
  return returns;
}

/// Idle steps weigh less; where all weigh the same there is no need for weights.
void finish_weights(const StepWeights& weights, CloningPairs& pairs) {
  if (weights.idle != 1 && pairs.observations.rows() > 0) {
    const Normaliser normaliser = fit_normaliser(pairs.observations);
    Eigen::Index row = 0;
    for (const int length : pairs.lengths) {
      const Eigen::Index end = row + length;
      while (++row < end) {
        const auto moved = (pairs.observations.row(row) - pairs.observations.row(row - 1)).array() *
                           normaliser.scale.transpose().array();
        if (moved.abs().maxCoeff() < kIdle)
          pairs.weights[static_cast<std::size_t>(row)] *= static_cast<float>(weights.idle);
      }
    }
  }
  const auto other = [](float weight) { return weight != 1; };
  if (std::none_of(pairs.weights.begin(), pairs.weights.end(), other)) pairs.weights.clear();
}

void add_file(const DemonstrationChoice& choice, const ValidationChoice& validation,
              const EnvironmentSpec& spec, const StepWeights& weights, CloningData& data) {
  DemonstrationReader reader(choice.data);
  fit_demonstrations(reader, choice.data, spec);
  Rng rng = demonstration_rng(validation.seed);
  const ChosenDemonstrations chosen = choose_demonstrations(reader, choice, spec.has_success(), rng);
  std::vector<int> episodes;
  for (const ChosenEpisode& episode : chosen.episodes) episodes.push_back(episode.index);
  const bool only_successes = spec.has_success() && !choice.all_episodes;
  const Masks masks = split(reader, episodes, only_successes, choice, validation);
  const Eigen::Index before = data.training.actions.rows();
  // The sum until all files are read.
  data.training_return += read_pairs(reader, chosen, choice.subsample, masks.train, weights, data.training);
  if (data.training.actions.rows() == before) throw no_transition_left(choice, masks.train.size());
  ChosenDemonstrations held_out = chosen;
  if (!validation.mask.empty()) {
    DemonstrationChoice other = choice;
    other.mask = validation.mask;
    other.demos = 0;
    held_out = choose_demonstrations(reader, other, spec.has_success(), rng);
  }
  read_pairs(reader, held_out, choice.subsample, masks.valid, weights, data.validation);
  data.training_episodes += static_cast<int>(masks.train.size());
  data.validation_episodes += static_cast<int>(masks.valid.size());
  data.left_out_episodes += chosen.left_out;
  data.sha256 += (data.sha256.empty() ? "" : "+") + reader.sha256();
}

}  // namespace

CloningData load_cloning_data(const DemonstrationChoice& choice, const ValidationChoice& validation,
                              const EnvironmentSpec& spec, const std::vector<std::string>& more,
                              const StepWeights& weights) {
  CloningData data;
  add_file(choice, validation, spec, weights, data);
  for (const std::string& file : more) {
    DemonstrationChoice another = choice;
    another.data = file;
    add_file(another, validation, spec, weights, data);
  }
  data.training_return /= data.training_episodes;
  finish_weights(weights, data.training);
  finish_weights(weights, data.validation);
  return data;
}

}  // namespace understudy
