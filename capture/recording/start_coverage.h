#pragma once
/// \file How well recorded starts cover those that a task draws.

#include <string>
#include <vector>

#include "capture/view/hud.h"
#include "datasets/types/matrix.h"
#include "datasets/types/space.h"

namespace understudy {

/// Compares first observations. Each entry is divided by its standard deviation over the starts that the task
/// draws, entries that never vary are left out, and a distance is the root of the mean square over the rest. Its
/// unit is the reach: what a start's distance to the nearest of kReference others is in the median, so that a file
/// of kReference starts drawn by chance covers half of what there is.
class StartCoverage {
 public:
  static constexpr int kReference = 50;

  /// `drawn` `[n, obs_dim]`, in any order, as the task draws them: more than kReference, or Error is thrown.
  StartCoverage(const Matrix& drawn, const Space& observation);

  /// A demonstration from the start `observation` `[obs_dim]` was recorded, or the last one taken back.
  void add(ConstVectorRef observation);
  void take_back();
  int recorded() const { return static_cast<int>(recorded_.size()); }

  /// From `observation` to the nearest recorded start; infinite while there is none.
  double distance(ConstVectorRef observation) const;
  /// Share of the task's starts that are within reach of a recorded one.
  double share() const;
  /// The third of an entry's range, each drawn as often as the others, that has the fewest recorded starts, in
  /// words: "few where to cube y is high (1 of 12)"; "" when each has more than half of its share, or fewer than
  /// kFewest starts are recorded.
  std::string missing() const;
  static constexpr int kFewest = 6;

  /// All of this for the HUD at a start.
  HudCoverage look(ConstVectorRef observation) const;

 private:
  Vector scaled(ConstVectorRef observation) const;

  std::vector<std::string> names_;  ///< of the entries that vary
  std::vector<int> entries_;
  Vector scale_;                  ///< one over the deviation, of entries_
  Matrix drawn_;                  ///< [n, entries_], scaled
  Matrix thirds_;                 ///< [entries_, 2] the limits between them, scaled
  std::vector<Vector> recorded_;  ///< scaled
  std::vector<double> nearest_;   ///< of each drawn start to a recorded one
  double reach_ = 1;
};

}  // namespace understudy
