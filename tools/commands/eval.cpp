// `understudy eval`: any number of policies on the same episodes, with intervals and a verdict.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "envs/contract/environment.h"
#include "envs/contract/watching_actor.h"
#include "envs/rollouts/evaluation.h"
#include "envs/tasks/registry.h"
#include "tools/commands/command.h"
#include "tools/console/actor_choice.h"
#include "tools/console/console.h"
#include "tools/console/demonstration_options.h"
#include "tools/console/evaluation_options.h"
#include "tools/console/randomise_option.h"
#include "tools/console/robot_warnings.h"
#include "tools/console/task_criterion.h"

namespace understudy::tools {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::vector<std::string> policies;
  std::string environment;
  EvaluationChoice evaluation;
  bool json = false;
  std::string trace;
  DemonstrationChoice demonstrations;  ///< to compare with
};

struct Evaluated {
  std::string name;
  std::vector<EpisodeOutcome> outcomes;
  EvaluationSummary summary;
  std::optional<Likeness> likeness;
};

/// What policies are compared by: success in per cent, the return where the task has no criterion.
std::vector<double> figures(const Evaluated& evaluated, bool success) {
  std::vector<double> values;
  for (const EpisodeOutcome& outcome : evaluated.outcomes)
    values.push_back(!success ? outcome.episode_return : outcome.success ? 100 : 0);
  return values;
}

/// Whether the first policy does better than `other` on the same episodes.
std::string verdict(const Evaluated& first, const Evaluated& other, bool success, std::uint64_t seed) {
  const Interval interval =
      paired_difference_interval(figures(first, success), figures(other, success), seed);
  const double difference = success ? 100 * (first.summary.success_rate - other.summary.success_rate)
                                    : first.summary.mean_return - other.summary.mean_return;
  char text[160];
  std::snprintf(text, sizeof text, "%+.1f %s over %s, 95 %% interval [%+.1f, %+.1f]: ", difference,
                success ? "points of success" : "of return", other.name.c_str(), interval.low, interval.high);
  const char* word = interval.low > 0 ? "better" : interval.high < 0 ? "worse" : "no difference shown";
  return text + std::string(word);
}

ordered_json to_json(const Options& options, const std::string& environment,
                     const std::vector<Evaluated>& all) {
  ordered_json document = {{"environment", environment},
                           {"program", program_version()},
                           {"revision", source_revision()},
                           {"seed", options.evaluation.seed},
                           {"first_episode_seed", all.front().outcomes.front().seed}};
  if (!options.evaluation.randomise.empty()) document["randomise"] = options.evaluation.randomise;
  document["policies"] = ordered_json::array();
  const bool judged = has_success(environment);
  const auto or_null = [judged](auto value) { return judged ? ordered_json(value) : ordered_json(); };
  for (const Evaluated& one : all) {
    const EvaluationSummary& s = one.summary;
    ordered_json episodes = ordered_json::array();
    for (const EpisodeOutcome& outcome : one.outcomes) {
      episodes.push_back({{"seed", outcome.seed},
                          {"success", or_null(outcome.success)},
                          {"return", outcome.episode_return},
                          {"best_reward", outcome.best_reward},
                          {"length", outcome.length},
                          {"terminated", outcome.terminated},
                          {"truncated", outcome.truncated}});
      if (!outcome.variation.empty()) {
        episodes.back()["variation"] = ordered_json::parse(to_json(outcome.variation));
      }
    }
    ordered_json policy = {{"policy", one.name},
                           {"episodes", s.episodes},
                           {"success_rate", or_null(s.success_rate)},
                           {"success_interval", or_null(std::vector{s.success.low, s.success.high})},
                           {"mean_return", s.mean_return},
                           {"return_interval", {s.episode_return.low, s.episode_return.high}},
                           {"mean_best_reward", s.mean_best_reward},
                           {"mean_length", s.mean_length}};
    if (one.likeness) {
      const Likeness& l = *one.likeness;
      policy["middle_return"] = l.middle.value;
      policy["middle_interval"] = {l.middle.interval.low, l.middle.interval.high};
      policy["demonstrations_return"] = l.demonstrations_return;
      policy["distance"] = l.distance;
    }
    policy["outcomes"] = std::move(episodes);
    document["policies"].push_back(std::move(policy));
  }
  auto verdicts = ordered_json::array();
  for (std::size_t i = 1; i < all.size(); ++i)
    verdicts.push_back(verdict(all[0], all[i], judged, options.evaluation.seed));
  document["verdicts"] = verdicts;
  return document;
}

void print_table(const Options& options, const std::string& environment, const std::vector<Evaluated>& all) {
  std::size_t width = 6;
  for (const Evaluated& one : all) width = std::max(width, one.name.size());
  const auto& outcomes = all.front().outcomes;
  const std::string varied =
      options.evaluation.randomise.empty() ? "" : ", varied by " + options.evaluation.randomise;
  std::printf("%s: %zu episodes, seeds %llu to %llu%s\n", environment.c_str(), outcomes.size(),
              static_cast<unsigned long long>(outcomes.front().seed),
              static_cast<unsigned long long>(outcomes.back().seed), varied.c_str());
  const bool judged = has_success(environment);
  std::printf("%-*s  %8s  %-15s  %9s  %-19s  %s\n", static_cast<int>(width), "policy", "success",
              "95 % interval", "return", "95 % interval", "length");
  for (const Evaluated& one : all) {
    const EvaluationSummary& s = one.summary;
    char rate[16] = "-";
    char success[32] = "-";
    char mean_return[40];
    if (judged) {
      std::snprintf(rate, sizeof rate, "%.1f %%", 100 * s.success_rate);
      std::snprintf(success, sizeof success, "[%.1f, %.1f]", 100 * s.success.low, 100 * s.success.high);
    }
    std::snprintf(mean_return, sizeof mean_return, "[%.2f, %.2f]", s.episode_return.low,
                  s.episode_return.high);
    std::printf("%-*s  %8s  %-15s  %9.2f  %-19s  %.1f\n", static_cast<int>(width), one.name.c_str(), rate,
                success, s.mean_return, mean_return, s.mean_length);
  }
  if (all.front().likeness) {
    std::printf("\nbeside demonstrations of return %.2f:\n%-*s  %9s  %-19s  %6s  %s\n",
                all.front().likeness->demonstrations_return, static_cast<int>(width), "policy", "IQM",
                "95 % interval", "share", "W1");
  }
  for (const Evaluated& one : all) {
    if (!one.likeness) continue;
    const Likeness& l = *one.likeness;
    char interval[40];
    std::snprintf(interval, sizeof interval, "[%.2f, %.2f]", l.middle.interval.low, l.middle.interval.high);
    char share[16] = "";
    if (l.demonstrations_return > 0)
      std::snprintf(share, sizeof share, "%.3f", l.middle.value / l.demonstrations_return);
    std::printf("%-*s  %9.2f  %-19s  %6s  %.3f\n", static_cast<int>(width), one.name.c_str(), l.middle.value,
                interval, share, l.distance);
  }
  for (std::size_t i = 1; i < all.size(); ++i) {
    std::printf("%s: %s\n", all[0].name.c_str(),
                verdict(all[0], all[i], judged, options.evaluation.seed).c_str());
  }
}

/// One episode's observations and actions as CSV with nine digits, so that another program can check that it
/// computes the same actions.
void write_trace(const std::string& path, const std::string& environment_id,
                 const Randomisation& randomisation, Actor& actor, std::uint64_t seed) {
  const auto environment = make_environment(environment_id, randomisation);
  const EnvironmentSpec& spec = environment->spec();
  watch(actor, *environment);
  std::ofstream file(path);
  if (!file) throw Error(path + ": cannot be written; check the folder and its permissions");
  for (int i = 0; i < spec.observation.size(); ++i) file << "obs_" << i << ',';
  for (int i = 0; i < spec.action.size(); ++i)
    file << "action_" << i << (i + 1 < spec.action.size() ? "," : "\n");
  file.precision(9);
  Matrix observation(1, spec.observation.size());
  Matrix action(1, spec.action.size());
  Vector row(spec.observation.size());
  environment->reset(seed, row);
  actor.reset(0, seed);
  StepResult result;
  do {
    observation.row(0) = row.transpose();
    actor.act(observation, action);
    for (int i = 0; i < observation.cols(); ++i) file << observation(0, i) << ',';
    for (int i = 0; i < action.cols(); ++i) file << action(0, i) << (i + 1 < action.cols() ? "," : "\n");
    result = environment->step(action.row(0).transpose(), row);
  } while (!result.terminated && !result.truncated);
  if (!file.flush()) {
    file.close();
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    throw Error(path +
                ": cannot be written, is the disk full? Free some space and run the same command again");
  }
}

void run(const Options& options) {
  const std::string environment = chosen_environment(options.policies, options.environment);
  warn_about_robot(environment);
  const Randomisation randomisation = load_randomisation(options.evaluation.randomise, environment);
  Compare compare;
#ifdef UNDERSTUDY_HAVE_TORCH
  compare = load_comparison(options.demonstrations, environment, randomisation, options.evaluation.seed);
#endif
  std::vector<ActorFactory> factories;
  for (const std::string& policy : options.policies) factories.push_back(actor_factory(policy, environment));
  if (!options.trace.empty() && dynamic_cast<WatchingActor*>(factories.front()().get()) != nullptr) {
    throw UsageError("--trace: want a policy without pictures, which are not in its table, found " +
                     options.policies.front());
  }
  if (!options.trace.empty() && std::filesystem::exists(options.trace)) {
    throw Error(options.trace + ": exists already; choose another --trace file or remove it");
  }

  handle_interrupts();
  std::vector<Evaluated> all;
  for (std::size_t i = 0; i < factories.size(); ++i) {
    Evaluated one;
    one.name = options.policies[i];
    one.outcomes = evaluate_policy(one.name, factories[i], environment, randomisation, options.evaluation);
    one.summary = summarise(one.outcomes, options.evaluation.seed);
    if (compare) one.likeness = compare(one.outcomes, factories[i]);
    all.push_back(std::move(one));
  }
  if (!options.trace.empty()) {
    write_trace(options.trace, environment, randomisation, *factories.front()(),
                all.front().outcomes.front().seed);
  }
  if (options.json) {
    std::printf("%s\n", to_json(options, environment, all).dump(2).c_str());
  } else {
    print_table(options, environment, all);
  }
}

}  // namespace

void add_eval(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("eval", "Measure policies on the same unseen episodes");
  command->add_option("policies", options->policies,
                      "policy.pt files or run directories; 'expert' and 'random' are the task's own");
  command->add_option("--env", options->environment,
                      "Task; default: the one the first policy was trained on");
  add_evaluation_options(*command, options->evaluation);
#ifdef UNDERSTUDY_HAVE_TORCH
  add_demonstration_options(*command, options->demonstrations);
#endif
  command->add_option("--trace", options->trace,
                      "Write observations and actions of the first policy's first episode to this CSV file");
  command->add_flag("--json", options->json, "For machines: every episode's outcome too");
  command->callback([options, command] {
    if (!command->get_subcommands().empty()) return;
    if (options->policies.empty()) throw CLI::RequiredError("policies");
    run(*options);
  });
  add_eval_compare(*command);
  add_eval_plan(*command);
}

}  // namespace understudy::tools
