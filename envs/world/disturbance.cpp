#include "envs/world/disturbance.h"

#include <algorithm>
#include <cmath>

namespace understudy {

Disturbance::Disturbance(const Variation& variation, const EnvironmentSpec& spec, std::uint64_t seed)
    : changes_actions_(variation.latency || variation.action_noise || variation.gain ||
                       variation.gain_spread),
      latency_(static_cast<std::size_t>(variation.latency.value_or(0))),
      action_noise_(variation.action_noise.value_or(0)),
      gains_(Vector::Constant(spec.action.size(), static_cast<float>(variation.gain.value_or(1)))),
      applied_(Vector::Zero(spec.action.size())),
      action_rng_(Rng::stream(seed, variation_stream("actuators.noise/steps"))),
      observation_rng_(Rng::stream(seed, variation_stream("sensors.noise/steps"))) {
  if (variation.gain_spread) {
    Rng rng = Rng::stream(seed, variation_stream("actuators.gain_spread/entries"));
    for (float& gain : gains_) gain *= static_cast<float>(std::exp(*variation.gain_spread * rng.normal()));
  }
  if (!variation.sensor_noise && variation.field_noise.empty()) return;
  deviations_ = Vector::Zero(spec.observation.size());
  int entry = 0;
  for (const Field& field : spec.observation.fields()) {
    const auto own = variation.field_noise.find(field.name);
    const double deviation = own != variation.field_noise.end()
                                 ? own->second
                                 : variation.sensor_noise.value_or(0) * (field.high - field.low);
    for (int i = 0; i < field.size; ++i, ++entry) deviations_[entry] = static_cast<float>(deviation);
  }
}

const Vector& Disturbance::act(const std::vector<float>& actions) {
  const auto size = static_cast<std::size_t>(applied_.size());
  const std::size_t newest = actions.size() / size - 1;
  if (newest >= latency_) {
    std::copy_n(actions.data() + (newest - latency_) * size, size, applied_.data());
  } else {
    applied_.setZero();
  }
  if (action_noise_ > 0) {
    for (float& entry : applied_) {
      entry = static_cast<float>(std::clamp(double{entry} + action_noise_ * action_rng_.normal(), -1.0, 1.0));
    }
  }
  applied_.array() *= gains_.array();
  return applied_;
}

void Disturbance::blur(VectorRef observation) {
  // Entries without noise take their draw as well, so that noise on one field does not
  // shift that of the others.
  for (Eigen::Index i = 0; i < observation.size(); ++i) {
    const double noise = observation_rng_.normal();
    if (deviations_[i] > 0) observation[i] += static_cast<float>(double{deviations_[i]} * noise);
  }
}

}  // namespace understudy
