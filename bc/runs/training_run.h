#pragma once
/// \file A whole training job, whatever it trains: a run directory with a policy out;
/// stops and resumes bit for bit.
///
/// Every `evaluate_every` units the present policy is tried on the same few episodes. With Keep::kBest the
/// `candidates` best of them, which luck has favoured, are tried once more at the end on `final_episodes`
/// other episodes, and those figures decide (success first, then return; of two equal ones the older). With
/// kLast the one that training ended with is the run's policy, with kClosest too unless the one whose episodes
/// were closest to the demonstrations is so on other episodes as well, by more than noise (clearly_closer); the
/// task's own reward is not asked. Until the end policy.pt holds the best so far, with kClosest the closest.
///
/// Training ends before its last unit once `minutes` are nearly over (nine tenths of them, for the final
/// evaluation takes some), once the gap has not fallen by a hundredth over `patience` evaluations and the latter
/// half of all units so far, or once it is within the trainee's reach (`ends_when_close`).

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "bc/runs/run_hooks.h"
#include "bc/runs/run_result.h"
#include "bc/runs/saved_options.h"
#include "bc/runs/trainee.h"

namespace understudy {

/// Trains what `make` makes from the beginning, in config.out. Throws UsageError for bad options, Error for
/// bad data or when `config.out` exists and `overwrite` is false, in either case before anything is made
/// there; Interrupted once everything is saved after hooks.stop said so.
RunResult train_run(const RunConfig& config, bool overwrite, const RunHooks& hooks,
                    const std::function<std::unique_ptr<Trainee>()>& make);

/// Continues the run in a directory from its last checkpoint, with the trainee that `make` makes of its
/// options; a finished run's result is returned as it is, unless its trainee now wants more units. Throws
/// Error when there is no run, its checkpoint is damaged, foreign or an earlier version's, or the
/// demonstrations or the robot have changed.
RunResult resume_run(const std::filesystem::path& path, const RunHooks& hooks,
                     const std::function<std::unique_ptr<Trainee>(const SavedOptions&)>& make);

}  // namespace understudy
