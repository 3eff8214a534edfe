#include "irl/experts/expert_transitions.h"

#include <cmath>
#include <numeric>

#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

/// Indices of the episodes that `choice` admits, ascending.
std::vector<int> admitted(const DemonstrationReader& reader, const ExpertChoice& choice) {
  // A task without a success criterion has no failures.
  bool any_success = false;
  for (int i = 0; i < reader.size(); ++i) any_success = any_success || reader.summary(i).success;
  std::vector<int> episodes;
  for (int i = 0; i < reader.size(); ++i) {
    if (choice.all_episodes || !any_success || reader.summary(i).success) episodes.push_back(i);
  }
  if (choice.demos > static_cast<int>(episodes.size())) {
    throw Error(choice.data + ": want " + std::to_string(choice.demos) + " demonstrations, found " +
                std::to_string(episodes.size()) + "; record more or lower --demos");
  }
  if (choice.demos > 0) episodes.resize(static_cast<std::size_t>(choice.demos));
  return episodes;
}

/// Steps of an episode that are kept.
std::vector<int> kept_steps(const Episode& episode, int subsample, Rng& rng) {
  std::vector<int> steps;
  const int first = static_cast<int>(rng.below(static_cast<std::uint64_t>(subsample)));
  for (int t = first; t < episode.length(); t += subsample) steps.push_back(t);
  const int last = episode.length() - 1;
  if (episode.terminated && (steps.empty() || steps.back() != last)) steps.push_back(last);
  return steps;
}

void append(const Episode& episode, const std::vector<int>& steps, Eigen::Index row, ExpertTransitions& out) {
  for (const int t : steps) {
    out.observations.row(row) = episode.observations.row(t);
    out.actions.row(row) = episode.actions.row(t);
    out.next_observations.row(row) = episode.observations.row(t + 1);
    out.terminated.push_back(episode.terminated && t + 1 == episode.length());
    ++row;
  }
}

}  // namespace

Normaliser fit_expert_normaliser(ConstMatrixRef observations) {
  Normaliser normaliser = fit_normaliser(observations);
  for (float& scale : normaliser.scale) {
    if (scale == 0) scale = 1;
  }
  return normaliser;
}

ExpertData expert_data_of(const std::vector<Episode>& episodes, int subsample, Rng& rng) {
  ExpertData data;
  std::vector<std::vector<int>> steps;
  Eigen::Index kept = 0;
  Eigen::Index all = 0;
  for (const Episode& episode : episodes) {
    steps.push_back(kept_steps(episode, subsample, rng));
    kept += static_cast<Eigen::Index>(steps.back().size());
    all += episode.observations.rows();
    data.mean_return += std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0);
    data.mean_length += episode.length();
  }
  if (kept == 0) {
    throw Error("demonstrations: no transition is left of " + std::to_string(episodes.size()) +
                " episodes when only every " + std::to_string(subsample) + "th is kept; lower --subsample");
  }
  data.episodes = static_cast<int>(episodes.size());
  data.mean_return /= data.episodes;
  data.mean_length /= data.episodes;

  ExpertTransitions& transitions = data.transitions;
  transitions.subsample = subsample;
  const Eigen::Index obs_dim = episodes.front().observations.cols();
  transitions.observations.resize(kept, obs_dim);
  transitions.actions.resize(kept, episodes.front().actions.cols());
  transitions.next_observations.resize(kept, obs_dim);
  Matrix observations(all, obs_dim);
  Eigen::Index row = 0;
  Eigen::Index seen = 0;
  for (std::size_t i = 0; i < episodes.size(); ++i) {
    append(episodes[i], steps[i], row, transitions);
    row += static_cast<Eigen::Index>(steps[i].size());
    observations.middleRows(seen, episodes[i].observations.rows()) = episodes[i].observations;
    seen += episodes[i].observations.rows();
  }
  data.normaliser = fit_expert_normaliser(observations);
  return data;
}

ExpertData load_expert_data(const ExpertChoice& choice, const EnvironmentSpec& spec, Rng& rng) {
  const DemonstrationReader reader(choice.data);
  const DatasetHeader& header = reader.header();
  if (header.environment_id != spec.id) {
    throw Error(choice.data + ": want demonstrations of " + spec.id + ", found those of " +
                header.environment_id + "; choose another file or --env " + header.environment_id);
  }
  const auto want_space = [&](const char* name, const Space& want, const Space& found) {
    const std::string why = space_mismatch(want, found);
    if (!why.empty()) {
      throw Error(choice.data + ": " + name + ": " + why + "; the task " + spec.id +
                  " has changed since: record again");
    }
  };
  want_space("observation", spec.observation, header.observation);
  want_space("action", spec.action, header.action);

  std::vector<Episode> episodes;
  for (const int index : admitted(reader, choice)) {
    episodes.push_back(reader.read(index, {.states = false, .info = false}));
    if (episodes.back().length() < 2) {
      throw Error(choice.data + ":/data/" + reader.name(index) +
                  ": want an episode of at least 2 steps, found " + std::to_string(episodes.back().length()) +
                  "; record the demonstrations again without it, or imitate those before it with --demos");
    }
  }
  if (episodes.empty()) {
    throw Error(choice.data + ": want at least one demonstration, found none; record some");
  }
  try {
    ExpertData data = expert_data_of(episodes, choice.subsample, rng);
    data.sha256 = reader.sha256();
    return data;
  } catch (const Error& error) {
    throw Error(choice.data + ": " + error.what());
  }
}

}  // namespace understudy
