#pragma once
/// \file What every task on the Bullet world has in common.

#include <cstdint>
#include <memory>

#include "envs/world/simulated_task.h"

namespace understudy {

class BulletWorld;
class WorldStock;
class WorldForm;
struct WorldOptions;

/// A task whose bodies are Bullet's. Every reset builds a new world: nothing that Bullet caches can leak from
/// one episode, or one moment, to another.
///
/// Beside what every SimulatedTask is varied by, gravity, masses, friction, restitution and damping of
/// whatever is in the world (envs/world/bullet_world.h) are varied without the task's doing.
class BulletTask : public SimulatedTask {
 public:
  ~BulletTask() override;

  double engine_seconds() const final;

  /// Builds the worlds of all episodes to come in another form (envs/world/world_form.h).
  void build_in(std::shared_ptr<WorldForm> form);

 protected:
  explicit BulletTask(EnvironmentSpec spec);
  /// With a world other than the default one.
  BulletTask(EnvironmentSpec spec, const WorldOptions& world);

  /// Puts everything of the episode `seed` into `world()`, which is new and empty.
  virtual void build(std::uint64_t seed) = 0;

  /// The task's own share in another form, before the first episode in it.
  virtual void adapt(const WorldForm&) {}

  BulletWorld& world() { return *world_; }
  const BulletWorld& world() const { return *world_; }

 private:
  void begin(std::uint64_t seed) final;
  void find_contacts(Scene& scene) const final;

  std::unique_ptr<const WorldOptions> world_options_;
  std::shared_ptr<WorldForm> form_;    ///< null: the toolkit's own
  std::shared_ptr<WorldStock> stock_;  ///< of one world after the other
  std::unique_ptr<BulletWorld> world_;
  double earlier_engine_seconds_ = 0;  ///< of the worlds of earlier episodes
};

}  // namespace understudy
