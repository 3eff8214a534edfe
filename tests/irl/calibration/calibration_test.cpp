// Calibrations of a pendulum whose parameters are known, because it is simulated too.

#include "irl/calibration/calibration.h"

#include <nlohmann/json.hpp>

#include "datasets/types/error.h"
#include "envs/contract/random_actor.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "irl/calibration/calibration_state.h"
#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

using nlohmann::ordered_json;

constexpr const char* kTask = "InvertedPendulumSwingup";

/// Swings with a fixed rhythm, so that what happens depends on the simulator only.
class Rhythm final : public Actor {
 public:
  void reset(int, std::uint64_t) override { step_ = 0; }
  void act(ConstMatrixRef, MatrixRef actions) override {
    actions.setConstant(std::sin(0.15F * static_cast<float>(step_++)));
  }

 private:
  int step_ = 0;
};

SimulationProblem problem_of(const Randomisation& prior, double mass, double damping, int rollouts) {
  const CalibrationPrior split = prior_of(prior);
  SimulationProblem problem{.environment = kTask,
                            .make_actor = [] { return std::make_unique<Rhythm>(); },
                            .keys = split.joint.keys,
                            .others = split.others,
                            .threads = 2};
  Randomisation world;
  world.set("physics.mass", {.values = {mass}});
  world.set("physics.drag", {.values = {damping}});
  const auto environment = make_environment(kTask, world);
  Rhythm rhythm;
  for (int i = 0; i < rollouts; ++i)
    problem.real.push_back(rollout(*environment, rhythm, 100 + static_cast<std::uint64_t>(i)));
  problem.discrepancy.weights = deviation_weights(problem.real);
  return problem;
}

Randomisation wide() {
  Randomisation prior;
  prior.set("physics.mass", {Distribution::Kind::kNormal, {1, 0.3}, 0.3, 3});
  prior.set("physics.drag", {Distribution::Kind::kUniform, {0, 1}});
  return prior;
}

CalibrationConfig small(CalibrationMethod method) {
  CalibrationConfig config;
  config.method = method;
  config.updates = 5;
  config.samples = 60;
  config.generations = 25;
  config.simulations = 600;
  config.network.epochs = 150;
  config.network.components = 1;
  return config;
}

TEST_CASE("every method finds the mass and drag of a pendulum from two rollouts", "[irl]") {
  const CalibrationMethod method =
      GENERATE(CalibrationMethod::kSimOpt, CalibrationMethod::kCmaEs, CalibrationMethod::kBayesSim);
  CAPTURE(method_name(method));
  const Randomisation file = wide();
  const CalibrationPrior prior = prior_of(file);
  const SimulationProblem problem = problem_of(file, 1.4, 0.3, 2);
  const CalibrationResult result = calibrate(small(method), problem, prior.joint, {}, {}, {});
  const JointNormal found = joint_of(result.distribution(), prior.joint);
  // Keys in alphabetical order. The prior is 0.4 and 0.2 away with deviations of 0.3 and 0.29.
  const double drag = found.mean[0], mass = found.mean[1];
  CAPTURE(drag, mass, found.deviation(0), found.deviation(1));
  const double near = method == CalibrationMethod::kBayesSim ? 0.1 : 0.05;
  CHECK(std::abs(mass - 1.4) < near * 1.4);
  CHECK(std::abs(drag - 0.3) < near);
  const Judgement before = judge(problem, prior.joint, 20, 1, {}), after = judge(problem, found, 20, 1, {});
  CHECK(after.mean < 0.5 * before.mean);
  CHECK(result.simulated_steps > 0);
}

/// Stops once as much was saved as `saves`, and goes on from there.
CalibrationResult stopped_and_resumed(const CalibrationConfig& config, const SimulationProblem& problem,
                                      const JointNormal& prior, int saves) {
  ordered_json state;
  CalibrationHooks hooks;
  hooks.save = [&](const ordered_json& saved) {
    state = ordered_json::parse(saved.dump());
    --saves;
  };
  hooks.progress = [&](double, const std::string&) { return saves > 0; };
  CHECK_THROWS_AS(calibrate(config, problem, prior, {}, {}, hooks), Interrupted);
  REQUIRE_FALSE(state.is_null());
  return calibrate(config, problem, prior, {}, state, {});
}

TEST_CASE("a calibration that is stopped and goes on has the bits of one that was not, on any threads",
          "[irl]") {
  const CalibrationMethod method =
      GENERATE(CalibrationMethod::kSimOpt, CalibrationMethod::kCmaEs, CalibrationMethod::kBayesSim);
  CAPTURE(method_name(method));
  const Randomisation file = wide();
  const CalibrationPrior prior = prior_of(file);
  SimulationProblem problem = problem_of(file, 1.2, 0.6, 1);
  CalibrationConfig config = small(method);
  config.samples = 20;
  config.generations = 6;
  config.network.epochs = 3;
  const CalibrationResult whole = calibrate(config, problem, prior.joint, {}, {}, {});
  problem.threads = 1;
  const CalibrationResult parts = stopped_and_resumed(config, problem, prior.joint, 2);
  CHECK(parts.distribution().mean == whole.distribution().mean);
  CHECK(parts.distribution().covariance == whole.distribution().covariance);
  CHECK(parts.steps.size() == whole.steps.size());
  CHECK(parts.simulated_steps == whole.simulated_steps);
}

TEST_CASE("what makes no difference is said not to have been learnt by BayesSim", "[irl]") {
  Randomisation file = wide();
  file.set("visual.colour", {Distribution::Kind::kUniform, {0, 1}});
  const CalibrationPrior prior = prior_of(file);
  const SimulationProblem problem = problem_of(file, 1.4, 0.3, 2);
  const CalibrationResult result =
      calibrate(small(CalibrationMethod::kBayesSim), problem, prior.joint, {}, {}, {});
  const Identification known = identification(gaussian_of(prior.joint), result.distribution());
  CHECK(known.left[0] < 0.5);
  CHECK(known.left[2] > 0.8);
  CHECK(std::abs(known.directions(2, 2)) > 0.9);  // the third key: visual.colour
}

TEST_CASE("the prior of a file has the moments of its distributions, and leaves what is fixed to vary",
          "[irl]") {
  Randomisation file;
  file.set("physics.mass", {Distribution::Kind::kUniform, {0.5, 1.5}});
  file.set("physics.friction", {Distribution::Kind::kLogUniform, {1, 4}});
  file.set("actuators.latency", {Distribution::Kind::kInteger, {0, 2}});
  file.set("sensors.noise", {.values = {0.01}});
  const CalibrationPrior prior = prior_of(file);
  CHECK(prior.joint.keys ==
        std::vector<std::string>{"actuators.latency", "physics.friction", "physics.mass"});
  CHECK(prior.others.distributions().size() == 1);
  // Of 0, 1, 2: mean 1, variance 2 / 3. Log uniform: mean 3 / log 4, second moment 15 / (2 log 4).
  CHECK(prior.joint.mean[0] == Approx(1));
  CHECK(prior.joint.deviation(0) == Approx(std::sqrt(2.0 / 3)));
  const double mean = 3 / std::log(4.0);
  CHECK(prior.joint.mean[1] == Approx(mean));
  CHECK(prior.joint.deviation(1) == Approx(std::sqrt(7.5 / std::log(4.0) - mean * mean)));
  CHECK(prior.joint.deviation(2) == Approx(std::sqrt(1.0 / 12)));
  CHECK((prior.joint.low[2] == 0.5 && prior.joint.high[2] == 1.5));
  CHECK_THROWS_WITH(prior_of(parse_randomisation("physics.mass = 2", "x")),
                    ContainsSubstring("a plain number is not calibrated"));
}

TEST_CASE("what is left of a distribution along each direction follows from both covariances", "[irl]") {
  // Uncorrelated before, with deviations 2 and 0.1; after, the sum of the scaled numbers is known ten times better and
  // their difference not at all: eigenvalues 0.01 and 1 of the scaled covariance.
  const Gaussian prior{Eigen::Vector2d::Zero(), Eigen::Vector2d(4, 0.01).asDiagonal()};
  Eigen::Matrix2d scaled;
  scaled << 0.505, -0.495, -0.495, 0.505;
  const Eigen::Vector2d deviations(2, 0.1);
  const Gaussian posterior{prior.mean, deviations.asDiagonal() * scaled * deviations.asDiagonal()};
  const Identification known = identification(prior, posterior);
  CHECK(known.left[0] == Approx(0.1));
  CHECK(known.left[1] == Approx(1));
  CHECK(known.directions(0, 0) * known.directions(1, 0) == Approx(0.5));
  CHECK(known.directions(0, 1) * known.directions(1, 1) == Approx(-0.5));
  CHECK(correlations(posterior.covariance)(0, 1) == Approx(-0.495 / 0.505));
}

TEST_CASE("a damaged state, another task's rollouts and options out of range are refused", "[irl]") {
  const Randomisation file = wide();
  const CalibrationPrior prior = prior_of(file);
  SimulationProblem problem = problem_of(file, 1, 0.5, 1);
  CHECK_THROWS_WITH(calibrate({}, problem, prior.joint, {}, {{"done", 1}}, {}),
                    ContainsSubstring("cannot be read"));
  problem.environment = "Reach";
  CHECK_THROWS_WITH(calibrate({}, problem, prior.joint, {}, {}, {}),
                    ContainsSubstring("real episodes of Reach"));
  CalibrationConfig config;
  config.updates = 0;
  CHECK_THROWS_WITH(validate(config), ContainsSubstring("--updates: want at least 1, found 0"));
  CHECK_THROWS_WITH(parse_method("simop"), ContainsSubstring("did you mean 'simopt'"));
}

}  // namespace
}  // namespace understudy::tests
