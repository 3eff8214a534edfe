#pragma once
/// \file Private to envs/other_world: random forces on everything that moves, the baseline of Valassakis et al. 2020
/// (https://arxiv.org/abs/2008.06686) with the constants of OpenAI et al. 2018 (Learning dexterous in-hand manipulation).

#include <vector>

#include "datasets/types/rng.h"
#include "envs/other_world/world_constants.h"
#include "envs/world/bullet_world.h"

namespace understudy {

/// Every body and every link of a multibody gets pushes at random, each N(0, acceleration²) along each axis times its mass,
/// that take the place of the one before and fade exponentially. Of one episode.
class RandomPushes {
 public:
  /// Nothing is pushed.
  RandomPushes() = default;
  RandomPushes(const WorldFile& file, std::uint64_t episode);

  /// Before a step of the solver of `duration` [s].
  void apply(BulletWorld& world, double duration);

 private:
  double rate_ = 0;  ///< 1/s
  double acceleration_ = 0, lasts_ = 1;
  Rng rng_{0};
  std::vector<btVector3> accelerations_;  ///< m/s², in the order of the world's bodies, then links
};

}  // namespace understudy
