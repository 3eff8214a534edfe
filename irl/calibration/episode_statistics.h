#pragma once
/// \file What BayesSim is told of an episode: statistics of fixed size (Ramos et al. 2019, eq. 9, after Papamakarios,
/// Murray 2016).

#include <Eigen/Core>

#include "datasets/types/episode.h"

namespace understudy {

/// Per entry of the observation: mean and deviation, mean and deviation of its differences from step to step, and the
/// mean product of these with each entry of the action; then the length over `horizon`.
/// `[obs_dim * (4 + act_dim) + 1]`. The paper has the differences only; where a thing is shows in the observations
/// themselves.
Eigen::VectorXd episode_statistics(const Episode& episode, int horizon);

}  // namespace understudy
