#pragma once
/// \file Private to envs/other_world: the actuators and sensors of another world, around a task in it.

#include <memory>
#include <vector>

#include "datasets/types/rng.h"
#include "envs/contract/environment.h"
#include "envs/other_world/other_form.h"

namespace understudy {

/// Between the actor and the actuators each entry of an action is perhaps the one of the step before, then gets its noise
/// and bias, is scaled by its gain and cut at its saturation; the step lasts a little longer than it should. Each entry
/// of an observation gets its bias and noise, is rounded, and perhaps stays what it was. Rewards and success are those
/// of what happened.
///
/// Restoring begins the episode again and repeats its actions.
class OtherEnvironment final : public Environment {
 public:
  /// `form` is the one that `inner` was built in.
  OtherEnvironment(std::unique_ptr<Environment> inner, std::shared_ptr<OtherForm> form, WorldFile file);

  const EnvironmentSpec& spec() const override { return inner_->spec(); }
  void vary(VariationSource source) override { inner_->vary(std::move(source)); }
  const Variation& variation() const override { return inner_->variation(); }
  void reset(std::uint64_t seed, VectorRef observation) override;
  StepResult step(ConstVectorRef action, VectorRef observation) override;
  Snapshot save_state() const override;
  void restore_state(const Snapshot& snapshot, VectorRef observation) override;
  int state_dim() const override { return inner_->state_dim(); }
  void read_state(StateRef state) const override { inner_->read_state(state); }
  void show_state(ConstStateRef state) override { inner_->show_state(state); }
  const Scene& scene() override { return inner_->scene(); }
  double engine_seconds() const override { return inner_->engine_seconds(); }

 private:
  /// What a field's sensor does, by its unit.
  struct Sensor {
    int first = 0, size = 0;
    double low = 0, high = 0;  ///< of the field
    double bias = 0, noise = 0, step = 0;
    int frozen = 0;  ///< steps that it still stays what it was
  };

  void begin(std::uint64_t seed, VectorRef observation);
  void sense(VectorRef observation);
  Rng stream(const char* name) const;

  std::unique_ptr<Environment> inner_;
  std::shared_ptr<OtherForm> form_;
  WorldFile file_;
  std::uint64_t seed_ = 0;
  std::vector<float> actions_;          ///< [t * act_dim] since the reset, as the actor gave them, clamped
  Vector applied_;                      ///< [act_dim]
  std::vector<double> gains_, biases_;  ///< [act_dim] of the episode
  std::vector<Sensor> sensors_;
  std::vector<double> sensor_biases_;  ///< [obs_dim] of the episode
  Vector seen_;                        ///< [obs_dim] last
  Rng noise_rng_{0}, delay_rng_{0}, jitter_rng_{0}, sensor_rng_{0}, drop_rng_{0};
};

}  // namespace understudy
