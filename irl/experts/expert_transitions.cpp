#include "irl/experts/expert_transitions.h"

#include <numeric>

#include "bc/runs/demonstration_fit.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

/// The chosen steps, and the last one if it terminated.
std::vector<int> imitated_steps(const Episode& episode, int first, int subsample) {
  std::vector<int> steps = kept_steps(first, episode.length(), subsample);
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

ExpertData expert_data_of(const std::vector<Episode>& episodes, const std::vector<int>& firsts,
                          const DemonstrationChoice& choice) {
  ExpertData data;
  std::vector<std::vector<int>> steps;
  Eigen::Index kept = 0;
  Eigen::Index all = 0;
  for (const Episode& episode : episodes) {
    steps.push_back(imitated_steps(episode, firsts[steps.size()], choice.subsample));
    kept += static_cast<Eigen::Index>(steps.back().size());
    all += episode.observations.rows();
    data.mean_return += std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0);
    data.mean_length += episode.length();
  }
  if (kept == 0) throw no_transition_left(choice, episodes.size());
  data.episodes = static_cast<int>(episodes.size());
  data.mean_return /= data.episodes;
  data.mean_length /= data.episodes;

  ExpertTransitions& transitions = data.transitions;
  transitions.subsample = choice.subsample;
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

ExpertData load_expert_data(const DemonstrationChoice& choice, const EnvironmentSpec& spec, Rng& rng) {
  DemonstrationReader reader(choice.data);
  fit_demonstrations(reader, choice.data, spec);
  std::vector<Episode> episodes;
  std::vector<int> firsts;
  for (const auto& [index, first] : choose_demonstrations(reader, choice, spec.has_success(), rng).episodes) {
    episodes.push_back(reader.read_verified(index));
    firsts.push_back(first);
    if (episodes.back().length() < 2) {
      throw Error(choice.data + ":/data/" + reader.name(index) +
                  ": want an episode of at least 2 steps, found " + std::to_string(episodes.back().length()) +
                  "; record the demonstrations again without it, or imitate those before it with --demos");
    }
  }
  ExpertData data = expert_data_of(episodes, firsts, choice);
  data.sha256 = reader.sha256();
  return data;
}

}  // namespace understudy
