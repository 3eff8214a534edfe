#pragma once
/// \file What every task on the Bullet world has in common.

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "envs/contract/environment.h"
#include "envs/world/disturbance.h"

namespace understudy {

class BulletWorld;
class WorldStock;
struct WorldOptions;

/// Keeps the contract of Environment, so that a task only says what is in its world, what an action does and
/// what is seen. Every reset builds a new world, and restore_state repeats the actions in one: nothing that
/// Bullet caches can leak from one episode, or one moment, to another.
///
/// It also varies episodes (envs/variation.h) without the task's doing: gravity, masses, friction,
/// restitution and damping of whatever is in the world (envs/bullet_world.h), latency, noise and gain of
/// actions, noise of observations, colours, light and cameras. What it cannot know is left to the task, which
/// reads variation() in build(): the sizes that it names in spec().dimensions, and `strength` where it has
/// motors of its own making. A task that knows nothing of all this is varied in the rest.
class BulletTask : public Environment {
 public:
  ~BulletTask() override;

  const EnvironmentSpec& spec() const final { return spec_; }
  void vary(VariationSource source) final { source_ = std::move(source); }
  /// Of the present episode; valid in build() already.
  const Variation& variation() const final { return variation_; }
  void reset(std::uint64_t seed, VectorRef observation) final;
  StepResult step(ConstVectorRef action, VectorRef observation) final;
  Snapshot save_state() const final;
  void restore_state(const Snapshot& snapshot, VectorRef observation) final;
  void read_state(StateRef state) const final;
  void show_state(ConstStateRef state) final;
  const Scene& scene() final;
  double engine_seconds() const final;

 protected:
  explicit BulletTask(EnvironmentSpec spec);
  /// With a world other than the default one.
  BulletTask(EnvironmentSpec spec, const WorldOptions& world);

  /// Puts everything of the episode `seed` into `world()`, which is new and empty.
  virtual void build(std::uint64_t seed) = 0;
  /// Applies an action that is finite and clamped `[act_dim]` for spec().substeps steps of the world. In an
  /// episode that varies the gain, an entry is within plus or minus the gain instead of 1.
  virtual StepResult advance(ConstVectorRef action) = 0;
  /// Writes the present observation `[obs_dim]`; the base class clamps it to the bounds of its fields.
  virtual void observe(VectorRef observation) const = 0;
  /// Writes the present state `[state_dim]`.
  virtual void write_state(StateRef state) const = 0;
  /// Adds meshes, shapes, bodies and cameras of the present episode to an empty scene.
  virtual void build_scene(Scene& scene) const = 0;
  /// Writes scene.poses for `state` `[state_dim]`.
  virtual void pose_scene(ConstStateRef state, Scene& scene) const = 0;

  BulletWorld& world() { return *world_; }
  const BulletWorld& world() const { return *world_; }

 private:
  enum class Phase { kFresh, kRunning, kTerminated, kShowing, kBroken };

  void begin(std::uint64_t seed, Variation variation);
  void look(VectorRef observation);

  EnvironmentSpec spec_;
  std::unique_ptr<const WorldOptions> world_options_;
  std::shared_ptr<WorldStock> stock_;  ///< of one world after the other
  Vector low_, high_;                  ///< [obs_dim] bounds of the observation
  std::unique_ptr<BulletWorld> world_;
  double earlier_engine_seconds_ = 0;  ///< of the worlds of earlier episodes
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
