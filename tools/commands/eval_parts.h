#pragma once
/// \file What `understudy eval` can do beside its table, a source file each.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "datasets/types/episode.h"
#include "envs/contract/actor.h"
#include "envs/randomisation/randomisation.h"
#include "tools/commands/eval_cells.h"
#include "tools/console/evaluated.h"
#include "tools/console/evaluation_options.h"

namespace understudy::tools {

/// Observations and actions of the episodes of `seeds` as CSV with nine digits, a row a step, so that another program can
/// check that it computes the same actions. Throws Error when it cannot be written; nothing is left of it then.
void write_trace(const std::string& path, const std::string& environment_id,
                 const Randomisation& randomisation, Actor& actor, const std::vector<std::uint64_t>& seeds);

/// Rollouts kept as a dataset.
class RolloutRecording {
 public:
  /// Adds to `file`, or makes it. Throws like DemonstrationWriter, and Error when the file holds one of the episodes of
  /// `policies` with `episodes` seeds from `first_seed` on already.
  RolloutRecording(const std::string& file, const std::string& environment_id,
                   const std::vector<std::string>& policies, std::uint64_t first_seed, int episodes);
  ~RolloutRecording();
  RolloutRecording(const RolloutRecording&) = delete;
  RolloutRecording& operator=(const RolloutRecording&) = delete;

  /// `episode` has its states; `policy` becomes its operator.
  void keep(const Episode& episode, const std::string& policy);
  /// Only now the file holds them. Returns how many it has.
  int finish();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Videos of notable episodes, `<folder>/<policy>-<kind>-<seed>.mp4`.
class FailureVideos {
 public:
  /// Throws Error when the folder holds videos of one of the policies already or cannot be made, or no video can be
  /// drawn here.
  FailureVideos(std::string folder, std::string environment_id, Randomisation randomisation,
                const std::vector<std::string>& policies);

  /// Plays the notable episodes again and draws them; notes where. Throws Interrupted on Ctrl-C.
  void draw(Evaluated& evaluated, const ActorFactory& make_actor) const;

 private:
  std::string folder_;
  std::string environment_;
  Randomisation randomisation_;
};

/// The suite in `file` into the folder `out`: what is there already is not evaluated again. Throws Interrupted on Ctrl-C
/// with every finished cell kept.
void run_suite(const std::string& file, const std::string& out, EvaluationChoice evaluation, bool json,
               const CellWork& work);
/// Writes the same as tasks (plan_cells). `out` is absolute.
void plan_suite(const std::string& file, const std::string& out, const EvaluationChoice& evaluation);

/// The policies of a run's evaluations, and whether the one that it kept was lucky.
void run_checkpoints(const std::string& run, const std::string& environment_id,
                     const EvaluationChoice& choice, bool json);

}  // namespace understudy::tools
