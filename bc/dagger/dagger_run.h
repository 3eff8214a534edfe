#pragma once
/// \file DAgger, dataset aggregation (Ross, Gordon, Bagnell 2011): a policy drives, an expert says at every step what
/// would have been right, and the next policy is trained on all that was said so far. What cloning lacks, the expert's
/// way back from where only the learner gets to, is what it collects.
///
/// Departures: any kind of policy that train_cloning knows is trained, for a fixed number of epochs a round (as in
/// imitation's SimpleDAgger, which counts passes over the data instead); the policy kept is the best of all rounds' by
/// evaluation, as in Ross et al.

#include <filesystem>

#include "bc/dagger/dagger_run_config.h"
#include "bc/runs/resume_options.h"
#include "bc/runs/run_hooks.h"
#include "bc/runs/run_result.h"

namespace understudy {

/// Trains from the beginning. Throws like train_run, UsageError for options out of range, and Error for an expert that
/// cannot be read or is not for the task.
RunResult train_dagger(const DaggerRunConfig& config, bool overwrite, const RunHooks& hooks);

/// Continues the run in directory `run`, whose length cannot change. Throws like resume_run and take_over, and
/// UsageError for `options.steps`.
RunResult resume_dagger(const std::filesystem::path& run, const RunHooks& hooks,
                        const ResumeOptions& options = {});

}  // namespace understudy
