#pragma once
/// \file The contract of envs/contract/environment.h as code that runs.

#include <cstdint>
#include <functional>
#include <memory>

#include "envs/contract/environment.h"

namespace understudy {

struct CheckOptions {
  std::uint64_t seed = 1;  ///< first of the seeds that are tried
  int episodes = 3;        ///< seeds tried
  int steps = 60;          ///< random actions per episode, fewer if the task terminates before
};

/// Runs every axiom of Environment against the environments that `make` returns and throws Error naming the
/// first that fails, e.g. `check Drive: determinism: ...`. The axioms, in order:
///  1. spec: id, summary, success, layout, rates and spaces are sane; every action entry spans [-1, 1]
///  2. contract: stepping before the first reset throws
///  3. observation: finite and inside the bounds of its fields, after reset and every step; rewards finite
///  4. determinism: two objects give the same bits for the same seed and actions; another seed does not
///  5. restore: save_state, then restore_state in another object, then the same actions: same bits
///  6. clamping: an action outside [-1, 1] does what the nearest inside does; one that is not finite throws
///  7. end: stepping a terminated or truncated episode throws; truncated comes at the horizon of a TimeLimit
///     and nowhere else
///  8. state: state_dim() never changes; read_state after show_state returns what was shown and the scene
///     looks as it did; stepping a shown state throws until reset
///  9. scene: indices in range, unit normals, rigid poses, the world's pose the identity, at least one camera
void check_environment(const std::function<std::unique_ptr<Environment>()>& make,
                       const CheckOptions& options = {});

}  // namespace understudy
