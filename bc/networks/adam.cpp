#include "bc/networks/adam.h"

#include <cmath>

#include "bc/networks/network_loops.h"
#include "datasets/storage/archive.h"

namespace understudy {

void adam_step(const AdamConfig& config, ConstVectorRef gradient, AdamState& state, VectorRef parameters) {
  state.steps += 1;
  const auto t = static_cast<double>(state.steps);
  const kernels::AdamStep step{
      .beta1 = static_cast<float>(config.beta1),
      .beta2 = static_cast<float>(config.beta2),
      .step_size = static_cast<float>(config.learning_rate / (1 - std::pow(config.beta1, t))),
      .second_correction = static_cast<float>(1 / std::sqrt(1 - std::pow(config.beta2, t))),
      .epsilon = static_cast<float>(config.epsilon),
      .shrink = static_cast<float>(1 - config.learning_rate * config.weight_decay)};
  kernels::adam(step, gradient.data(), state.first.data(), state.second.data(), parameters.data(),
                static_cast<std::size_t>(parameters.size()));
}

void serialise_adam(Archive& archive, AdamState& state) {
  archive("adam first", state.first);
  archive.want_finite(state.first);
  archive("adam second", state.second);
  archive.want_finite(state.second, 0);
  archive("adam steps", state.steps);
  archive.want_count(state.steps);
}

}  // namespace understudy
