#include "irl/experts/expert_atoms.h"

#include <algorithm>
#include <string>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "datasets/types/rng_streams.h"

namespace understudy {

ExpertAtoms pair_atoms(ConstMatrixRef observations, ConstMatrixRef actions, bool state_only) {
  ExpertAtoms atoms;
  atoms.obs_dim = static_cast<int>(observations.cols());
  atoms.act_dim = state_only ? 0 : static_cast<int>(actions.cols());
  atoms.values.resize(observations.rows(), atoms.dim());
  atoms.values.leftCols(atoms.obs_dim) = observations;
  if (!state_only) atoms.values.rightCols(atoms.act_dim) = actions;
  return atoms;
}

ExpertAtoms expert_atoms(const std::vector<Episode>& episodes, const AtomChoice& choice) {
  if (choice.stride < 1) {
    throw UsageError("subsample: want every K-th step, K at least 1, found " + std::to_string(choice.stride));
  }
  std::vector<int> first;
  int kept = 0;
  for (std::size_t i = 0; i < episodes.size(); ++i) {
    const int choices = std::min(choice.stride, episodes[i].length());
    Rng rng = Rng::stream(choice.seed, RngStream{i});
    first.push_back(choices > 0 ? static_cast<int>(rng.below(static_cast<std::uint64_t>(choices))) : 0);
    if (choices > 0) kept += (episodes[i].length() - first.back() - 1) / choice.stride + 1;
  }
  if (kept == 0) throw Error("expert atoms: want episodes with steps, found none");
  const Eigen::Index obs_dim = episodes.front().observations.cols();
  const Eigen::Index act_dim = episodes.front().actions.cols();
  Matrix observations(kept, obs_dim);
  Matrix actions(kept, act_dim);
  Eigen::Index row = 0;
  for (std::size_t i = 0; i < episodes.size(); ++i) {
    const Episode& episode = episodes[i];
    if (episode.observations.cols() != obs_dim || episode.actions.cols() != act_dim) {
      throw Error("expert atoms: want episodes of the same sizes, found episode " + std::to_string(i) +
                  " to differ from the first");
    }
    for (int t = first[i]; t < episode.length(); t += choice.stride, ++row) {
      observations.row(row) = episode.observations.row(t);
      actions.row(row) = episode.actions.row(t);
    }
  }
  return pair_atoms(observations, actions, choice.state_only);
}

}  // namespace understudy
