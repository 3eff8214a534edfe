// `understudy calibrate`: from a prior over a simulator's parameters and a few rollouts of the real thing to a
// distribution under which the policy's simulated episodes are like the real ones.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "datasets/format/demonstration_reader.h"
#include "datasets/storage/durable_file.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "datasets/types/version.h"
#include "envs/contract/watching_actor.h"
#include "envs/tasks/registry.h"
#include "irl/calibration/calibration.h"
#include "irl/calibration/calibration_state.h"
#include "tools/commands/command.h"
#include "tools/console/actor_choice.h"
#include "tools/console/console.h"
#include "tools/console/randomise_option.h"
#include "tools/media/calibration_page.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using nlohmann::ordered_json;

constexpr int kMostHeldOut = 10;  ///< rollouts to judge by
constexpr int kJudgingDraws = 20;
constexpr int kShownDraws = 500;      ///< on the page
constexpr int kShownSteps = 150;      ///< of a trajectory on the page
constexpr float kSameAction = 1e-3F;  ///< between a recorded action and the policy's

struct Options {
  std::string method, policy, real, environment, parameters, proposal, out;
  std::vector<std::string> weights;
  int rollouts = 0, threads = 0;
  bool force = false;
  CalibrationConfig config;
};

/// Real episodes to calibrate with and to judge by.
struct RealRollouts {
  std::vector<Episode> used, held_out;
};

RealRollouts read_rollouts(const DemonstrationReader& reader, const Options& options) {
  const int count = reader.size();
  if (count == 0)
    throw Error(options.real + ": want real rollouts, found none; see: understudy eval --record");
  const int used = options.rollouts > 0 ? options.rollouts : std::max(1, count - count / 3);
  if (used > count) {
    throw UsageError("--rollouts: want at most the " + std::to_string(count) + " of " + options.real +
                     ", found " + std::to_string(used));
  }
  RealRollouts real;
  for (int i = 0; i < std::min(count, used + kMostHeldOut); ++i)
    (i < used ? real.used : real.held_out).push_back(reader.read(i));
  return real;
}

/// Throws Error unless the policy would have done in the recording's place what was recorded: rollouts of another policy
/// say nothing about the simulator.
void want_own_rollouts(const Options& options, const ActorFactory& factory, const RealRollouts& real) {
  const auto actor = factory();
  if (dynamic_cast<WatchingActor*>(actor.get()) != nullptr) return;  // the pictures are not there
  const auto want_own = [&](const Episode& episode) {
    actor->reset(0, episode.seed);
    Matrix action(1, episode.actions.cols());
    for (int t = 0; t < episode.length(); ++t) {
      actor->act(episode.observations.row(t), action);
      const float away =
          (action.row(0).cwiseMax(-1.0F).cwiseMin(1.0F) - episode.actions.row(t)).cwiseAbs().maxCoeff();
      if (away < kSameAction) continue;
      throw Error(options.real + ": want rollouts of " + options.policy + ", but it acts otherwise at step " +
                  std::to_string(t) + " of the episode of seed " + std::to_string(episode.seed) + ", by " +
                  std::to_string(away) + ": record its own (eval " + options.policy + " --record FILE)");
    }
  };
  for (const Episode& episode : real.used) want_own(episode);
  for (const Episode& episode : real.held_out) want_own(episode);
}

/// Factors by which `--weight FIELD=FACTOR` weighs the entries of an observation.
void weigh(const Options& options, const Space& space, Eigen::VectorXd& weights) {
  for (const std::string& text : options.weights) {
    const std::size_t sign = text.find('=');
    char* end = nullptr;
    const double factor = sign == std::string::npos ? -1 : std::strtod(text.c_str() + sign + 1, &end);
    if (!(factor >= 0 && std::isfinite(factor)) || end == text.c_str() + sign + 1 || *end != '\0')
      throw UsageError("--weight: want FIELD=FACTOR with a factor of at least 0, found " + text);
    Eigen::Index at = 0;
    bool found = false;
    std::vector<std::string> known;
    for (const Field& field : space.fields()) {
      if (field.name == text.substr(0, sign)) {
        weights.segment(at, field.size) *= factor;
        found = true;
      }
      at += field.size;
      known.push_back(field.name);
    }
    if (!found) throw UsageError("--weight: " + unknown_name("field", text.substr(0, sign), known));
  }
  if (!(weights.maxCoeff() > 0))
    throw Error(options.real + ": want real rollouts in which something moves that has a weight, found none");
}

/// What a calibration that goes on has to agree with.
ordered_json identity(const Options& options, const std::string& environment, const Randomisation& prior,
                      const std::string& proposal) {
  const CalibrationConfig& c = options.config;
  const fs::path policy =
      fs::is_directory(options.policy) ? fs::path(options.policy) / "policy.pt" : fs::path(options.policy);
  return {{"method", method_name(c.method)},
          {"environment", environment},
          {"policy", fs::exists(policy) ? file_sha256(policy) : options.policy},
          {"real", file_sha256(options.real)},
          {"rollouts", options.rollouts},
          {"parameters", to_toml(prior)},
          {"proposal", proposal},
          {"weights", options.weights},
          {"updates", c.updates},
          {"samples", c.samples},
          {"kl", c.kl},
          {"generations", c.generations},
          {"population", c.population},
          {"simulations", c.simulations},
          {"components", c.network.components},
          {"epochs", c.network.epochs},
          {"seed", c.seed}};
}

/// The folder of a calibration: what it has come to so far.
class CalibrationFolder {
 public:
  CalibrationFolder(const Options& options, ordered_json identity)
      : folder_(options.out),
        identity_(std::move(identity)),
        lock_(folder_, options.out + ": another calibration is writing to it; wait for its end") {
    const bool ours = fs::exists(state_file()) || fs::exists(folder_ / "calibration.json");
    if (options.force) {
      for (const char* name : {"state.json", "calibration.json", "randomisation.toml", "page.html"})
        remove_file(folder_ / name);
    } else if (fs::exists(folder_ / "calibration.json")) {
      throw Error(options.out +
                  ": holds a finished calibration; replace it with --force, or choose another --out");
    } else if (ours) {
      read();
    }
  }

  const ordered_json& state() const { return state_; }
  /// Of all sessions.
  double seconds() const { return before_ + std::chrono::duration<double>(Clock::now() - began_).count(); }
  void save(const ordered_json& state) const {
    durable_write(state_file(),
                  ordered_json{{"identity", identity_}, {"seconds", seconds()}, {"state", state}}.dump());
  }
  void finish(const Randomisation& randomisation, ordered_json document, const ordered_json& page) const {
    durable_write(folder_ / "randomisation.toml", to_toml(randomisation));
    const std::string kept = document.dump(2) + "\n";
    document["page"] = page;
    durable_write(folder_ / "page.html", calibration_page(document));
    durable_write(folder_ / "calibration.json", kept);  // last, for it says that all is there
    remove_file(state_file());
  }

 private:
  fs::path state_file() const { return folder_ / "state.json"; }

  void read() {
    const auto document = parsed_json<ordered_json>(read_file(state_file()));
    if (!document.is_object() || !document.contains("identity") || !document.contains("state") ||
        !document.contains("seconds") || !document["identity"].is_object())
      throw Error(state_file().string() + ": damaged; begin anew with --force");
    for (const auto& [name, value] : identity_.items()) {
      if (document["identity"].contains(name) && document["identity"][name] == value) continue;
      throw Error(folder_.string() + ": was begun with another " + name +
                  "; give the same to go on, or begin anew with --force");
    }
    state_ = document["state"];
    before_ = document["seconds"].get<double>();
  }

  fs::path folder_;
  ordered_json identity_, state_;
  DirectoryLock lock_;
  double before_ = 0;
  Clock::time_point began_ = Clock::now();
};

ordered_json to_json(const Judgement& judgement) {
  return {{"mean", judgement.mean},
          {"least", judgement.low},
          {"most", judgement.high},
          {"at_mean", judgement.at_mean}};
}

ordered_json to_json(const JointNormal& joint) {
  ordered_json json = understudy::to_json(gaussian_of(joint));
  json["low"] = joint.low;
  json["high"] = joint.high;
  return json;
}

/// Every so many steps of what was observed, an entry a list.
ordered_json curve(const Episode& episode, int stride) {
  auto entries = ordered_json::array();
  for (Eigen::Index column = 0; column < episode.observations.cols(); ++column) {
    std::vector<float> values;
    for (Eigen::Index t = 0; t < episode.observations.rows(); t += stride)
      values.push_back(episode.observations(t, column));
    entries.push_back(values);
  }
  return entries;
}

/// What only the page shows: draws with what they cost, and one episode as it was and as it is simulated.
ordered_json page_data(const SimulationProblem& problem, const CalibrationResult& result,
                       const JointNormal& prior, const JointNormal& posterior, const EnvironmentSpec& spec) {
  ordered_json page;
  const Eigen::Index stride = std::max<Eigen::Index>(1, result.draws.rows() / kShownDraws);
  std::vector<double> costs;
  Eigen::MatrixXd shown(0, result.draws.cols());
  for (Eigen::Index i = 0; i < result.draws.rows(); i += stride) {
    shown.conservativeResize(shown.rows() + 1, Eigen::NoChange);
    shown.row(shown.rows() - 1) = result.draws.row(i);
    costs.push_back(result.costs[i]);
  }
  page["draws"] = understudy::to_json(shown);
  page["costs"] = costs;
  std::vector<std::string> entries;
  for (const Field& field : spec.observation.fields())
    for (int i = 0; i < field.size; ++i)
      entries.push_back(field.name + (field.size > 1 ? " " + std::to_string(i) : "") + " [" + field.unit +
                        "]");
  const Episode& real = problem.real.front();
  const int every = std::max(1, real.length() / kShownSteps);
  page["episode"] = {{"seed", real.seed},
                     {"every", every},
                     {"entries", entries},
                     {"real", curve(real, every)},
                     {"before", curve(simulated_rollout(problem, 0, gaussian_of(prior).mean), every)},
                     {"after", curve(simulated_rollout(problem, 0, gaussian_of(posterior).mean), every)}};
  return page;
}

void print_summary(const ordered_json& document, const JointNormal& prior, const JointNormal& posterior,
                   const std::string& out) {
  std::printf("%-28s  %-22s  %-22s\n", "parameter", "before", "after");
  for (std::size_t i = 0; i < prior.size(); ++i) {
    char before[48], after[48];
    std::snprintf(before, sizeof before, "%.4g +- %.3g", prior.mean[i], prior.deviation(i));
    std::snprintf(after, sizeof after, "%.4g +- %.3g", posterior.mean[i], posterior.deviation(i));
    std::printf("%-28s  %-22s  %-22s\n", prior.keys[i].c_str(), before, after);
  }
  const ordered_json& judged = document.at("judged");
  std::printf("discrepancy on %d %s rollouts: %.4g before, %.4g after\n", judged.at("rollouts").get<int>(),
              judged.at("held_out").get<bool>() ? "held-out" : "of the same",
              judged.at("before").at("mean").get<double>(), judged.at("after").at("mean").get<double>());
  const ordered_json& cost = document.at("cost");
  std::printf("cost: %d real rollouts, %lld simulated steps, %.1f minutes\n",
              cost.at("real_rollouts").get<int>(), cost.at("simulated_steps").get<long long>(),
              cost.at("minutes").get<double>());
  std::printf("%s/randomisation.toml, calibration.json, page.html\n", out.c_str());
}

void run(const Options& given) {
  Options options = given;
  options.config.method = parse_method(options.method);
  validate(options.config);
  if (!options.proposal.empty() && options.config.method != CalibrationMethod::kBayesSim)
    throw UsageError("--proposal: belongs to bayes-sim; leave it out for " + options.method);
  handle_interrupts();
  const DemonstrationReader reader(options.real);
  const std::string environment =
      options.environment.empty() ? reader.header().environment_id : options.environment;
  if (reader.header().environment_id != environment)
    throw Error(options.real + ": want rollouts of " + environment + ", found those of " +
                reader.header().environment_id);
  const Randomisation parameters = load_randomisation(options.parameters, environment);
  const CalibrationPrior prior = prior_of(parameters);
  std::optional<JointNormal> proposal;
  if (!options.proposal.empty()) {
    proposal = prior_of(load_randomisation(options.proposal, environment)).joint;
    if (proposal->keys != prior.joint.keys)
      throw UsageError(options.proposal + ": want a distribution of the same quantities as in " +
                       options.parameters + ", found others");
  }
  const RealRollouts real = read_rollouts(reader, options);
  SimulationProblem problem{.environment = environment,
                            .make_actor = actor_factory(options.policy, environment),
                            .keys = prior.joint.keys,
                            .others = prior.others,
                            .real = real.used,
                            .threads = options.threads};
  want_own_rollouts(options, problem.make_actor, real);
  const EnvironmentSpec spec = make_environment(environment)->spec();
  problem.discrepancy.weights = deviation_weights(real.used);
  weigh(options, spec.observation, problem.discrepancy.weights);

  const ordered_json who =
      identity(options, environment, parameters, proposal ? to_json(*proposal).dump() : std::string());
  const CalibrationFolder folder(options, who);
  Progress progress("calibrating", 100, "%");
  const CalibrationHooks hooks{.progress =
                                   [&](double share, const std::string& note) {
                                     progress.update(100 * share, note);
                                     return !interrupted();
                                   },
                               .save = [&](const ordered_json& state) { folder.save(state); }};
  CalibrationResult result;
  try {
    result = calibrate(options.config, problem, prior.joint, proposal, folder.state(), hooks);
  } catch (const Interrupted&) {
    throw Interrupted("stopped; the same command goes on from " + options.out);
  }
  const JointNormal posterior = joint_of(result.distribution(), prior.joint);

  SimulationProblem judging = problem;
  const bool held_out = !real.held_out.empty();
  if (held_out) judging.real = real.held_out;
  const auto go_on = [&](int episodes) {
    progress.update(100, "judging, episode " + std::to_string(episodes));
    return !interrupted();
  };
  const Judgement before = judge(judging, prior.joint, kJudgingDraws, options.config.seed, go_on);
  const Judgement after = judge(judging, posterior, kJudgingDraws, options.config.seed, go_on);

  ordered_json document = {{"program", program_version()},
                           {"revision", source_revision()},
                           {"processor", processor_name()},
                           {"policy_path", options.policy},
                           {"real_path", options.real}};
  document.update(who);
  document["keys"] = prior.joint.keys;
  std::vector<std::string> units;
  for (const std::string& key : prior.joint.keys) units.push_back(find_quantity(key).unit);
  document["units"] = units;
  document["prior"] = to_json(prior.joint);
  document["posterior"] = to_json(posterior);
  document["correlations"] = understudy::to_json(correlations(result.distribution().covariance));
  const Identification known = identification(gaussian_of(prior.joint), gaussian_of(posterior));
  document["left"] = std::vector<double>(known.left.begin(), known.left.end());
  document["directions"] = understudy::to_json(Eigen::MatrixXd(known.directions.transpose()));
  if (result.mixture) document["mixture"] = understudy::to_json(*result.mixture);
  document["steps"] = ordered_json::array();
  for (const CalibrationStep& step : result.steps) document["steps"].push_back(understudy::to_json(step));
  document["judged"] = {{"rollouts", judging.real.size()},
                        {"held_out", held_out},
                        {"before", to_json(before)},
                        {"after", to_json(after)}};
  document["cost"] = {{"real_rollouts", real.used.size()},
                      {"simulated_episodes", result.simulated_episodes},
                      {"simulated_steps", result.simulated_steps},
                      {"judging_steps", before.steps + after.steps},
                      {"minutes", folder.seconds() / 60}};
  Randomisation randomisation = prior.others;
  randomisation.set_joint(posterior);
  folder.finish(randomisation, document, page_data(judging, result, prior.joint, posterior, spec));
  print_summary(document, prior.joint, posterior, options.out);
}

}  // namespace

void add_calibrate(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "calibrate",
      "Fit a simulator's parameters to a few real rollouts of a policy; the same command goes on");
  CalibrationConfig& config = options->config;
  command->add_option("method", options->method, "How")
      ->required()
      ->check(CLI::IsMember({"simopt", "cma-es", "bayes-sim"}));
  command->add_option("--policy", options->policy, "Policy that the rollouts are of: a file or a run")
      ->required();
  command->add_option("--real", options->real, "Its real rollouts (.h5, from eval --record)")->required();
  command
      ->add_option("--parameters", options->parameters,
                   "Randomisation file: what is calibrated, and what is known of it")
      ->type_name("FILE")
      ->required();
  command->add_option("--out", options->out, "Folder for randomisation.toml, calibration.json and page.html")
      ->required();
  command->add_option("--env", options->environment, "Task; by default that of the rollouts");
  command
      ->add_option("--rollouts", options->rollouts,
                   "Rollouts to calibrate with, the first of the file; the next ten judge. 0: two thirds")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  command->add_option("--weight", options->weights,
                      "FIELD=FACTOR: weighs a field of the observation in the discrepancy; may be repeated");
  command->add_option("--updates", config.updates, "simopt: updates of the distribution")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--samples", config.samples, "simopt: draws an update")
      ->check(CLI::Range(2, 1'000'000))
      ->capture_default_str();
  command->add_option("--kl", config.kl, "simopt: most an update moves, nats")
      ->check(CLI::Range(1e-3, 10.0))
      ->capture_default_str();
  command->add_option("--generations", config.generations, "cma-es: at most")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->add_option("--population", config.population, "cma-es: draws a generation; 0: 4 + 3 log n")
      ->check(CLI::Range(0, 100'000))
      ->capture_default_str();
  command->add_option("--simulations", config.simulations, "bayes-sim: draws from the prior")
      ->check(CLI::Range(280, 1'000'000))
      ->capture_default_str();
  command
      ->add_option("--components", config.network.components,
                   "bayes-sim: normal distributions of the posterior")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command->add_option("--epochs", config.network.epochs, "bayes-sim: passes over the simulations")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command
      ->add_option("--proposal", options->proposal,
                   "bayes-sim: randomisation file to simulate from instead of the prior")
      ->type_name("FILE");
  command->add_option("--seed", config.seed, "Of the draws")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{9999}))
      ->capture_default_str();
  command->add_option("--threads", options->threads, "Threads; 0: one a core. Nothing depends on it")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_flag("--force", options->force, "Replace the calibration that is in --out");
  command->callback([options] { run(*options); });
}

}  // namespace understudy::tools
