#include "irl/calibration/calibration.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "datasets/types/error.h"
#include "irl/calibration/calibration_state.h"
#include "irl/calibration/cma_es.h"

namespace understudy {
namespace {

constexpr const char* kNames[] = {"simopt", "cma-es", "bayes-sim"};
constexpr int kChunk = 250;              ///< simulations of BayesSim that are saved together
constexpr double kConverged = 1e-3;      ///< prior deviations: CMA-ES ends when its steps are shorter
constexpr int kJudging = 1'000'000'000;  ///< first draw of those that judge
constexpr double kSimulating = 0.8;      ///< share of BayesSim's work that simulating counts as

/// Draw or generation `index` has a stream of its own, whatever else is drawn.
Rng stream_of(std::uint64_t seed, int index) {
  return Rng::stream(seed, variation_stream("calibration " + std::to_string(index)));
}

Eigen::MatrixXd draws_of(const JointNormal& joint, int count, std::uint64_t seed, int first) {
  const JointNormalSource source(joint);
  Eigen::MatrixXd draws(count, static_cast<Eigen::Index>(joint.size()));
  for (int i = 0; i < count; ++i) {
    Rng rng = stream_of(seed, first + i);
    const std::vector<double> values = source.draw(rng);
    draws.row(i) = Eigen::Map<const Eigen::RowVectorXd>(values.data(), draws.cols());
  }
  return draws;
}

class Calibration {
 public:
  Calibration(const CalibrationConfig& config, const SimulationProblem& problem, const JointNormal& prior,
              const CalibrationHooks& hooks)
      : config_(config), problem_(problem), prior_(prior), hooks_(hooks) {}

  CalibrationResult simopt(CalibrationState state) {
    for (int update = state.done; update < config_.updates; ++update) {
      const Gaussian before = state.result.distribution();
      // Redrawn within the ranges, their moments would be narrower than what they are drawn from, whatever the
      // rollouts say: beyond them the nearest point within is simulated.
      JointNormal present = joint_of(before, prior_);
      present.low.assign(present.size(), -std::numeric_limits<double>::infinity());
      present.high.assign(present.size(), std::numeric_limits<double>::infinity());
      const Eigen::MatrixXd draws =
          draws_of(present, config_.samples, config_.seed, update * config_.samples);
      const Eigen::MatrixXd within = bounded(draws);
      const SimulatedRollouts rollouts =
          simulate(within, update, config_.updates, note("update", update, config_.updates, state));
      const RepsWeights reps = reps_weights(rollouts.costs, config_.kl);
      take(state, within, rollouts);
      state.result.steps.push_back(
          {gaussian_of(joint_of(weighted_gaussian(draws, reps.weights, before), prior_)),
           rollouts.costs.mean(), rollouts.costs.minCoeff(), reps.eta, reps.kl, reps.effective});
      save(state);
    }
    return std::move(state.result);
  }

  CalibrationResult cma_es(CalibrationState state) {
    const Gaussian from = gaussian_of(prior_);
    const Eigen::VectorXd scale = from.covariance.diagonal().cwiseSqrt();
    CmaEs search(Eigen::VectorXd::Zero(from.mean.size()), 1, config_.population);
    if (state.search) search.restore(*state.search);
    const auto converged = [&search] {
      const CmaEsState& now = search.state();
      return now.sigma * std::sqrt(now.covariance.diagonal().maxCoeff()) < kConverged;
    };
    for (int generation = state.done; generation < config_.generations && !converged(); ++generation) {
      Rng rng = stream_of(config_.seed, generation);
      const Eigen::MatrixXd points = search.ask(rng);
      Eigen::MatrixXd draws = points * scale.asDiagonal();
      draws.rowwise() += from.mean.transpose();
      const Eigen::MatrixXd within = bounded(draws);
      const SimulatedRollouts rollouts = simulate(within, generation, config_.generations,
                                                  note("generation", generation, config_.generations, state));
      // Beyond the ranges the nearest point within is simulated, and the way to it costs.
      const Eigen::VectorXd beyond =
          ((draws - within) * scale.cwiseInverse().asDiagonal()).rowwise().squaredNorm();
      search.tell(points, rollouts.costs.array() * (1 + beyond.array()) + beyond.array());
      take(state, within, rollouts);
      const CmaEsState& now = search.state();
      const Eigen::MatrixXd spread = now.sigma * now.sigma * now.covariance;
      state.result.steps.push_back({gaussian_of(joint_of({from.mean + scale.asDiagonal() * now.mean,
                                                          scale.asDiagonal() * spread * scale.asDiagonal()},
                                                         prior_)),
                                    rollouts.costs.mean(), rollouts.costs.minCoeff(), 0, 0, 0});
      state.search = now;
      save(state);
    }
    return std::move(state.result);
  }

  CalibrationResult bayes_sim(CalibrationState state, const std::optional<JointNormal>& proposal) {
    const int chunks = (config_.simulations + kChunk - 1) / kChunk;
    const JointNormal& from = proposal ? *proposal : prior_;
    for (int chunk = state.done; chunk < chunks; ++chunk) {
      const int count = std::min(kChunk, config_.simulations - chunk * kChunk);
      const Eigen::MatrixXd draws = draws_of(from, count, config_.seed, chunk * kChunk);
      const SimulatedRollouts rollouts = simulate(
          draws, chunk, chunks, note("simulations", chunk * kChunk, config_.simulations, state), kSimulating);
      keep_finite(state, draws, rollouts);
      count_in(state, rollouts, count);
      save(state);
    }
    MixtureDensityConfig network = config_.network;
    network.seed = config_.seed;
    const MixtureDensityNetwork density(
        state.statistics, state.result.draws, network, [&](int epoch, double loss) {
          return go_on(kSimulating + (1 - kSimulating) * epoch / network.epochs,
                       "fitting, loss " + std::to_string(loss));
        });
    if (stopped_) throw Interrupted("calibration: stopped");
    state.result.mixture = density.posterior(real_statistics(problem_));
    if (proposal) {
      state.result.mixture = corrected(*state.result.mixture, gaussian_of(*proposal), gaussian_of(prior_));
      if (!state.result.mixture)
        throw Error(
            "BayesSim: the posterior under the proposal is wider than the proposal, so that there is none "
            "under the prior; simulate from the prior, or more");
    }
    state.result.steps.push_back({gaussian_of(joint_of(moments(*state.result.mixture), prior_)),
                                  state.result.costs.mean(), state.result.costs.minCoeff(), 0, 0, 0});
    return std::move(state.result);
  }

 private:
  static std::string note(const std::string& what, int done, int all, const CalibrationState& state) {
    std::string text = what + " " + std::to_string(done + 1) + " of " + std::to_string(all);
    if (state.result.steps.size() > 1)
      text += ", discrepancy " + std::to_string(state.result.steps.back().mean_cost);
    return text;
  }

  bool go_on(double share, const std::string& note) {
    stopped_ = stopped_ || (hooks_.progress && !hooks_.progress(share, note));
    return !stopped_;
  }

  SimulatedRollouts simulate(const Eigen::MatrixXd& draws, int part, int parts, const std::string& note,
                             double share = 1) {
    const double episodes = static_cast<double>(draws.rows()) * static_cast<double>(problem_.real.size());
    return simulate_rollouts(problem_, draws,
                             [&](int done) { return go_on(share * (part + done / episodes) / parts, note); });
  }

  Eigen::MatrixXd bounded(Eigen::MatrixXd draws) const {
    for (Eigen::Index i = 0; i < draws.cols(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      draws.col(i) = draws.col(i).cwiseMax(prior_.low[at]).cwiseMin(prior_.high[at]);
    }
    return draws;
  }

  void count_in(CalibrationState& state, const SimulatedRollouts& rollouts, Eigen::Index draws) const {
    state.result.simulated_steps += rollouts.steps;
    state.result.simulated_episodes += draws * static_cast<std::int64_t>(problem_.real.size());
    ++state.done;
  }

  void take(CalibrationState& state, const Eigen::MatrixXd& draws, const SimulatedRollouts& rollouts) const {
    state.result.draws = draws;
    state.result.costs = rollouts.costs;
    count_in(state, rollouts, draws.rows());
  }

  /// Adds the simulations whose statistics are numbers.
  static void keep_finite(CalibrationState& state, const Eigen::MatrixXd& draws,
                          const SimulatedRollouts& rollouts) {
    Eigen::Index at = state.result.draws.rows();
    state.result.draws.conservativeResize(at + draws.rows(), draws.cols());
    state.result.costs.conservativeResize(at + draws.rows());
    state.statistics.conservativeResize(at + draws.rows(), rollouts.statistics.cols());
    for (Eigen::Index i = 0; i < draws.rows(); ++i) {
      if (!rollouts.statistics.row(i).allFinite()) continue;
      state.result.draws.row(at) = draws.row(i);
      state.result.costs[at] = rollouts.costs[i];
      state.statistics.row(at++) = rollouts.statistics.row(i);
    }
    state.result.draws.conservativeResize(at, Eigen::NoChange);
    state.result.costs.conservativeResize(at);
    state.statistics.conservativeResize(at, Eigen::NoChange);
  }

  void save(const CalibrationState& state) const {
    if (hooks_.save) hooks_.save(to_json(state));
  }

  const CalibrationConfig& config_;
  const SimulationProblem& problem_;
  const JointNormal& prior_;
  const CalibrationHooks& hooks_;
  bool stopped_ = false;
};

/// Mean and variance of what is drawn from `distribution`, and where it ends.
struct Moments {
  double mean, variance, low, high;
};

std::optional<Moments> moments_of(const Distribution& distribution) {
  const auto& v = distribution.values;
  const double width = v.size() == 2 ? v[1] - v[0] : 0;
  switch (distribution.kind) {
    case Distribution::Kind::kUniform:
      if (!(width > 0)) return std::nullopt;
      return Moments{(v[0] + v[1]) / 2, width * width / 12, v[0], v[1]};
    case Distribution::Kind::kLogUniform: {
      if (!(width > 0)) return std::nullopt;
      const double logs = std::log(v[1] / v[0]), mean = width / logs;
      return Moments{mean, (v[1] * v[1] - v[0] * v[0]) / (2 * logs) - mean * mean, v[0], v[1]};
    }
    case Distribution::Kind::kNormal:
      if (!(v[1] > 0)) return std::nullopt;
      return Moments{v[0], v[1] * v[1], *distribution.low, *distribution.high};
    case Distribution::Kind::kInteger:
      if (!(width > 0)) return std::nullopt;
      return Moments{(v[0] + v[1]) / 2, width * (width + 2) / 12, v[0], v[1]};
    case Distribution::Kind::kConstant:
    case Distribution::Kind::kChoice:
    case Distribution::Kind::kAdaptive:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::string method_name(CalibrationMethod method) {
  return kNames[static_cast<int>(method)];
}

CalibrationMethod parse_method(const std::string& name) {
  for (int i = 0; i < 3; ++i)
    if (name == kNames[i]) return static_cast<CalibrationMethod>(i);
  throw UsageError(unknown_name("method", name, {std::begin(kNames), std::end(kNames)}));
}

void validate(const CalibrationConfig& config) {
  const auto at_least = [](int value, int least, const std::string& option) {
    if (value < least)
      throw UsageError("--" + option + ": want at least " + std::to_string(least) + ", found " +
                       std::to_string(value));
  };
  at_least(config.updates, 1, "updates");
  at_least(config.samples, 2, "samples");
  at_least(config.generations, 1, "generations");
  at_least(config.simulations, config.network.batch * 10 / 9 + 2, "simulations");
  if (config.population != 0) at_least(config.population, 4, "population");
  if (!(config.kl > 0)) throw UsageError("--kl: want more than 0, found " + std::to_string(config.kl));
}

CalibrationPrior prior_of(const Randomisation& randomisation) {
  CalibrationPrior prior;
  prior.others.set_adaptive_rule(randomisation.adaptive_rule());
  if (randomisation.joint()) {
    prior.joint = *randomisation.joint();
    for (std::size_t i = 0; i < prior.joint.size(); ++i) {
      if (!(prior.joint.deviation(i) > 0))
        throw UsageError("joint_normal: " + prior.joint.keys[i] +
                         ": want a deviation above 0 to calibrate it, found 0: give it as a plain number");
    }
    for (const auto& [key, distribution] : randomisation.distributions()) prior.others.set(key, distribution);
    return prior;
  }
  std::vector<double> variances;
  for (const auto& [key, distribution] : randomisation.distributions()) {
    const auto moments = moments_of(distribution);
    if (!moments) {
      prior.others.set(key, distribution);
      continue;
    }
    prior.joint.keys.push_back(key);
    prior.joint.mean.push_back(moments->mean);
    variances.push_back(moments->variance);
    prior.joint.low.push_back(moments->low);
    prior.joint.high.push_back(moments->high);
  }
  const std::size_t n = variances.size();
  if (n == 0)
    throw UsageError(
        "calibration: want a quantity that is uniform, log_uniform, normal or integer, or a "
        "joint_normal, found none: a plain number is not calibrated");
  prior.joint.covariance.assign(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) prior.joint.covariance[i * n + i] = variances[i];
  return prior;
}

Gaussian gaussian_of(const JointNormal& joint) {
  const auto n = static_cast<Eigen::Index>(joint.size());
  return {Eigen::Map<const Eigen::VectorXd>(joint.mean.data(), n),
          Eigen::Map<const Eigen::MatrixXd>(joint.covariance.data(), n, n)};
}

JointNormal joint_of(const Gaussian& gaussian, const JointNormal& like) {
  JointNormal joint = like;
  const Eigen::MatrixXd even = 0.5 * (gaussian.covariance + gaussian.covariance.transpose());
  joint.covariance.assign(even.data(), even.data() + even.size());
  for (std::size_t i = 0; i < joint.size(); ++i)
    joint.mean[i] = std::clamp(gaussian.mean[static_cast<Eigen::Index>(i)], joint.low[i], joint.high[i]);
  return joint;
}

Identification identification(const Gaussian& prior, const Gaussian& posterior) {
  const Eigen::VectorXd scale = prior.covariance.diagonal().cwiseSqrt().cwiseInverse();
  const Eigen::MatrixXd before = scale.asDiagonal() * prior.covariance * scale.asDiagonal();
  const Eigen::MatrixXd after = scale.asDiagonal() * posterior.covariance * scale.asDiagonal();
  const Eigen::GeneralizedSelfAdjointEigenSolver<Eigen::MatrixXd> solver(after, before);
  Identification result{solver.eigenvalues().cwiseMax(0.0).cwiseSqrt(), solver.eigenvectors()};
  result.directions.colwise().normalize();
  return result;
}

Judgement judge(const SimulationProblem& problem, const JointNormal& joint, int draws, std::uint64_t seed,
                const std::function<bool(int)>& go_on) {
  Eigen::MatrixXd points(draws + 1, static_cast<Eigen::Index>(joint.size()));
  points.topRows(draws) = draws_of(joint, draws, seed, kJudging);
  points.row(draws) = gaussian_of(joint).mean.transpose();
  const SimulatedRollouts rollouts = simulate_rollouts(problem, points, go_on);
  const auto drawn = rollouts.costs.head(draws);
  return {drawn.mean(), drawn.minCoeff(), drawn.maxCoeff(), rollouts.costs[draws], rollouts.steps};
}

CalibrationResult calibrate(const CalibrationConfig& config, const SimulationProblem& problem,
                            const JointNormal& prior, const std::optional<JointNormal>& proposal,
                            const nlohmann::ordered_json& state, const CalibrationHooks& hooks) {
  validate(config);
  CalibrationState from;
  from.result.steps.push_back({gaussian_of(prior)});
  if (!state.is_null()) from = calibration_state(state, prior.size());
  Calibration run(config, problem, prior, hooks);
  switch (config.method) {
    case CalibrationMethod::kSimOpt:
      return run.simopt(std::move(from));
    case CalibrationMethod::kCmaEs:
      return run.cma_es(std::move(from));
    case CalibrationMethod::kBayesSim:
      break;
  }
  return run.bayes_sim(std::move(from), proposal);
}

}  // namespace understudy
