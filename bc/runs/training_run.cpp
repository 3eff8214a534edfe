#include "bc/runs/training_run.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "bc/networks/divergence_error.h"
#include "bc/runs/checkpoint.h"
#include "bc/runs/rank_agreement.h"
#include "bc/runs/run_directory.h"
#include "bc/runs/training_loop.h"
#include "datasets/types/error.h"
#include "envs/tasks/registry.h"

namespace understudy {
namespace {

/// Throws UsageError unless every rank has something to do.
void check_ranks(Trainee& trainee, const Ranks& ranks) {
  if (!ranks.several()) return;
  const SettingList list = trainee.settings();
  if (std::none_of(list.begin(), list.end(), [](const Setting& s) { return s.name == "shards"; })) {
    throw UsageError("train " + trainee.config().learner + ": want one process, found " +
                     std::to_string(ranks.size()) +
                     ": it does not train in step; for many seeds see: understudy plan train --seeds");
  }
  want_shards(ranks, trainee.config().shards);
}

/// Divergence is the same on all ranks, which end together; rank 0 says it.
RunResult run_together(const RunDirectory& directory, Ranks& ranks, TrainingLoop& run) {
  try {
    return with_resume_remedy(directory, [&] { return run.run(); });
  } catch (const DivergenceError& error) {
    ranks.leave();
    if (ranks.first()) throw;
    throw Error("");
  }
}

}  // namespace

TrainingTask registered_task(const std::string& id) {
  return {make_environment(id)->spec(), [id](const Policy& policy, const EvaluationOptions& options) {
            return understudy::evaluate(
                id, [&policy] { return policy_actor(policy); }, options);
          }};
}

RunResult train_run(const RunConfig& config, bool overwrite, const RunHooks& hooks,
                    const std::function<std::unique_ptr<Trainee>()>& make) {
  Ranks& ranks = *hooks.ranks;
  std::unique_ptr<Trainee> trainee;
  std::optional<RunDirectory> directory;
  together(ranks, [&] {
    if (ranks.first()) RunDirectory::check_creatable(config.out, overwrite);
    trainee = make();
    check_ranks(*trainee, ranks);
    check_fits(randomisation_of(config), trainee->spec());
    directory =
        ranks.first() ? RunDirectory::create(config.out, overwrite) : RunDirectory::of_others(config.out);
  });
  TrainingLoop run(*trainee, *directory, hooks);
  try {
    run.begin();
  } catch (...) {
    if (ranks.first()) directory->discard();
    throw;
  }
  return run_together(*directory, ranks, run);
}

RunResult resume_run(const std::filesystem::path& path, const RunHooks& hooks,
                     const std::function<std::unique_ptr<Trainee>(const SavedOptions&)>& make) {
  Ranks& ranks = *hooks.ranks;
  std::optional<RunDirectory> directory;
  std::string bytes;
  together(ranks, [&] {
    directory = ranks.first() ? RunDirectory::open(path) : RunDirectory::of_others(path);
    if (!ranks.first()) return;
    directory->lock();
    bytes = checkpoint_archive(read_file(directory->checkpoint()), directory->checkpoint().string());
  });
  ranks.broadcast(bytes);
  SavedOptions saved;
  saved.place = directory->checkpoint().string();
  Archive archive(std::move(bytes), saved.place);
  std::unique_ptr<Trainee> trainee;
  std::optional<TrainingLoop> run;
  together(ranks, [&] {
    serialise(archive, saved);
    trainee = make(saved);
    check_ranks(*trainee, ranks);
    if (trainee->spec().robot_sha256 != saved.robot_sha256) {
      throw Error(trainee->spec().id + ": want the robot that the run began with, SHA-256 " +
                  saved.robot_sha256 + ", found " + trainee->spec().robot_sha256 +
                  "; bring that version of the file back, or train a new run");
    }
    run.emplace(*trainee, *directory, hooks);
    run->restore(archive);
  });
  with_resume_remedy(*directory, [&] { run->go_on(saved); });
  return run_together(*directory, ranks, *run);
}

}  // namespace understudy
