#pragma once
/// \file Anything that maps observations to actions: a gamepad, a keyboard, a scripted expert, a network.

#include <cstdint>
#include <functional>
#include <memory>

#include "datasets/types/matrix.h"

namespace understudy {

/// Acts for several environments at once; each has its own row. Neither the recorder nor the evaluator knows
/// which kind of actor it holds. Not thread-safe.
class Actor {
 public:
  Actor() = default;
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;
  virtual ~Actor() = default;

  /// Tells that row `row` begins a new episode. `seed` feeds whatever is random about the actor there; an
  /// actor's behaviour in an episode depends on this seed and the observations only, not on the other rows.
  virtual void reset(int row, std::uint64_t seed) = 0;

  /// observations `[batch, obs_dim]` to actions `[batch, act_dim]` in [-1, 1]. Row r of both belongs to the
  /// episode last reset as row r.
  virtual void act(ConstMatrixRef observations, MatrixRef actions) = 0;
};

/// Makes one actor per thread.
using ActorFactory = std::function<std::unique_ptr<Actor>()>;

}  // namespace understudy
