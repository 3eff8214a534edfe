#include "irl/experts/policy_distance.h"

#include <algorithm>
#include <utility>

#include "envs/rollouts/rollout.h"

namespace understudy {

PolicyDistance::PolicyDistance(const ExpertData& expert, Normaliser normaliser, Eigen::Index most_atoms)
    : distance_(expert.transitions, most_atoms),
      normaliser_(std::move(normaliser)),
      goes_on_(std::count(expert.transitions.terminated.begin(), expert.transitions.terminated.end(), 1) ==
               0),
      mean_length_(expert.mean_length) {}

Closeness PolicyDistance::operator()(Environment& environment, Actor& actor, std::uint64_t seed) const {
  Episode episode = rollout(environment, actor, seed);
  normaliser_.apply(episode.observations);
  const double distance = distance_(episode.observations.topRows(episode.length()), episode.actions);
  const double share = goes_on_ && episode.terminated ? std::min(episode.length() / mean_length_, 1.0) : 1.0;
  const double gap = share < 1 ? share * distance + (1 - share) * distance_.diameter() : distance;
  return {.distance = distance, .gap = gap};
}

}  // namespace understudy
