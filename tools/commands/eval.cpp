// `understudy eval`: any number of policies on the same episodes, with intervals and a verdict.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "envs/contract/episode_seeds.h"
#include "envs/contract/watching_actor.h"
#include "envs/rollouts/evaluation.h"
#include "tools/commands/command.h"
#include "tools/commands/eval_cells.h"
#include "tools/commands/eval_parts.h"
#include "tools/console/actor_choice.h"
#include "tools/console/console.h"
#include "tools/console/demonstration_options.h"
#include "tools/console/evaluated.h"
#include "tools/console/evaluation_options.h"
#include "tools/console/look_option.h"
#include "tools/console/randomise_option.h"
#include "tools/console/robot_warnings.h"
#include "tools/console/task_criterion.h"
#include "tools/console/world_option.h"
#include "tools/tasks/work.h"

namespace understudy::tools {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::vector<std::string> policies;
  std::string environment;
  EvaluationChoice evaluation;
  bool json = false;
  bool latency = false;
  std::string trace;
  int trace_episodes = 1;
  std::string record;
  std::string failures;
  std::string look;
  std::string suite;    ///< instead of all of the above
  std::string out;      ///< where results are kept
  std::string collect;  ///< "complete" or "partial": only what is in `out`
  CellWork work;
  std::string checkpoints;             ///< "all": of the one run that is named
  DemonstrationChoice demonstrations;  ///< to compare with
};

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
  if (const ChosenWorld& world = chosen_world(); !world.file.empty())
    document["world"] = {{"file", world.file}, {"sha256", world.sha256}};
  if (!options.look.empty()) document["look"] = options.look;
  document["policies"] = ordered_json::array();
  const bool judged = has_success(environment);
  for (const Evaluated& one : all) document["policies"].push_back(to_json(one, judged));
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
  std::string varied =
      options.evaluation.randomise.empty() ? "" : ", varied by " + options.evaluation.randomise;
  if (!chosen_world().file.empty()) varied += ", in the world of " + chosen_world().file;
  if (!options.look.empty()) varied += ", seen with the look of " + options.look;
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
  for (const Evaluated& one : all) {
    const std::string failures = failure_text(one, judged);
    if (!failures.empty()) std::printf("%s: %s\n", one.name.c_str(), failures.c_str());
    if (one.times) std::printf("%s: %s\n", one.name.c_str(), latency_text(*one.times).c_str());
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

void want_new_trace(const Options& options, const ActorFactory& first) {
  if (options.trace.empty()) return;
  if (dynamic_cast<WatchingActor*>(first().get()) != nullptr) {
    throw UsageError("--trace: want a policy without pictures, which are not in its table, found " +
                     options.policies.front());
  }
  if (std::filesystem::exists(options.trace))
    throw Error(options.trace + ": exists already; choose another --trace file or remove it");
  if (options.trace_episodes > options.evaluation.episodes) {
    throw UsageError("--trace-episodes: want at most the " + std::to_string(options.evaluation.episodes) +
                     " of --episodes, found " + std::to_string(options.trace_episodes));
  }
}

/// Options that need the episodes themselves, not only what they came to.
bool wants_episodes(const Options& options) {
  return !options.trace.empty() || !options.record.empty() || !options.failures.empty() || options.latency ||
         !options.demonstrations.data.empty() || !options.look.empty();
}

std::vector<EvaluationCell> cells_of(const Options& options) {
  const std::string environment = chosen_environment(options.policies, options.environment);
  CellNames names(options.out);
  const CellFilter filter(options.out, options.work.task);
  const Randomisation randomisation = load_randomisation(options.evaluation.randomise, environment);
  std::vector<EvaluationCell> cells;
  for (const std::string& policy : options.policies) {
    if (!filter.wants(environment, policy, "")) continue;
    actor_factory(policy, environment);
    cells.push_back({environment, policy, "", randomisation});
    names.name(cells.back(), options.evaluation);
  }
  return cells;
}

/// With every policy's result kept in a file.
void run_kept(const Options& options) {
  if (wants_episodes(options))
    throw UsageError(
        "--out keeps results only: want no --data, --trace, --record, --failures, --look or --latency beside "
        "it");
  const std::string environment = chosen_environment(options.policies, options.environment);
  warn_about_robot(environment);
  std::vector<EvaluationCell> cells = cells_of(options);
  if (options.work.task.empty()) want_cells_folder(options.out);
  handle_interrupts();
  if (options.work.task.empty() && !options.work.collect) want_nobody_at_work(options.out);
  cells = work_on_cells(std::move(cells), options.evaluation, options.out, options.work);
  if (!options.work.task.empty()) return;
  if (cells.empty()) throw Error(options.out + ": no result is there yet; `understudy work` makes them");
  std::vector<Evaluated> all;
  for (const EvaluationCell& cell : cells)
    all.push_back(evaluated(cell.policy, outcomes_of(read_cell(cell)), options.evaluation.seed));
  const std::string document = to_json(options, environment, all).dump(2) + "\n";
  durable_write(std::filesystem::path(options.out) / "eval.json", document);
  if (options.json) {
    std::printf("%s", document.c_str());
  } else {
    print_table(options, environment, all);
  }
}

/// A look changes nothing for policies that see no pictures: whoever asks for one is told.
void want_seeing(const Options& options, const std::vector<ActorFactory>& factories) {
  for (const ActorFactory& factory : factories)
    if (dynamic_cast<WatchingActor*>(factory().get()) != nullptr) return;
  throw UsageError("--look: want a policy that sees pictures, found none; leave --look " + options.look +
                   " out, or clone one with --cameras");
}

/// Evaluates one policy, and what else is wanted of its episodes.
Evaluated evaluate_one(const Options& options, const std::string& name, const ActorFactory& factory,
                       const std::string& environment, const Randomisation& randomisation,
                       const Leaving& leaving, RolloutRecording* recording) {
  EvaluationOptions extra;
  EvaluationTimes times;
  if (options.latency) extra.times = &times;
  if (leaving || recording != nullptr) {
    extra.keep = [&](EpisodeOutcome& outcome, const Episode& episode) {
      if (leaving && outcome.failed()) outcome.left_demonstrations = leaving(episode.observations);
      if (recording != nullptr) recording->keep(episode, name);
    };
  }
  Evaluated one =
      evaluated(name, evaluate_policy(name, factory, environment, randomisation, options.evaluation, extra),
                options.evaluation.seed);
  if (options.latency) one.times = times;
  return one;
}

void run(const Options& options) {
  const std::string environment = chosen_environment(options.policies, options.environment);
  warn_about_robot(environment);
  const Randomisation randomisation = load_randomisation(options.evaluation.randomise, environment);
  Compare compare;
  Leaving leaving;
#ifdef UNDERSTUDY_HAVE_TORCH
  compare = load_comparison(options.demonstrations, environment, randomisation, options.evaluation.seed);
  leaving = load_leaving(options.demonstrations, environment, options.evaluation.seed);
#endif
  std::vector<ActorFactory> factories;
  std::optional<Looks> looks;
#ifdef UNDERSTUDY_HAVE_SDL
  looks = load_looks(options.look);
#endif
  for (const std::string& policy : options.policies)
    factories.push_back(actor_factory(policy, environment, looks));
  if (looks) want_seeing(options, factories);
  want_new_trace(options, factories.front());
#ifdef UNDERSTUDY_HAVE_SDL
  std::optional<FailureVideos> videos;
  if (!options.failures.empty())
    videos.emplace(options.failures, environment, randomisation, options.policies);
#endif
  const std::uint64_t first = episode_seed(SeedUse::kEvaluation, options.evaluation.seed, 0);
  std::optional<RolloutRecording> recording;
  if (!options.record.empty())
    recording.emplace(options.record, environment, options.policies, first, options.evaluation.episodes);

  handle_interrupts();
  std::vector<Evaluated> all;
  for (std::size_t i = 0; i < factories.size(); ++i) {
    try {
      all.push_back(evaluate_one(options, options.policies[i], factories[i], environment, randomisation,
                                 leaving, recording ? &*recording : nullptr));
    } catch (const Interrupted&) {
      if (recording) recording->finish();
      throw;
    }
    if (compare) all.back().likeness = compare(all.back().outcomes, factories[i]);
  }
  if (recording) {
    const int episodes = recording->finish();
    std::fprintf(stderr, "%s: holds %d episodes\n", options.record.c_str(), episodes);
  }
  if (!options.trace.empty()) {
    std::vector<std::uint64_t> seeds;
    for (int i = 0; i < options.trace_episodes; ++i) seeds.push_back(first + static_cast<std::uint64_t>(i));
    write_trace(options.trace, environment, randomisation, *factories.front()(), seeds);
  }
  if (!options.json) print_table(options, environment, all);  // before videos, which take a while
#ifdef UNDERSTUDY_HAVE_SDL
  for (std::size_t i = 0; videos && i < all.size(); ++i) {
    videos->draw(all[i], factories[i]);
    for (const NotableEpisode& episode : all[i].notable) {
      if (!options.json) std::printf("%s\n", episode.video.c_str());
    }
  }
#endif
  if (options.json) std::printf("%s\n", to_json(options, environment, all).dump(2).c_str());
}

/// What is evaluated instead of policies that are named one by one.
void add_other_ways(CLI::App& command, Options& options) {
  command.add_option(
      "--suite", options.suite,
      "TOML file of tasks, policies and perturbations, all with all (docs/evaluation.md); killed or "
      "stopped, the same command goes on");
  command.add_option(
      "--out", options.out,
      "Folder for results, of --suite or of each policy: what is there is not evaluated again");
  command.add_option("--task", options.work.task, "Do this line of OUT/tasks.jsonl only, unless it is done");
  command
      .add_option(
          "--collect", options.collect,
          "Evaluate nothing: the table of what is in --out, which has to be all of it, or may be part of it")
      ->check(CLI::IsMember({"complete", "partial"}));
#ifdef UNDERSTUDY_HAVE_TORCH
  command
      .add_option("--checkpoints", options.checkpoints,
                  "Of a run that was trained with --keep-candidates: the curve of their success")
      ->check(CLI::IsMember({"all"}));
#endif
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
  command->add_option("--trace-episodes", options->trace_episodes, "Of so many episodes of it")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--record", options->record, "Keep the rollouts as a dataset: this file, or add to it");
#ifdef UNDERSTUDY_HAVE_SDL
  add_look_option(*command, options->look);
  command->add_option("--failures", options->failures,
                      "Folder for videos of each policy's worst failures and median episode");
#endif
  command->add_flag("--latency", options->latency,
                    "How long each policy takes to act (differs from run to run)");
  command->add_flag("--json", options->json, "For machines: every episode's outcome too");
  add_other_ways(*command, *options);
  command->callback([options, command] {
    if (!command->get_subcommands().empty()) return;
    if (options->suite.empty() && options->policies.empty()) throw CLI::RequiredError("policies");
    if (!options->suite.empty() && options->out.empty())
      throw UsageError("--suite FILE and --out DIR: want both, found no --out");
    if (options->out.empty() && (!options->work.task.empty() || !options->collect.empty()))
      throw UsageError("--task and --collect: want the --out that they are about, found none");
    options->work.collect = !options->collect.empty();
    options->work.partial = options->collect == "partial";
    if (!options->suite.empty()) {
      if (!options->policies.empty() || !options->environment.empty() ||
          !options->evaluation.randomise.empty() || !options->look.empty())
        throw UsageError(
            "--suite: its file says policies, tasks and what they are varied by; leave those and --look out "
            "here");
      run_suite(options->suite, options->out, options->evaluation, options->json, options->work);
      return;
    }
    if (!options->out.empty()) return run_kept(*options);
#ifdef UNDERSTUDY_HAVE_TORCH
    if (!options->checkpoints.empty()) {
      if (options->policies.size() != 1)
        throw UsageError("--checkpoints: want one run, found " + std::to_string(options->policies.size()));
      run_checkpoints(options->policies.front(), options->environment, options->evaluation, options->json);
      return;
    }
#endif
    run(*options);
  });
  add_eval_compare(*command);
  add_eval_plan(*command);
}

void add_plan_eval(CLI::App& plan) {
  const auto options = std::make_shared<Options>();
  options->evaluation.threads = 1;  // there are other tasks beside it
  CLI::App* command = plan.add_subcommand("eval", "A task for each cell of a suite, or for each policy");
  command->add_option("policies", options->policies,
                      "policy.pt files, run directories, 'expert' or 'random'");
  command->add_option("--env", options->environment,
                      "Task; default: the one the first policy was trained on");
  add_evaluation_options(*command, options->evaluation);
  command->add_option("--suite", options->suite,
                      "TOML file of tasks, policies and perturbations, all with all");
  command->add_option("--out", options->out, "Folder of the tasks, which every machine sees")->required();
  command->callback([options] {
    options->out = std::filesystem::absolute(options->out).lexically_normal().string();
    if (options->suite.empty() == options->policies.empty())
      throw UsageError("plan eval: want either policies or --suite FILE, found " +
                       std::string(options->suite.empty() ? "neither" : "both"));
    const EvaluationChoice& evaluation = options->evaluation;
    if (!options->suite.empty() && (!options->environment.empty() || !evaluation.randomise.empty()))
      throw UsageError(
          "--suite: its file says tasks and what they are varied by; leave --env and --randomise out");
    if (!options->suite.empty()) return plan_suite(options->suite, options->out, evaluation);
    const std::string environment = chosen_environment(options->policies, options->environment);
    std::vector<std::string> words{"eval"};
    words.insert(words.end(), options->policies.begin(), options->policies.end());
    words.insert(words.end(), {"--env", environment, "--out", options->out, "--episodes",
                               std::to_string(evaluation.episodes), "--seed", std::to_string(evaluation.seed),
                               "--threads", std::to_string(evaluation.threads)});
    if (!evaluation.randomise.empty()) words.insert(words.end(), {"--randomise", evaluation.randomise});
    if (!chosen_world().file.empty()) words.insert(words.end(), {"--world", chosen_world().file});
    plan_cells(cells_of(*options), words, options->out, evaluation.threads, {});
  });
}

}  // namespace understudy::tools
