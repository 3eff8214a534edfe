#pragma once
/// \file When a run ends before its last unit.

#include "bc/runs/run_config.h"
#include "datasets/storage/archive.h"

namespace understudy {

/// What `minutes`, `patience` and `ends_when_close` ask for, by the time a run has taken and by the gaps of its
/// evaluations.
class EarlyEnd {
 public:
  /// `config` outlives this.
  explicit EarlyEnd(const RunConfig& config) : config_(config) {}

  /// Whether so many seconds are all that training may take: the final evaluation takes the rest of `minutes`.
  bool out_of_time(double seconds) const;
  /// Takes in the gap of an evaluation after `count` units.
  void follow(int count, double gap);
  /// Whether going on is in vain, or needless, after the latest evaluation; `reach` is the trainee's.
  bool settled(int evaluated, double reach) const;
  /// Patience begins anew after `count` units, for the run is lengthened.
  void lengthen(int count) { closest_count_ = count; }

  void serialise(Archive& archive, int count);

 private:
  const RunConfig& config_;
  double closest_gap_ = -1;  ///< of the evaluations that fell below those before; -1: none yet
  int closest_count_ = 0;    ///< units at that
};

}  // namespace understudy
