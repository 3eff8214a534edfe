#pragma once
/// \file What every task has in common, whatever simulates it.

#include <cstdint>
#include <optional>
#include <vector>

#include "envs/contract/environment.h"
#include "envs/world/disturbance.h"

namespace understudy {

/// Keeps the contract of Environment, so that a task only says how an episode begins, what an action does and
/// what is seen and drawn. restore_state begins the episode again and repeats its actions.
///
/// It also varies episodes (envs/contract/variation.h) without the task's doing: latency, noise and gain of
/// actions, noise of observations, colours, light and cameras. What it cannot know is left to the task, which
/// reads variation() in begin(): gravity, masses, friction and damping of its bodies, `strength` of its
/// motors, and the sizes that it names in spec().dimensions. What a task does not read leaves it as it is.
class SimulatedTask : public Environment {
 public:
  const EnvironmentSpec& spec() const final { return spec_; }
  void vary(VariationSource source) final { source_ = std::move(source); }
  /// Of the present episode; valid in begin() already.
  const Variation& variation() const final { return variation_; }
  void reset(std::uint64_t seed, VectorRef observation) final;
  StepResult step(ConstVectorRef action, VectorRef observation) final;
  Snapshot save_state() const final;
  void restore_state(const Snapshot& snapshot, VectorRef observation) final;
  void read_state(StateRef state) const final;
  void show_state(ConstStateRef state) final;
  const Scene& scene() final;
  /// 0 unless the task measures it.
  double engine_seconds() const override { return 0; }

 protected:
  explicit SimulatedTask(EnvironmentSpec spec);

  /// Places everything for the episode `seed`, as if there had never been another.
  virtual void begin(std::uint64_t seed) = 0;
  /// Applies an action that is finite and clamped `[act_dim]` for 1/control_rate seconds, in spec().substeps
  /// steps. In an episode that varies the gain, an entry is within plus or minus the gain instead of 1.
  virtual StepResult advance(ConstVectorRef action) = 0;
  /// Writes the present observation `[obs_dim]`; the base class clamps it to the bounds of its fields.
  virtual void observe(VectorRef observation) const = 0;
  /// Writes the present state `[state_dim]`.
  virtual void write_state(StateRef state) const = 0;
  /// Adds meshes, shapes, bodies and cameras of the present episode to an empty scene.
  virtual void build_scene(Scene& scene) const = 0;
  /// Writes scene.poses, and scene.figures if the task has any, for `state` `[state_dim]`.
  virtual void pose_scene(ConstStateRef state, Scene& scene) const = 0;
  /// Adds where things touch now to scene.contacts; called only for the present state of an episode.
  virtual void find_contacts(Scene&) const {}

 private:
  enum class Phase { kFresh, kRunning, kTerminated, kShowing, kBroken };

  void begin_varied(std::uint64_t seed, Variation variation);
  void look(VectorRef observation);

  EnvironmentSpec spec_;
  Vector low_, high_;  ///< [obs_dim] bounds of the observation
  std::uint64_t seed_ = 0;
  VariationSource source_;
  Variation variation_;
  std::optional<Disturbance> disturbance_;  ///< of a varied episode
  std::vector<float> actions_;              ///< [t * act_dim] since the reset, as the actor gave them
  Vector clamped_;                          ///< [act_dim]
  Phase phase_ = Phase::kFresh;
  State shown_;  ///< [state_dim] while showing
  Scene scene_;
  bool scene_built_ = false;  ///< for this episode
};

}  // namespace understudy
