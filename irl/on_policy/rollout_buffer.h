#pragma once
/// \file What a policy did since it last learnt, stream by stream.

#include <cstdint>
#include <vector>

#include "datasets/storage/archive.h"
#include "datasets/types/matrix.h"
#include "irl/contract/transition.h"

namespace understudy {

/// Consecutive steps of stream after stream.
struct Rollout {
  TransitionBatch transitions;          ///< one-step
  std::vector<std::uint8_t> truncated;  ///< [N] 1: cut from outside
  Matrix samples;                       ///< [N, act_dim] actions before they were clamped to [-1, 1]
  Vector log_density;                   ///< [N] of the samples, under the policy that drew them
  std::vector<int> first;               ///< [streams + 1] first row of every stream, and N

  int size() const { return transitions.size(); }
  /// Whether the episode ends with this step, either way.
  bool ends(int row) const {
    const auto i = static_cast<std::size_t>(row);
    return transitions.terminated[i] != 0 || truncated[i] != 0;
  }
};

/// Keeps what was sampled until the step that it led to comes back, at once or with its whole episode, and
/// the steps until they are learnt from. A stream's steps come back in the order in which they were acted;
/// streams differ freely.
class RolloutBuffer {
 public:
  struct Shape {
    int streams = 1;
    int obs_dim = 0;
    int act_dim = 0;
  };
  explicit RolloutBuffer(const Shape& shape);

  /// The next action of every stream: samples `[streams, act_dim]`, log_density `[streams]`.
  void acted(ConstMatrixRef samples, ConstVectorRef log_density);
  /// Throws Error for a step whose action is not the one that its stream acted next.
  void add(const Steps& steps);
  /// Steps held.
  int size() const { return size_; }
  /// Moves all steps into `rollout`.
  void take(double gamma, Rollout& rollout);

  void serialise(Archive& archive);

 private:
  /// Rows of numbers, first in, first out.
  struct Queue {
    Matrix rows;    ///< [capacity, width]
    int first = 0;  ///< row that is next to leave
    int count = 0;
    float* push();  ///< a new last row to be filled in
    const float* front() const { return rows.row(first).data(); }
    void pop();
    void serialise(Archive& archive);
  };

  Shape shape_;
  int size_ = 0;
  std::vector<Queue> acted_;  ///< [streams] rows: sample, log density
  std::vector<Queue>
      steps_;  ///< [streams] rows: o_t, o_{t+1}, a_t, sample, log density, reward, terminated, truncated
};

}  // namespace understudy
