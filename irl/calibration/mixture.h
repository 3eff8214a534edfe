#pragma once
/// \file Mixtures of normal distributions: posteriors of a simulator's parameters.

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "datasets/types/rng.h"
#include "irl/calibration/reps.h"

namespace understudy {

struct GaussianMixture {
  std::vector<double> weights;  ///< [components], sum 1
  std::vector<Gaussian> components;
};

/// log of the density at `point` `[parameters]`.
double log_density(const GaussianMixture& mixture, const Eigen::VectorXd& point);
/// Mean and covariance of the whole.
Gaussian moments(const GaussianMixture& mixture);
Eigen::VectorXd draw(const GaussianMixture& mixture, Rng& rng);

/// What a posterior under the distribution that was simulated from is under the prior: q(xi) prior(xi) / proposal(xi)
/// (Papamakarios, Murray 2016, eq. 3; Ramos et al. 2019, eq. 5), a mixture again. Components whose quotient is no
/// distribution, being wider than the proposal somewhere, are left out; nullopt when none is left.
std::optional<GaussianMixture> corrected(const GaussianMixture& mixture, const Gaussian& proposal,
                                         const Gaussian& prior);

}  // namespace understudy
