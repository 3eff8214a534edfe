#pragma once
/// \file Replay of steps as they were taken and scored, per stream, with n-step returns.

#include <cstdint>
#include <vector>

#include "datasets/storage/archive.h"
#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"
#include "irl/contract/transition.h"

namespace understudy {

/// Keeps the last `capacity / streams` steps of every stream. Memory grows with what is kept.
class Replay {
 public:
  struct Shape {
    int obs_dim = 0;
    int act_dim = 0;
    int streams = 1;
    std::int64_t capacity = 1'000'000;  ///< steps over all streams
  };
  explicit Replay(const Shape& shape);

  const Shape& shape() const { return shape_; }
  void add(const Steps& steps);
  /// Steps that can be drawn.
  std::int64_t size() const { return size_; }

  /// Draws `batch` rows uniformly with replacement. The return sums up to `n` steps of an episode: fewer
  /// where it ended or where no more has been taken yet.
  void sample(int batch, int n, double gamma, Rng& rng, TransitionBatch& out) const;

  void serialise(Archive& archive);

 private:
  struct Stream {
    std::int64_t added = 0;  ///< steps ever; step k lies in row k % rows
    Matrix observations, actions, next_observations;
    Vector rewards;
    std::vector<std::uint8_t> terminated, truncated;
  };
  void grow(Stream& stream) const;
  std::int64_t held(const Stream& stream) const;

  Shape shape_;
  std::int64_t rows_;  ///< most rows of a stream
  std::int64_t size_ = 0;
  std::vector<Stream> streams_;
};

}  // namespace understudy
