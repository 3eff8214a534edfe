#include "envs/other_world/other_environment.h"

#include <algorithm>
#include <cmath>

namespace understudy {
namespace {

constexpr double kLongest = 3;  // that a step lasts, as a multiple of what it should

}  // namespace

OtherEnvironment::OtherEnvironment(std::unique_ptr<Environment> inner, std::shared_ptr<OtherForm> form,
                                   WorldFile file)
    : inner_(std::move(inner)),
      form_(std::move(form)),
      file_(std::move(file)),
      applied_(inner_->spec().action.size()),
      seen_(inner_->spec().observation.size()) {
  const WorldConstants& c = file_.constants;
  int first = 0;
  for (const Field& field : inner_->spec().observation.fields()) {
    Sensor sensor{.first = first, .size = field.size, .low = field.low, .high = field.high};
    if (field.unit == "m") {
      sensor.bias = c.length_bias, sensor.noise = c.length_noise, sensor.step = c.length_step;
    } else if (field.unit == "m/s") {
      sensor.bias = c.speed_bias, sensor.noise = c.speed_noise, sensor.step = c.speed_step;
    } else {
      sensor.bias = c.other_bias, sensor.noise = c.other_noise, sensor.step = c.other_step;
    }
    sensors_.push_back(sensor);
    first += field.size;
  }
}

Rng OtherEnvironment::stream(const char* name) const {
  return Rng::stream(seed_ ^ file_.seed, variation_stream(std::string("world/") + name));
}

void OtherEnvironment::begin(std::uint64_t seed, VectorRef observation) {
  const WorldConstants& c = file_.constants;
  seed_ = seed;
  actions_.clear();
  noise_rng_ = stream("action_noise/steps");
  delay_rng_ = stream("delay/steps");
  jitter_rng_ = stream("jitter/steps");
  sensor_rng_ = stream("sensors/steps");
  drop_rng_ = stream("drop/steps");
  Rng own = stream("actions/episode");
  gains_.clear();
  biases_.clear();
  for (Eigen::Index i = 0; i < applied_.size(); ++i) {
    gains_.push_back(std::exp(c.gain_spread * own.normal()));
    biases_.push_back(c.action_bias * own.normal());
  }
  own = stream("sensors/episode");
  sensor_biases_.clear();
  for (Sensor& sensor : sensors_) {
    sensor.frozen = 0;
    for (int i = 0; i < sensor.size; ++i) sensor_biases_.push_back(sensor.bias * own.normal());
  }
  sense(observation);
}

void OtherEnvironment::sense(VectorRef observation) {
  const bool first = actions_.empty();
  for (Sensor& sensor : sensors_) {
    // Every draw is made whether it is wanted or not, so that one constant does not shift what others do.
    const bool fails = drop_rng_.uniform() < file_.constants.drop;
    const double lasts = -std::log(1 - drop_rng_.uniform()) * file_.constants.drop_steps;
    if (sensor.frozen > 0) {
      --sensor.frozen;
    } else if (fails && !first) {
      sensor.frozen = std::max(1, static_cast<int>(std::lround(lasts)));
    }
    for (int i = sensor.first; i < sensor.first + sensor.size; ++i) {
      double value =
          observation[i] + sensor_biases_[static_cast<std::size_t>(i)] + sensor.noise * sensor_rng_.normal();
      if (sensor.step > 0) value = sensor.step * std::round(value / sensor.step);
      if (sensor.frozen == 0) seen_[i] = static_cast<float>(std::clamp(value, sensor.low, sensor.high));
    }
  }
  observation = seen_;
}

void OtherEnvironment::reset(std::uint64_t seed, VectorRef observation) {
  inner_->reset(seed, observation);
  begin(seed, observation);
}

StepResult OtherEnvironment::step(ConstVectorRef action, VectorRef observation) {
  const WorldConstants& c = file_.constants;
  const Eigen::Index size = applied_.size();
  // What is no action, or comes before the first reset, the task itself refuses.
  if (gains_.empty() || action.size() != size || !action.allFinite())
    return inner_->step(action, observation);
  const Vector clamped = action.cwiseMax(-1.0F).cwiseMin(1.0F);
  const auto before = static_cast<std::ptrdiff_t>(actions_.size()) - size;
  for (Eigen::Index i = 0; i < size; ++i) {
    double value = clamped[i];
    const bool late = delay_rng_.uniform() < c.delay;
    if (late) value = before < 0 ? 0 : actions_[static_cast<std::size_t>(before + i)];
    const auto entry = static_cast<std::size_t>(i);
    value = gains_[entry] * (value + c.action_noise * noise_rng_.normal() + biases_[entry]);
    applied_[i] = static_cast<float>(std::clamp(value, -c.saturation, c.saturation));
  }
  form_->set_pace(std::min(kLongest, 1 - c.jitter * std::log(1 - jitter_rng_.uniform())));
  const StepResult result = inner_->step(applied_, observation);
  actions_.insert(actions_.end(), clamped.data(), clamped.data() + size);
  sense(observation);
  return result;
}

Snapshot OtherEnvironment::save_state() const {
  Snapshot snapshot = inner_->save_state();
  const Eigen::Index size = applied_.size();
  snapshot.actions =
      Eigen::Map<const Matrix>(actions_.data(), static_cast<Eigen::Index>(actions_.size()) / size, size);
  return snapshot;
}

void OtherEnvironment::restore_state(const Snapshot& snapshot, VectorRef observation) {
  const Matrix actions = snapshot.actions;
  inner_->restore_state(
      {.seed = snapshot.seed, .actions = Matrix(0, applied_.size()), .variation = snapshot.variation},
      observation);
  begin(snapshot.seed, observation);
  for (Eigen::Index t = 0; t < actions.rows(); ++t) step(actions.row(t).transpose(), observation);
}

}  // namespace understudy
