#pragma once
/// \file Demonstrations as windows of steps: the observations around a step, and the actions that belong to them.

#include <vector>

#include "bc/cloning/cloning.h"
#include "bc/designs/design.h"

namespace understudy {

/// A batch for SequenceDesign's loss.
struct WindowBatch {
  std::vector<float> observations;  ///< [B, window, obs_dim], raw
  std::vector<float> actions;       ///< [B, targets, act_dim]
  std::vector<float>
      weights;  ///< [B, targets]: of the row (1 if none has any), or 0 where there is no such step
};

/// All steps of all episodes, each the middle of a window. Before an episode's first step stand its first observation
/// and actions of zero, after its last the last of both.
class WindowData {
 public:
  /// `pairs.lengths` says which rows are an episode's. Keeps a reference to `pairs`.
  WindowData(const CloningPairs& pairs, const SequenceDesign& design);

  int size() const { return static_cast<int>(pairs_->actions.rows()); }
  /// Whether anything is to be learnt from the window of `row`.
  bool has_label(int row) const;

  /// Gathers the windows of `rows`, no work but copies.
  void gather(const int* rows, int count, WindowBatch& batch) const;

  /// The rows whose observations gather() copies, window by window.
  std::vector<int> observation_rows(const int* rows, int count) const;

 private:
  float weight(int row, int step) const;  ///< of the target `step` in the window of `row`

  const CloningPairs* pairs_;
  int window_, before_, targets_, first_target_;
  bool pads_count_;
  std::vector<int> first_, last_;  ///< of the episode that a row belongs to
};

}  // namespace understudy
