#pragma once
/// \file A training run at work, from wherever it stands to its end.

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bc/parallel/ranks.h"
#include "bc/runs/candidates.h"
#include "bc/runs/early_end.h"
#include "bc/runs/metrics_log.h"
#include "bc/runs/run_directory.h"
#include "bc/runs/run_hooks.h"
#include "bc/runs/run_result.h"
#include "bc/runs/saved_options.h"
#include "bc/runs/trainee.h"
#include "datasets/storage/archive.h"

namespace understudy {

/// Trains, evaluates, writes and saves. Several ranks each train all of it, and share what is done by shards and the
/// evaluations; rank 0 writes.
class TrainingLoop {
 public:
  TrainingLoop(Trainee& trainee, RunDirectory directory, const RunHooks& hooks);

  /// Begins in a new run directory.
  void begin();
  /// Goes on from what follows the options in a checkpoint.
  void restore(Archive& archive);
  /// Once all ranks have restored it.
  void go_on(const SavedOptions& saved);
  /// To the end, or until hooks.stop says so: throws Interrupted once everything is saved. Throws DivergenceError.
  RunResult run();

 private:
  using Clock = std::chrono::steady_clock;

  bool out_of_time() const;
  bool settled() const { return early_end_.settled(evaluated_, trainee_.reach()); }
  /// What ranks agree on by their latest exchange, or one alone sees for itself.
  bool is_said(std::uint64_t what, bool alone) const;
  bool stopping() const { return hooks_.stop && hooks_.stop(); }
  /// What this rank says to the others of stopping.
  std::uint64_t stop_flags(bool stops) const;
  bool save_is_due() const;
  /// Of all that training depends on; all ranks call it.
  std::string numbers_sha256();
  /// All ranks have the same before them.
  void agree();
  std::string settings() const;
  /// What the run's result depends on, but for --steps: resuming may change that, and TensorBoard keeps what it
  /// heard first.
  nlohmann::ordered_json hyperparameters() const;
  void write_options() const;
  void write_manifest() const;
  void show(const char* activity, double done);
  void show_training();
  /// The policy with its task and provenance.
  Policy stamped(Policy policy) const;
  std::vector<EpisodeOutcome> try_out(const Policy& policy, const char* activity, std::uint64_t first,
                                      int episodes, double done_before, double share);
  /// Rank 0 measures it.
  std::optional<Closeness> closeness(const Policy& policy, bool last);
  /// A line of metrics, with an evaluation if one is due. Interrupted in that, it leaves everything as it
  /// was.
  void report(bool due);
  void write_line(int count, const Metrics& metrics, double training_seconds);
  /// The final evaluation: each candidate on the same new episodes, more of them.
  void choose();
  [[noreturn]] void interrupt();
  void save();
  void serialise(Archive& archive);

  Trainee& trainee_;
  const RunConfig& config_;
  RunDirectory directory_;
  const RunHooks& hooks_;
  Ranks& ranks_;
  bool writes_;
  TrainingTask task_;
  Randomisation randomisation_;
  int evaluated_ = 0;  ///< units at the latest evaluation; -1: before the first unit there is to be one
  int reported_ = 0;   ///< units at the latest line of metrics
  int total_ = 0;      ///< units wanted when it was saved
  bool finished_ = false;
  EarlyEnd early_end_;
  MetricsLog metrics_;
  CsvFile timing_{"timing.csv"};
  Candidates candidates_;
  RunResult result_;  ///< so far
  RunProgress progress_;
  Clock::time_point started_, last_save_, last_report_, row_start_;
  double save_seconds_ = 0;
};

}  // namespace understudy
