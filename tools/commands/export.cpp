// `understudy export`: a policy for machines without this program, once it is shown to act there as here.

#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bc/exports/export_policy.h"
#include "bc/policies/policy.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "envs/contract/environment.h"
#include "envs/contract/watching_actor.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tools/commands/command.h"
#include "tools/console/actor_choice.h"
#include "tools/console/task_actor.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFirstSeed = 3'000'000'000;  // episodes that no other command uses

struct Options {
  std::string policy;
  std::string format;
  std::string out;
  std::string name;
  std::string environment;
  std::string data;
  int episodes = 3;
  bool force = false;
};

/// Remembers what an actor was shown and did.
class Witness final : public Actor {
 public:
  Witness(std::unique_ptr<Actor> actor, ActedEpisode& episode)
      : actor_(std::move(actor)), episode_(episode) {}
  void reset(int row, std::uint64_t seed) override {
    actor_->reset(row, seed);
    episode_ = {.seed = seed, .observations = {}, .actions = {}};
  }
  void act(ConstMatrixRef observations, MatrixRef actions) override {
    actor_->act(observations, actions);
    const auto append = [](Matrix& rows, ConstMatrixRef row) {
      rows.conservativeResize(rows.rows() + 1, row.cols());
      rows.bottomRows(1) = row;
    };
    append(episode_.observations, observations);
    append(episode_.actions, actions);
  }

 private:
  std::unique_ptr<Actor> actor_;
  ActedEpisode& episode_;
};

std::vector<ActedEpisode> episodes_in_task(const Options& options, const Policy& policy) {
  const std::string id = chosen_environment({options.policy}, options.environment);
  const auto environment = make_environment(id);
  check_policy_fits(policy, environment->spec());
  std::vector<ActedEpisode> episodes(static_cast<std::size_t>(options.episodes));
  for (std::size_t i = 0; i < episodes.size(); ++i) {
    const auto actor =
        task_actor(policy, environment->spec(), std::make_unique<Witness>(policy_actor(policy), episodes[i]));
    watch(*actor, *environment);
    rollout(*environment, *actor, kFirstSeed + i);
  }
  return episodes;
}

/// What the policy does at the observations of demonstrations.
std::vector<ActedEpisode> episodes_of_data(const Options& options, const Policy& policy) {
  if (!sight_of(policy).cameras.empty())
    throw UsageError("--data: want a policy without pictures, found one that sees; leave --data out");
  DemonstrationReader reader(options.data);
  std::vector<ActedEpisode> episodes;
  const auto actor = policy_actor(policy);
  for (int i = 0; i < std::min(options.episodes, reader.size()); ++i) {
    ActedEpisode episode{
        .seed = kFirstSeed + static_cast<std::uint64_t>(i), .observations = {}, .actions = {}};
    episode.observations = reader.read(i).observations;
    if (episode.observations.cols() != policy.observation.size()) {
      throw Error(options.data + ": " + reader.name(i) + ": want observations of " +
                  std::to_string(policy.observation.size()) + " numbers, as the policy's, found " +
                  std::to_string(episode.observations.cols()));
    }
    episode.actions.resize(episode.observations.rows(), policy.action.size());
    actor->reset(0, episode.seed);
    for (Eigen::Index step = 0; step < episode.observations.rows(); ++step) {
      Matrix action(1, policy.action.size());
      actor->act(episode.observations.row(step), action);
      episode.actions.row(step) = action.row(0);
    }
    episodes.push_back(std::move(episode));
  }
  return episodes;
}

/// A C++ name of a task's.
std::string identifier(const std::string& id) {
  std::string name;
  for (const char letter : id) {
    const bool capital = std::isupper(static_cast<unsigned char>(letter)) != 0;
    if (capital && !name.empty() && name.back() != '_') name += '_';
    name += std::isalnum(static_cast<unsigned char>(letter)) != 0
                ? static_cast<char>(std::tolower(static_cast<unsigned char>(letter)))
                : '_';
  }
  return (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0 ? "task_" + name : name) +
         "_policy";
}

void want_identifier(const std::string& name) {
  for (const char letter : name)
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0 && letter != '_')
      throw UsageError("--name: want letters, digits and _, found " + name);
  if (std::isdigit(static_cast<unsigned char>(name[0])) != 0)
    throw UsageError("--name: want a letter first, found " + name);
}

void run(Options options) {
  const bool folder = fs::is_directory(options.policy);
  const fs::path file = folder ? fs::path(options.policy) / "policy.pt" : fs::path(options.policy);
  const Policy policy = load_policy(file);
  if (options.name.empty()) options.name = identifier(policy.environment_id);
  want_identifier(options.name);
  if (options.out.empty()) {
    const char* const ending = options.format == "onnx"     ? ".onnx"
                               : options.format == "header" ? ".h"
                                                            : ".exported.pt";
    options.out = fs::path(file).replace_extension(ending).string();
  }
  if (fs::exists(options.out) && !options.force)
    throw Error(options.out + ": exists already; give another --out, or --force to replace it");

  const auto episodes =
      options.data.empty() ? episodes_in_task(options, policy) : episodes_of_data(options, policy);
  const std::string content = exported_policy(policy, options.format, options.name);
  const double difference = export_difference(policy, options.format, options.name, content, episodes);
  Eigen::Index steps = 0;
  for (const ActedEpisode& episode : episodes) steps += episode.actions.rows();
  if (difference > kMostExportDifference) {
    char text[160];
    std::snprintf(text, sizeof text,
                  "want the same actions as here to %.0e, found a difference of %.1e in %td steps",
                  kMostExportDifference, difference, steps);
    throw Error(options.out + ": not written: " + text + "; export to another format and report this one");
  }
  durable_write(fs::absolute(options.out), content);
  std::printf("%s: %.1f kB, acts as %s in %zu episodes, %td steps: differs by at most %.1e\n",
              options.out.c_str(), static_cast<double>(content.size()) / 1000, file.string().c_str(),
              episodes.size(), steps, difference);
}

}  // namespace

void add_export(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "export", "Write a policy for machines without this program, and check that it acts alike");
  command->add_option("policy", options->policy, "policy.pt or a run directory")->required();
  command
      ->add_option("--to", options->format, "ONNX with normalisation inside; one C++17 header; TorchScript")
      ->required()
      ->check(CLI::IsMember(export_formats()));
  command->add_option("--out", options->out, "File to write; default: beside the policy");
  command->add_option("--name", options->name,
                      "Namespace of a header, name of an ONNX graph; default: the task's");
  command->add_option("--env", options->environment, "Task to check it in; default: the policy's own");
  command->add_option("--data", options->data, "Check it on the observations of these demonstrations instead")
      ->option_text("FILE");
  command->add_option("--episodes", options->episodes, "Episodes to check it in")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_flag("--force", options->force, "Replace the file");
  command->callback([options] { run(*options); });
}

}  // namespace understudy::tools
