#pragma once
/// \file The contract of every task. `check_environment()`
/// (envs/contract/environment_check.h) is its executable form.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/types/matrix.h"
#include "datasets/types/space.h"
#include "envs/contract/scene.h"
#include "envs/contract/variation.h"

namespace understudy {

/// A size of the task's things that an episode can vary by a factor (Variation::sizes).
struct Dimension {
  std::string name;     ///< snake_case, e.g. "cone_size"
  std::string meaning;  ///< one line
};

/// What is fixed about a task.
struct EnvironmentSpec {
  std::string id;       ///< UpperCamel, e.g. "Drive"
  std::string summary;  ///< one line: what the actor has to do
  std::string success;  ///< one line: the success criterion; begins with "none" where only the return counts
  Space observation;
  Space action;                         ///< every entry in [-1, 1]; the environment owns the scaling
  double control_rate = 30;             ///< Hz, actions per second
  int substeps = 8;                     ///< physics steps per action; physics rate = control_rate * substeps
  int horizon = 0;                      ///< the most steps a TimeLimit allows
  std::string layout;                   ///< binding preset a person drives it with, e.g. "default", "drive"
  std::vector<Dimension> dimensions{};  ///< sizes that can be varied; may be none
  std::string robot_sha256{};           ///< of the file that `id` names a robot by; empty: it names none
  std::vector<std::string> warnings{};  ///< about that file, one line each

  bool has_success() const { return success.rfind("none", 0) != 0; }
};

/// What one step returned beside the observation.
struct StepResult {
  float reward = 0;
  bool terminated = false;  ///< an absorbing state was reached: its value is 0
  bool truncated = false;   ///< cut from outside (time limit): keep bootstrapping
  bool success = false;     ///< the task's success criterion holds after this step
  /// What stands against success after this step, by the task's own rule, e.g. "off track"; always given where the task
  /// terminates without success. Text of the task's own that outlives it.
  std::string_view cause{};
};

/// Why an episode whose last step returned `last` failed: what the task says, else "time out"; "" where it succeeded.
/// A task that terminates and does not say why gets "ended by the task".
std::string_view cause_of_failure(const StepResult& last);

/// A point in an episode that can be returned to: the seed of the reset, what the episode is varied by and
/// every action since. Restoring rebuilds the world from the seed and repeats the actions, so that solver
/// caches and contact points, which Bullet does not expose completely, come back bit for bit. Costs as many
/// steps as were taken.
struct Snapshot {
  std::uint64_t seed = 0;
  Matrix actions;         ///< [t, act_dim]
  Variation variation{};  ///< of the episode
};

/// One simulated task. Not thread-safe; different objects may run on different threads.
/// Same build, same seed, same variation, same actions: same bits.
class Environment {
 public:
  Environment() = default;
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  virtual ~Environment() = default;

  virtual const EnvironmentSpec& spec() const = 0;

  /// From the next reset on, the episode of each seed is varied by what `source` returns for the seed;
  /// without a source it is the task as it is. Reset throws Error when the variation does not fit the task. A
  /// task that cannot be varied throws Error here.
  virtual void vary(VariationSource source);
  /// What the present episode is varied by; empty before the first reset.
  virtual const Variation& variation() const;

  /// Begins an episode. Everything random about it is drawn from `seed`. Writes o_0 `[obs_dim]`.
  virtual void reset(std::uint64_t seed, VectorRef observation) = 0;

  /// Applies one action `[act_dim]` for 1/control_rate seconds and writes the next observation `[obs_dim]`.
  /// Entries outside [-1, 1] are clamped; one that is not finite throws Error. Stepping after `terminated`,
  /// or before the first reset, throws Error.
  virtual StepResult step(ConstVectorRef action, VectorRef observation) = 0;

  virtual Snapshot save_state() const = 0;
  /// Returns to `snapshot` and writes the observation that held there `[obs_dim]`.
  virtual void restore_state(const Snapshot& snapshot, VectorRef observation) = 0;

  /// Size of the vector that `read_state` writes; the same for every episode of a task.
  virtual int state_dim() const = 0;
  /// Positions, orientations and velocities of everything that moves `[state_dim]`. Recorded at every step
  /// so that an episode can be drawn and verified later.
  virtual void read_state(StateRef state) const = 0;
  /// Poses everything as `state` `[state_dim]` says, for drawing only: stepping afterwards throws Error until
  /// the next reset or restore_state. Call reset with the episode's seed first; it fixes the geometry.
  virtual void show_state(ConstStateRef state) = 0;

  /// The picture of the present state. The reference stays valid until the environment is destroyed.
  virtual const Scene& scene() = 0;

  /// Seconds spent inside the physics engine's own stepping since construction, for benchmarks.
  virtual double engine_seconds() const = 0;
};

}  // namespace understudy
