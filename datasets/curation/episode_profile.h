#pragma once
/// \file What checks compare episodes by: a few figures of each, so that a dataset of any size is compared
/// while one episode is in memory.

#include <functional>
#include <string>
#include <vector>

#include "datasets/types/episode.h"
#include "datasets/types/matrix.h"

namespace understudy {

/// Rows of EpisodeProfile::path.
inline constexpr int kPathRows = 32;

/// A stretch of steps.
struct Stretch {
  int first = 0;
  int steps = 0;
};

/// Of an episode with at least one step. Entries are those of an observation, then those of an action.
struct EpisodeProfile {
  int steps = 0;
  std::string content;  ///< SHA-256 of observations and actions
  Matrix path;          ///< [kPathRows, entries], o_t and a_t at steps evenly spaced from first to last
  Eigen::VectorXf largest_step;   ///< [entries] largest change from one row to the next
  std::vector<int> largest_at;    ///< [entries] the step at which
  std::vector<Stretch> constant;  ///< [entries] the longest stretch of rows without any change of the entry
  Eigen::VectorXf at_limit;       ///< [act_dim] share of steps at which |a| > 0.999
  Stretch idle;                   ///< the longest in which nothing moves
};

/// `scale` `[obs_dim]`: the standard deviation of each observation entry, 0 of one that never changes. A step is idle
/// when no entry of the action is more than 0.001 from the step before, and the observation's entries that do change
/// move by less than 0.05 of their standard deviations a second (root mean square). `rate`: actions per second.
EpisodeProfile episode_profile(const Episode& episode, const Eigen::VectorXd& scale, double rate);

/// Root mean square difference of two paths, entry by entry in `scale` `[entries]`; entries of scale 0 count nothing.
double path_difference(ConstMatrixRef a, ConstMatrixRef b, const Eigen::VectorXd& scale);

/// 1 / scale, entry by entry, and 0 for one that never changes.
Eigen::VectorXd weights_of(const Eigen::VectorXd& scale);

/// The distance of each of `paths` to the nearest other; two at least. `distance` is not less than that of the means of
/// the rows, as Wasserstein-1 is not, and is computed to a few of the paths whose means are near.
std::vector<double> nearest_distances(const std::vector<Matrix>& paths,
                                      const std::function<double(const Matrix&, const Matrix&)>& distance);

}  // namespace understudy
