// `understudy eval compare` and `eval plan`: whether one arm is better than another, and how many episodes tell.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "envs/rollouts/comparison.h"
#include "envs/rollouts/significance.h"
#include "tools/commands/command.h"
#include "tools/console/actor_choice.h"
#include "tools/console/console.h"
#include "tools/console/evaluation_file.h"
#include "tools/console/evaluation_options.h"
#include "tools/console/randomise_option.h"
#include "tools/console/robot_warnings.h"
#include "tools/console/task_criterion.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

struct CompareOptions {
  std::string first, second;
  bool runs = false;
  std::string environment;
  EvaluationChoice evaluation;
  std::optional<double> tolerance;
  bool json = false;
};

/// What an arm names: a policy to evaluate, or one whose episodes are known.
struct Named {
  std::string policy;
  std::optional<EvaluatedPolicy> known;
};

std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> parts;
  for (const std::string& part : CLI::detail::split(list, ',')) {
    if (!part.empty()) parts.push_back(part);
  }
  if (parts.empty()) throw UsageError("an arm: want a policy, a run or a file of results, found nothing");
  return parts;
}

/// The policy of a file of results that `part` names, as FILE.json or FILE.json:NAME.
EvaluatedPolicy known_policy(const std::string& part) {
  const std::size_t end = part.rfind(".json");
  const std::string file = part.substr(0, end + 5), name = part.size() > end + 6 ? part.substr(end + 6) : "";
  std::vector<EvaluatedPolicy> policies = read_evaluation(file);
  std::string names;
  for (EvaluatedPolicy& policy : policies) {
    if (policy.name == name || (name.empty() && policies.size() == 1)) return std::move(policy);
    names += (names.empty() ? "" : ", ") + policy.name;
  }
  throw UsageError(file + ": want one of its policies, as in " + file + ":" + policies.front().name +
                   ", found " + (name.empty() ? "none named" : "'" + name + "'") + "; it has " + names);
}

bool names_results(const std::string& part) {
  const std::size_t end = part.rfind(".json");
  return end != std::string::npos && (part.size() == end + 5 || part[end + 5] == ':');
}

/// The run directories in `folder`, by name.
std::vector<std::string> runs_in(const std::string& folder) {
  std::vector<std::string> runs;
  if (fs::is_directory(folder)) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (fs::exists(entry.path() / "policy.pt")) runs.push_back(entry.path().string());
    }
  }
  if (runs.empty()) throw UsageError("--runs: want folders with trained runs in them, found " + folder);
  std::sort(runs.begin(), runs.end());
  return runs;
}

std::vector<Named> members(const std::string& arm, bool runs) {
  std::vector<Named> found;
  for (const std::string& part : parts_of(arm)) {
    if (names_results(part)) {
      found.push_back({"", known_policy(part)});
    } else if (runs) {
      for (const std::string& run : runs_in(part)) found.push_back({run, {}});
    } else {
      found.push_back({part, {}});
    }
  }
  return found;
}

/// The task of all of them; empty: of files that do not say it.
std::string task_of(const std::vector<Named>& all, const std::string& wanted) {
  std::string task = wanted;
  std::vector<std::string> policies;
  for (const Named& one : all) {
    if (!one.known) {
      policies.push_back(one.policy);
    } else if (task.empty()) {
      task = one.known->environment;
    }
  }
  if (!policies.empty()) task = chosen_environment(policies, task);
  for (const Named& one : all) {
    if (one.known && !one.known->environment.empty() && one.known->environment != task) {
      throw UsageError("eval compare: want both arms in one task, found " + task + " and " +
                       one.known->environment + " (" + one.known->name + ")");
    }
  }
  return task;
}

std::string points(const Interval& interval, double scale) {
  char text[48];
  std::snprintf(text, sizeof text, "[%+.3g, %+.3g]", scale * interval.low, scale * interval.high);
  return text;
}

void print_arm(const std::string& name, int width, bool judged, const ArmFigures& arm) {
  char rate[16] = "-", success[40] = "-", middle[48];
  if (judged) std::snprintf(rate, sizeof rate, "%.1f %%", 100 * arm.success_rate);
  if (judged)
    std::snprintf(success, sizeof success, "[%.1f, %.1f]", 100 * arm.success.low, 100 * arm.success.high);
  std::snprintf(middle, sizeof middle, "[%.4g, %.4g]", arm.middle_return.interval.low,
                arm.middle_return.interval.high);
  std::printf("%-*s  %9zu  %8s  %-15s  %9.4g  %9.4g  %s\n", width, name.c_str(), arm.training_rates.size(),
              rate, success, arm.mean_return, arm.middle_return.value, middle);
}

void print(const Comparison& c, const Arm& first, const Arm& second, const std::string& task) {
  const int width = static_cast<int>(std::max({first.name.size(), second.name.size(), std::size_t{3}}));
  std::printf("%s: %d episodes of each policy, %s\n", task.empty() ? "unnamed task" : task.c_str(),
              c.episodes, c.paired ? "the same for both arms" : "different ones in either arm");
  std::printf("%-*s  %9s  %8s  %-15s  %9s  %9s  %s\n", width, "arm", "policies", "success", "95 % interval",
              "return", "IQM", "95 % interval");
  const bool judged = task.empty() || has_success(task);
  print_arm(first.name, width, judged, c.first);
  print_arm(second.name, width, judged, c.second);
  if (judged)
    std::printf("difference of success   %+.1f points, 95 %% interval %s\n", 100 * c.difference,
                points(c.difference_interval, 100).c_str());
  std::printf("difference of return    %+.4g, 95 %% interval %s\n", c.return_difference,
              points(c.return_interval, 1).c_str());
  std::printf("greater return          in %.1f %% of pairs of episodes, 95 %% interval [%.1f, %.1f]\n",
              100 * c.improvement, 100 * c.improvement_interval.low, 100 * c.improvement_interval.high);
  if (c.first_alone + c.second_alone > 0) {
    std::printf("only one succeeded      %s in %d episodes, %s in %d; correlation %.2f\n", first.name.c_str(),
                c.first_alone, second.name.c_str(), c.second_alone, c.correlation);
  }
  std::printf("%s: p = %.3g\n%s\n", c.test.c_str(), c.p, c.verdict.c_str());
}

ordered_json to_json(const ArmFigures& arm, const std::string& name) {
  return {{"name", name},
          {"success_rate", arm.success_rate},
          {"success_interval", {arm.success.low, arm.success.high}},
          {"training_rates", arm.training_rates},
          {"mean_return", arm.mean_return},
          {"middle_return", arm.middle_return.value},
          {"middle_interval", {arm.middle_return.interval.low, arm.middle_return.interval.high}}};
}

ordered_json to_json(const Comparison& c, const Arm& first, const Arm& second, const std::string& task) {
  ordered_json profile = ordered_json::array();
  for (const ProfilePoint& point : c.profile)
    profile.push_back({{"return", point.threshold}, {"first", point.first}, {"second", point.second}});
  return {{"environment", task},
          {"program", program_version()},
          {"revision", source_revision()},
          {"first", to_json(c.first, first.name)},
          {"second", to_json(c.second, second.name)},
          {"episodes", c.episodes},
          {"paired", c.paired},
          {"test", c.test},
          {"p", c.p},
          {"first_alone", c.first_alone},
          {"second_alone", c.second_alone},
          {"correlation", c.correlation},
          {"difference", c.difference},
          {"difference_interval", {c.difference_interval.low, c.difference_interval.high}},
          {"return_difference", c.return_difference},
          {"return_interval", {c.return_interval.low, c.return_interval.high}},
          {"improvement", c.improvement},
          {"improvement_interval", {c.improvement_interval.low, c.improvement_interval.high}},
          {"more_episodes", c.more_episodes},
          {"more_trainings", c.more_trainings},
          {"profile", std::move(profile)},
          {"verdict", c.verdict}};
}

void compare_arms(const CompareOptions& options) {
  const std::vector<Named> firsts = members(options.first, options.runs);
  const std::vector<Named> seconds = members(options.second, options.runs);
  std::vector<Named> all = firsts;
  all.insert(all.end(), seconds.begin(), seconds.end());
  const std::string task = task_of(all, options.environment);
  const bool evaluates = std::any_of(all.begin(), all.end(), [](const Named& one) { return !one.known; });
  Randomisation randomisation;
  if (evaluates) {
    warn_about_robot(task);
    randomisation = load_randomisation(options.evaluation.randomise, task);
  }
  handle_interrupts();
  const auto arm_of = [&](const std::string& text, const std::vector<Named>& named) {
    Arm arm{text, {}};
    if (named.size() == 1 && named.front().known) arm.name = named.front().known->name;
    for (const Named& one : named) {
      arm.trainings.push_back(one.known ? one.known->outcomes
                                        : evaluate_policy(one.policy, actor_factory(one.policy, task), task,
                                                          randomisation, options.evaluation));
    }
    return arm;
  };
  Arm first = arm_of(options.first, firsts), second = arm_of(options.second, seconds);
  if (first.name == second.name) {
    first.name = options.first;
    second.name = options.second;
  }
  const Comparison c = compare(first, second, options.evaluation.seed);
  if (options.json) {
    std::printf("%s\n", to_json(c, first, second, task).dump(2).c_str());
  } else {
    print(c, first, second, task);
  }
  const double difference = c.by_return ? c.return_difference : 100 * c.difference;
  if (options.tolerance && c.p < 0.05 && difference < -*options.tolerance) {
    char text[96];
    std::snprintf(text, sizeof text, "%.3g %s worse than the second arm, more than --tolerance %g",
                  -difference, c.by_return ? "of return" : "points of success", *options.tolerance);
    throw Regression(first.name + ": " + text);
  }
}

struct PlanOptions {
  double success = 0, against = 0;  ///< per cent
  double correlation = 0;
  double power = 80;  ///< per cent
  int episodes = 0;
  bool json = false;
};

/// The greatest rate below `options.success` that `episodes` tell from it with the power wanted, in per cent; negative:
/// not even 0 %.
double least_difference(const PlanOptions& options) {
  for (double against = options.success; against >= 0; against -= 0.1) {
    const double second = std::max(0.0, against) / 100;
    try {
      const Discordance chances = discordance(options.success / 100, second, options.correlation);
      if (paired_power(chances, options.episodes) >= options.power / 100) return against;
    } catch (const UsageError&) {
      return -1;  // no two such policies correlate so
    }
  }
  return -1;
}

void plan(const PlanOptions& options) {
  const Discordance chances = discordance(options.success / 100, options.against / 100, options.correlation);
  const int needed = episodes_needed(chances, options.power / 100);
  ordered_json found = {{"success", options.success},
                        {"against", options.against},
                        {"correlation", options.correlation},
                        {"power", options.power},
                        {"episodes", needed > 0 ? ordered_json(needed) : ordered_json()}};
  std::string lines;
  char text[200];
  std::snprintf(text, sizeof text,
                "%g %% is told from %g %% on the same episodes, in %g %% of comparisons: ", options.success,
                options.against, options.power);
  lines = text +
          (needed > 0 ? "with " + std::to_string(needed) + " episodes of each policy"
                      : std::string("not with 100,000 episodes")) +
          "\n";
  if (options.episodes > 0) {
    const double power = 100 * paired_power(chances, options.episodes), least = least_difference(options);
    found["power_of_episodes"] = power;
    found["told_from"] = least >= 0 ? ordered_json(least) : ordered_json();
    std::snprintf(text, sizeof text, "%d episodes tell them in %.1f %% of comparisons", options.episodes,
                  power);
    lines += text;
    if (least >= 0) {
      std::snprintf(text, sizeof text, ", and %g %% from %.1f %% or less in %g %%", options.success, least,
                    options.power);
      lines += text;
    }
    lines += "\n";
  }
  std::printf("%s", options.json ? (found.dump(2) + "\n").c_str() : lines.c_str());
}

}  // namespace

void add_eval_compare(CLI::App& eval) {
  const auto options = std::make_shared<CompareOptions>();
  CLI::App* command =
      eval.add_subcommand("compare", "Say whether one policy, or way of training, beats another");
  const std::string arm =
      "policies, runs or results of 'eval --json' (FILE.json, or FILE.json:NAME of several), also of "
      "LeRobot's "
      "eval_info.json; several with commas between are trainings of one kind";
  command->add_option("first", options->first, "The first arm: " + arm)->required();
  command->add_option("second", options->second, "The second arm, e.g. what there was before")->required();
  command->add_flag("--runs", options->runs, "Folders stand for all runs in them");
  command->add_option("--env", options->environment, "Task; default: the one that a policy was trained on");
  add_evaluation_options(*command, options->evaluation);
  command
      ->add_option(
          "--tolerance", options->tolerance,
          "Exit with 3 when the first arm is shown to be worse by more than this, in points of success")
      ->check(CLI::NonNegativeNumber);
  command->add_flag("--json", options->json, "For machines: with the profile of returns");
  command->callback([options] { compare_arms(*options); });
}

void add_eval_plan(CLI::App& eval) {
  const auto options = std::make_shared<PlanOptions>();
  CLI::App* command = eval.add_subcommand("plan", "Say how many episodes tell two rates of success apart");
  command->add_option("--success", options->success, "Rate of the one policy, in per cent")
      ->required()
      ->check(CLI::Range(0.0, 100.0));
  command->add_option("--against", options->against, "Rate of the other, in per cent")
      ->required()
      ->check(CLI::Range(0.0, 100.0));
  command
      ->add_option(
          "--correlation", options->correlation,
          "Of successes in the same episode, as 'eval compare' prints it; 0: what is hard for one is not for "
          "the other")
      ->check(CLI::Range(-1.0, 1.0))
      ->capture_default_str();
  command->add_option("--power", options->power, "Share of comparisons that show it, in per cent")
      ->check(CLI::Range(1.0, 99.9))
      ->capture_default_str();
  command->add_option("--episodes", options->episodes, "Also what this many tell")
      ->check(CLI::Range(1, 100000));
  command->add_flag("--json", options->json, "For machines");
  command->callback([options] { plan(*options); });
}

}  // namespace understudy::tools
