#pragma once
/// \file A design's network with numbers of a test's choosing.

#include <memory>
#include <string>
#include <vector>

#include "bc/designs/designs.h"
#include "bc/networks/script_network.h"
#include "bc/policies/sequence_policy.h"
#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"

namespace understudy {

struct DesignNetwork {
  SequenceDesign design;
  int obs_dim, act_dim;
  Vector parameters, gradient, mean, scale;
  std::unique_ptr<ScriptNetwork> network;

  /// With the first numbers of a training. Observations are not normalised. `source`: in place of the design's.
  DesignNetwork(SequenceDesign made, int observations, int actions, std::uint64_t seed = 1,
                const std::string& source = "")
      : design(std::move(made)), obs_dim(observations), act_dim(actions) {
    Rng rng(seed);
    parameters = initial_parameters(design, rng);
    gradient = Vector::Zero(parameters.size());
    mean = Vector::Zero(obs_dim);
    scale = Vector::Ones(obs_dim);
    network = make_script_network("test", source.empty() ? design.source : source,
                                  script_parameters(design, parameters.data()),
                                  {{"mean", {obs_dim}, mean.data()}, {"scale", {obs_dim}, scale.data()}});
  }

  /// The mean loss of a batch of `samples`.
  double loss(int samples, const std::vector<float>& observations, const std::vector<float>& actions,
              const std::vector<float>& weights, const std::vector<float>& noise, bool differentiate) {
    double total = 0;
    for (const float weight : weights) total += static_cast<double>(weight);
    gradient.setZero();
    return network->loss({{"", {samples, design.window, obs_dim}, observations.data()},
                          {"", {samples, design.targets, act_dim}, actions.data()},
                          {"", {samples, design.targets}, weights.data()},
                          {"", {samples, std::max(1, design.loss_noise)}, noise.data()}},
                         total, samples, false, 0, differentiate ? gradient.data() : nullptr);
  }

  /// A plan from one window; `state` is carried on.
  std::vector<float> plan(const std::vector<float>& observations, std::vector<float>& state,
                          const std::vector<float>& noise) {
    std::vector<float> actions(static_cast<std::size_t>(design.planned * act_dim)), next(state.size());
    network->plan({{"", {1, design.history, obs_dim}, observations.data()},
                   {"", {1, static_cast<std::int64_t>(state.size())}, state.data()},
                   {"", {1, static_cast<std::int64_t>(noise.size())}, noise.data()}},
                  actions, next);
    state = next;
    return actions;
  }
};

inline std::vector<float> normal_numbers(std::size_t count, Rng& rng, double deviation = 1) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(deviation * rng.normal());
  return values;
}

}  // namespace understudy
