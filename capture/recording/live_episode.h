#pragma once
/// \file The episode that is being recorded, as far as the recorder has to remember it: what leads back to its
/// checkpoints, what there is to replay, and what its record will say.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datasets/format/recording_record.h"
#include "datasets/types/matrix.h"
#include "envs/contract/environment.h"

namespace understudy {

/// A moment of the episode that can be returned to.
struct Checkpoint {
  int step = 0;         ///< steps before it
  StepResult result{};  ///< of the last of them
  double time = 0;      ///< s, when that was applied, since the episode began
};

/// An episode as the simulation went through it.
struct Trajectory {
  std::uint64_t seed = 0;
  Matrix actions;      ///< [T, act_dim]
  StateMatrix states;  ///< [T + 1, state_dim]
};

class LiveEpisode {
 public:
  /// Begins anew. `record`: what is known of the recording beforehand.
  void begin(std::uint64_t seed, ConstStateRef state, RecordingRecord record);
  /// After every step: the action, the state that it led to, and when it was applied, s since the episode began.
  void add(ConstVectorRef action, ConstStateRef state, const StepResult& result, double time);

  int steps() const { return static_cast<int>(moved_.size()); }
  std::uint64_t seed() const { return seed_; }
  /// s from the episode's beginning to its last step.
  double last_time() const { return time_; }
  const StepResult& result() const { return result_; }

  /// Sets a checkpoint at the last step.
  void mark();
  /// The last checkpoint before the present step, which is forgotten only once a step further back is wanted: nullopt
  /// without one.
  std::optional<Checkpoint> last_checkpoint();
  /// Returns to the first steps, up to `checkpoint`, and notes it.
  void return_to(const Checkpoint& checkpoint);

  Trajectory trajectory() const;
  /// What the file is to say: the beginning's, with rewinds and how long nobody moved anything at either end.
  RecordingRecord record() const;

 private:
  std::uint64_t seed_ = 0;
  RecordingRecord record_;
  std::vector<float> actions_;     ///< [T * act_dim]
  std::vector<double> states_;     ///< [(T + 1) * state_dim]
  std::vector<bool> moved_;        ///< [T] an entry of the action was not 0
  std::vector<Checkpoint> marks_;  ///< by step
  StepResult result_;
  double time_ = 0;  ///< s
};

/// Takes `environment` back to the first `steps` steps of `trajectory`, bit for bit, and writes the observation there
/// `[obs_dim]`. Whatever varied the present episode still does.
void return_to(Environment& environment, const Trajectory& trajectory, int steps, VectorRef observation);

}  // namespace understudy
