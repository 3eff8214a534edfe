// `understudy train`: one subcommand per learner.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "bc/cloning/cloning_run.h"
#include "tools/commands/command.h"
#include "tools/commands/train_rl.h"
#include "tools/console/randomise_option.h"
#include "tools/console/training_report.h"

namespace understudy::tools {
namespace {

/// The run's config, and the options that need parsing on the way to it.
struct CloningOptions {
  CloningRunConfig run;
  std::string hidden;
  std::string activation;
  std::string likelihood;
  bool linear_output = false;
  bool no_normalise = false;
  bool all_episodes = false;
  bool force = false;
};

void train_bc(const CloningOptions& options) {
  CloningRunConfig run = options.run;
  run.cloning.hidden = parse_hidden(options.hidden);
  run.cloning.activation = parse_activation(options.activation);
  run.cloning.likelihood = parse_likelihood(options.likelihood);
  run.cloning.squash = !options.linear_output;
  run.cloning.normalise = !options.no_normalise;
  run.demonstrations.successful_only = !options.all_episodes;
  run.randomisation = to_toml(load_randomisation(run.randomise, run.environment));
  TrainingReport report;
  report.finish(train_cloning(run, options.force, report.hooks()), run.environment);
}

void add_bc(CLI::App& group) {
  const auto options = std::make_shared<CloningOptions>();
  CloningRunConfig& run = options->run;
  CloningConfig& cloning = run.cloning;
  options->hidden = hidden_text(cloning.hidden);
  options->activation = activation_name(cloning.activation);
  options->likelihood = likelihood_name(cloning.likelihood);

  CLI::App* command = group.add_subcommand("bc", "Behavioural cloning: imitate the demonstrated actions");
  const auto add = [command](const char* name, auto& value, const char* what) {
    return command->add_option(name, value, what)->capture_default_str();
  };
  command->add_option("--data", run.data, "Demonstrations (HDF5)")->required();
  command->add_option("--env", run.environment, "Task (see: understudy envs)")->required();
  command->add_option("--out", run.out, "Run directory to make")->required();
  command->add_flag("--force", options->force, "Replace the run that is in --out");
  add("--seed", cloning.seed, "Seed of everything random, at most 9999");
  add("--hidden", options->hidden,
      "Widths of the hidden layers, e.g. 256,256, or 'none' for a linear policy");
  add("--activation", options->activation, "tanh or relu");
  add("--likelihood", options->likelihood, "mse or gaussian");
  command->add_flag("--linear-output", options->linear_output, "No tanh on the action: clamp it instead");
  command->add_flag("--no-normalise", options->no_normalise, "Leave observations as they are");
  add("--learning-rate", cloning.learning_rate, "Adam's step size at the start");
  add("--final-learning-rate", cloning.final_learning_rate,
      "Share of it left at the end (half a cosine between)");
  add("--weight-decay", cloning.weight_decay, "Decoupled weight decay");
  add("--observation-noise", cloning.observation_noise,
      "Noise added to normalised observations, standard deviation");
  add("--batch", cloning.batch, "Transitions per update");
  add("--epochs", cloning.epochs, "Epochs of --epoch-updates updates each");
  add("--epoch-updates", cloning.epoch_updates, "Updates per epoch");
  command->add_flag("--all-episodes", options->all_episodes, "Learn from failed episodes too");
  add("--demos,--episodes", run.demonstrations.episodes, "Use only the first so many demonstrations; 0: all");
  add("--subsample", run.demonstrations.subsample, "Keep every so manyth step of each");
  add("--validation", run.demonstrations.validation_share,
      "Share of episodes held out where the file has no masks; 0: none even if it has");
  add("--eval-every", run.evaluate_every, "Epochs between evaluations");
  add("--eval-episodes", run.evaluation_episodes, "Episodes of each evaluation");
  add("--candidates", run.candidates, "Policies that are evaluated again at the end");
  add("--final-episodes", run.final_episodes, "Episodes of that last evaluation, each");
  add_randomise_option(*command, run.randomise);
  add("--threads", run.threads, "Threads for evaluation; 0: one per core. Results do not depend on it");
  add("--blas-threads", run.blas_threads,
      "Threads for matrix products; more than 1 pays from widths of 1024");
  add("--device", run.device, "cpu, or for wide layers cuda or cuda:N, where LibTorch has it");
  command->callback([options] { train_bc(*options); });
}

}  // namespace

void add_train(CLI::App& program) {
  CLI::App* group =
      program.add_subcommand("train", "Train a policy from demonstrations, or an expert from rewards");
  group->require_subcommand(1);
  add_bc(*group);
  add_rl_learners(*group);
}

}  // namespace understudy::tools
