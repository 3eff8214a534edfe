#pragma once
/// \file One or two critics Q(o, a) with their slow copies.

#include <vector>

#include "bc/networks/adam.h"
#include "bc/networks/mlp.h"
#include "datasets/storage/archive.h"
#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"

namespace understudy {

/// One critic. Its gradient is summed over the shards of a batch, which are computed apart.
struct QNetwork {
  Vector parameters;
  Vector target;  ///< slow copy
  AdamState adam;
  std::vector<Vector> gradients;  ///< one per shard

  /// Sums the shards' gradients, steps Adam, and moves the target by `tau` of the way.
  void step(const AdamConfig& config, double tau);
  void serialise(Archive& archive);
};

/// Q of the last forward pass of a critic with one output, and where dL/dQ goes before backward. `[batch]`
Eigen::Map<Vector> q_values(MlpWorkspace& workspace);
Eigen::Map<Vector> q_gradient(MlpWorkspace& workspace);

/// Critics of one shape.
struct QNetworks {
  Mlp network;  ///< [obs, action] -> 1, or a distribution's logits
  std::vector<QNetwork> heads;

  QNetworks(const MlpSpec& spec, int count, int shards, Rng& rng);
  void serialise(Archive& archive);
};

}  // namespace understudy
