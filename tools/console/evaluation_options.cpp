#include "tools/console/evaluation_options.h"

#include <CLI/CLI.hpp>

#include "datasets/types/error.h"
#include "envs/contract/episode_seeds.h"
#include "tools/console/console.h"
#include "tools/console/randomise_option.h"
#include "tools/console/world_option.h"

namespace understudy::tools {

void add_evaluation_options(CLI::App& command, EvaluationChoice& choice) {
  command.add_option("--episodes", choice.episodes, "Episodes per policy")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command
      .add_option("--seed", choice.seed, "Chooses the episodes; they differ from those of record and train")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{9999}))
      ->capture_default_str();
  command.add_option("--threads", choice.threads, "Threads; 0: one per core. Results do not depend on it")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  add_randomise_option(command, choice.randomise);
  add_world_option(command);
}

std::vector<EpisodeOutcome> evaluate_policy(const std::string& name, const ActorFactory& factory,
                                            const std::string& environment,
                                            const Randomisation& randomisation,
                                            const EvaluationChoice& choice, EvaluationOptions options) {
  Progress progress("evaluating " + name, choice.episodes, "episodes");
  options.episodes = choice.episodes;
  options.seed = episode_seed(SeedUse::kEvaluation, choice.seed, 0);
  options.threads = choice.threads;
  options.randomisation = randomisation;
  options.progress = [&](int finished, int) {
    progress.update(finished);
    return !interrupted();
  };
  std::vector<EpisodeOutcome> outcomes = evaluate(environment, factory, options);
  if (interrupted()) {
    throw Interrupted("evaluation stopped after " + std::to_string(outcomes.size()) + " of " +
                      std::to_string(choice.episodes) + " episodes of " + name +
                      "; run the same command again for the full table");
  }
  return outcomes;
}

}  // namespace understudy::tools
