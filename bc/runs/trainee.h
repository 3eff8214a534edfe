#pragma once
/// \file The contract of whatever a run trains: a learner with all that it learns from.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "bc/policies/policy.h"
#include "bc/runs/candidates.h"
#include "bc/runs/metrics.h"
#include "bc/runs/run_config.h"
#include "bc/runs/run_result.h"
#include "datasets/storage/archive.h"
#include "envs/contract/environment.h"

namespace understudy {

/// A learner with its data or its environments, somewhere between the beginning and the end of its training,
/// which is counted in units: epochs or steps. Knows nothing of directories, evaluations and interruptions,
/// which are TrainingLoop's.
class Trainee {
 public:
  Trainee() = default;
  Trainee(const Trainee&) = delete;
  Trainee& operator=(const Trainee&) = delete;
  virtual ~Trainee() = default;

  virtual const RunConfig& config() const = 0;
  /// All options, resolved; they point into this.
  virtual SettingList settings() = 0;
  virtual const EnvironmentSpec& spec() const = 0;
  /// SHA-256 of the demonstrations; empty without.
  virtual std::string dataset_sha256() const = 0;
  /// What it learns from, one line for people; may be empty.
  virtual std::string material() const = 0;

  /// What is counted: "epoch" or "step".
  virtual std::string unit() const = 0;
  /// Units finished.
  virtual int count() const = 0;
  /// Units wanted.
  virtual int total() const = 0;
  /// Learns a little more, not necessarily a whole unit: a run can be stopped between two calls, and only
  /// there. Throws DivergenceError.
  virtual void advance() = 0;
  /// True when there is a policy worth an evaluation before the first unit.
  virtual bool begins_trained() const { return false; }
  /// The gap at which a policy cannot be told from what is imitated; 0: unknown.
  virtual double reach() const { return 0; }
  /// One line about training as it is, e.g. "loss 0.0123"; empty before there is anything to say.
  virtual std::string note() const = 0;

  /// The present policy: network and normaliser. The run adds task and provenance.
  virtual Policy policy() const = 0;

  /// True when metrics are reported after every unit, else with evaluations only.
  virtual bool reports_units() const = 0;
  /// Sets a whole line of metrics.csv. `trial` is null where none was due. Means are taken over what came
  /// since the last report.
  virtual void report(const Trial* trial, Metrics& metrics) = 0;

  /// How close the policy's episodes are to what is imitated, if anything is. `last`: the final evaluation,
  /// which takes its time. `between` is called between episodes and may throw.
  virtual std::optional<Closeness> closeness(const Policy& policy, bool last,
                                             const std::function<void()>& between) = 0;

  /// What manifest.json says beside program and libraries. `result` is null before the end.
  virtual nlohmann::ordered_json manifest(const RunResult* result) = 0;

  /// Saves or restores everything that training depends on. Throws Error for values that cannot be.
  virtual void serialise(Archive& archive) = 0;
};

}  // namespace understudy
