#pragma once
/// \file Calibrating a simulator: from a distribution of its parameters and a few real episodes of a policy to one under
/// which the policy's simulated episodes are like the real ones.
///
/// - simopt: Chebotar et al. 2019, algorithm 1, the inner loop: draws from the present distribution are simulated, and
///   REPS (reps.h) moves it towards those that came close; several updates on the same real episodes, each with draws
///   anew.
/// - cma-es: the least discrepancy by CMA-ES (cma_es.h); its last step size and covariance are the distribution.
/// - bayes-sim: Ramos et al. 2019: a mixture density network (mixture_density.h) over simulations from the prior; the
///   distribution has the posterior's mean and covariance.
///
/// Ours: the parameters are normal in the units of the randomisation file and truncated to its ranges.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "irl/calibration/mixture_density.h"
#include "irl/calibration/simulated_rollouts.h"

namespace understudy {

enum class CalibrationMethod { kSimOpt, kCmaEs, kBayesSim };
/// "simopt", "cma-es", "bayes-sim".
std::string method_name(CalibrationMethod method);
/// Throws UsageError that lists the known names.
CalibrationMethod parse_method(const std::string& name);

struct CalibrationConfig {
  CalibrationMethod method = CalibrationMethod::kSimOpt;
  int updates = 3;         ///< of REPS (section IV-C: 3 for the peg, 20 for the drawer)
  int samples = 200;       ///< draws an update (there 9600 simulations)
  double kl = 1;           ///< bound of each update, nats (section IV-C)
  int generations = 40;    ///< of CMA-ES
  int population = 0;      ///< of CMA-ES; 0: its default
  int simulations = 2000;  ///< of BayesSim (there 5000)
  MixtureDensityConfig network{};
  std::uint64_t seed = 1;
};
/// Throws UsageError naming the option.
void validate(const CalibrationConfig& config);

/// The distribution after one update, generation, or fit; the one begun with is step 0.
struct CalibrationStep {
  Gaussian distribution;
  double mean_cost = 0, least_cost = 0;   ///< of the draws that led to it
  double eta = 0, kl = 0, effective = 0;  ///< SimOpt: see RepsWeights
};

struct CalibrationResult {
  std::vector<CalibrationStep> steps;
  std::optional<GaussianMixture> mixture;  ///< BayesSim's posterior
  Eigen::MatrixXd draws;  ///< [draws, parameters] those of the last update, generation, or all
  Eigen::VectorXd costs;  ///< [draws]
  std::int64_t simulated_steps = 0;
  std::int64_t simulated_episodes = 0;

  const Gaussian& distribution() const { return steps.back().distribution; }
};

/// What stands between a calibration and whoever runs it.
struct CalibrationHooks {
  /// Called from one thread at a time; `share` in [0, 1]; false stops: Interrupted is thrown.
  std::function<bool(double share, const std::string& note)> progress{};
  /// Everything up to here, to go on with: after each update, generation, or hundreds of simulations.
  std::function<void(const nlohmann::ordered_json& state)> save{};
};

/// The prior of a randomisation file: its joint distribution, or else the moments of every quantity that is drawn from a
/// continuous distribution, independent and truncated to its range. What is left varies beside them.
struct CalibrationPrior {
  JointNormal joint;
  Randomisation others;
};
/// Throws UsageError when nothing is left to calibrate.
CalibrationPrior prior_of(const Randomisation& randomisation);

/// Calibrates what `problem.keys`, those of `prior`, are. `proposal`, for BayesSim, is simulated from instead of the prior;
/// the posterior is corrected for it. `state`, if not null, is one that `hooks.save` was given: the answer has the bits
/// of a run that was not interrupted. Throws Interrupted, and like simulate_rollouts.
CalibrationResult calibrate(const CalibrationConfig& config, const SimulationProblem& problem,
                            const JointNormal& prior, const std::optional<JointNormal>& proposal,
                            const nlohmann::ordered_json& state, const CalibrationHooks& hooks);

/// How like the real episodes of `problem` simulated ones are under a distribution.
struct Judgement {
  double mean = 0;           ///< discrepancy over the draws
  double low = 0, high = 0;  ///< least and most of them
  double at_mean = 0;        ///< with the distribution's mean
  std::int64_t steps = 0;    ///< simulated
};
/// By `draws` draws; the same seed draws the same noise for every distribution. Throws like simulate_rollouts.
Judgement judge(const SimulationProblem& problem, const JointNormal& joint, int draws, std::uint64_t seed,
                const std::function<bool(int episodes)>& go_on);

Gaussian gaussian_of(const JointNormal& joint);
/// `gaussian` over the keys and within the bounds of `like`; its mean is moved onto them.
JointNormal joint_of(const Gaussian& gaussian, const JointNormal& like);

/// How much of the prior's uncertainty is left along each direction that matters: the generalised eigenvalues of the
/// posterior's covariance against the prior's, ascending, as shares of deviations, and the directions in prior deviations.
struct Identification {
  Eigen::VectorXd left;        ///< [parameters] 1: nothing has been learnt along it
  Eigen::MatrixXd directions;  ///< [parameters, parameters] columns of length 1
};
Identification identification(const Gaussian& prior, const Gaussian& posterior);

}  // namespace understudy
