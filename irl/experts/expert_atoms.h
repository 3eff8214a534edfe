#pragma once
/// \file Demonstrations as a discrete measure: what optimal transport moves the learner's transitions to.

#include <cstdint>
#include <vector>

#include "datasets/types/episode.h"
#include "datasets/types/matrix.h"

namespace understudy {

/// Atoms of equal mass, raw (not standardised).
struct ExpertAtoms {
  Matrix values;    ///< [atoms, obs_dim + act_dim] observation, then action
  int obs_dim = 0;  ///< first so many entries
  int act_dim = 0;  ///< the others; 0 when states alone are imitated

  int size() const { return static_cast<int>(values.rows()); }
  int dim() const { return obs_dim + act_dim; }
};

/// Every row an atom: `observations` `[N, obs_dim]` and, unless `state_only`, `actions` `[N, act_dim]`.
ExpertAtoms pair_atoms(ConstMatrixRef observations, ConstMatrixRef actions, bool state_only);

struct AtomChoice {
  int stride = 20;          ///< K: keep every K-th step, from a random one on (PWIL)
  bool state_only = false;  ///< o_t instead of (o_t, a_t)
  std::uint64_t seed = 1;   ///< of the first steps
};

/// (o_t, a_t) of every K-th step of each episode, from a step on that is drawn uniformly from [0, K), or from
/// the episode's steps where it has fewer (departure from PWIL, where such an episode may leave no atom). An
/// episode's first step depends on the seed and on its place in the list only. Throws UsageError for a stride
/// below 1, Error when no episode has a step or sizes differ between episodes.
ExpertAtoms expert_atoms(const std::vector<Episode>& episodes, const AtomChoice& choice);

}  // namespace understudy
