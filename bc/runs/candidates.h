#pragma once
/// \file Policies that did well enough in training to be tried again at the end.

#include <optional>
#include <string>
#include <vector>

#include "bc/policies/policy.h"
#include "datasets/storage/archive.h"
#include "envs/rollouts/evaluation.h"

namespace understudy {

/// Which of the evaluated policies is the run's.
enum class Keep {
  kBest,  ///< by the task's own criterion and reward
  /// The last, unless an earlier one was closer to the demonstrations by more than noise. Never looks at that
  /// reward (Hussenot et al. 2021).
  kClosest,
  kLast,  ///< that training ended with
};
/// "best", "closest", "last".
std::string keep_name(Keep keep);
/// Throws UsageError that lists the known names.
Keep parse_keep(const std::string& name);

/// How far a policy's episodes are from the demonstrations (irl/experts/policy_distance.h).
struct Closeness {
  double distance = 0;  ///< W1 between their (o, a)
  double gap = 0;       ///< the same, with a charge for episodes that end too soon
  double error = 0;     ///< standard error of the gap over the episodes; 0 of one
  double likeness = 0;  ///< mean over a whole episode's steps of e^-(what a step lacks), in [0, 1]; 1: alike
};

/// Whether `a` is closer than `b` by more than twice the noise of their difference.
bool clearly_closer(const Closeness& a, const Closeness& b);

/// What an evaluation in training said of a policy.
struct Trial {
  EvaluationSummary summary;
  std::optional<Closeness> closeness;  ///< only where something is imitated
};

/// Better: more success, then more return.
bool better(const EvaluationSummary& a, const EvaluationSummary& b);

struct Candidate {
  int count = 0;  ///< epochs or steps at which it was taken
  double mean_return = 0;
  double success_rate = 0;
  double gap = 0;
  Policy policy;
};

/// The policies that may become the run's, best first, and of two equal ones the older.
class Candidates {
 public:
  /// With kBest the `most` best stay, with kClosest the closest and the last, with kLast that.
  Candidates(Keep keep, int most)
      : keep_(keep),
        most_(keep == Keep::kBest      ? most
              : keep == Keep::kClosest ? 2
                                       : 1) {}

  /// Puts the policy where it belongs. True when that is the first place. With kClosest the trial must have a
  /// closeness.
  bool consider(int count, Policy policy, const Trial& trial);

  const std::vector<Candidate>& list() const { return list_; }

  /// Loading throws Error unless there are no more than may be, taken in [0, last].
  void serialise(Archive& archive, int last);

 private:
  bool before(const Candidate& a, const Candidate& b) const;

  Keep keep_;
  int most_;
  std::vector<Candidate> list_;
};

}  // namespace understudy
