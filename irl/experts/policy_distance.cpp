#include "irl/experts/policy_distance.h"

#include <algorithm>
#include <cmath>
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
  const auto [distance, likeness] =
      distance_(episode.observations.topRows(episode.length()), episode.actions);
  const double share = goes_on_ && episode.terminated ? std::min(episode.length() / mean_length_, 1.0) : 1.0;
  const double gap =
      share < 1 ? share * distance + (1 - share) * std::max(distance, distance_.diameter()) : distance;
  return {.distance = distance, .gap = gap, .likeness = share * likeness};
}

Closeness PolicyDistance::operator()(Environment& environment, Actor& actor,
                                     const std::vector<std::uint64_t>& seeds,
                                     const std::function<void()>& between) const {
  Closeness mean;
  double squares = 0;
  const auto count = static_cast<double>(seeds.size());
  for (const std::uint64_t seed : seeds) {
    between();
    const Closeness one = (*this)(environment, actor, seed);
    mean.distance += one.distance / count;
    mean.gap += one.gap / count;
    mean.likeness += one.likeness / count;
    squares += one.gap * one.gap / count;
  }
  if (count > 1) mean.error = std::sqrt(std::max(squares - mean.gap * mean.gap, 0.0) / (count - 1));
  return mean;
}

}  // namespace understudy
