#include "bc/runs/candidates.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "bc/policies/policy_archive.h"
#include "datasets/types/error.h"

namespace understudy {

std::string keep_name(Keep keep) {
  return keep == Keep::kBest ? "best" : keep == Keep::kClosest ? "closest" : "last";
}

Keep parse_keep(const std::string& name) {
  for (const Keep keep : {Keep::kBest, Keep::kClosest, Keep::kLast}) {
    if (keep_name(keep) == name) return keep;
  }
  throw UsageError(unknown_name("--keep", name, {"best", "closest", "last"}));
}

bool clearly_closer(const Closeness& a, const Closeness& b) {
  return b.gap - a.gap > 2 * std::hypot(a.error, b.error);
}

bool better(const EvaluationSummary& a, const EvaluationSummary& b) {
  return std::tie(a.success_rate, a.mean_return) > std::tie(b.success_rate, b.mean_return);
}

bool Candidates::before(const Candidate& a, const Candidate& b) const {
  if (keep_ == Keep::kLast) return a.count > b.count;
  if (keep_ == Keep::kClosest) return a.gap < b.gap;
  return std::tie(a.success_rate, a.mean_return) > std::tie(b.success_rate, b.mean_return);
}

bool Candidates::consider(int count, Policy policy, const Trial& trial) {
  Candidate candidate{.count = count,
                      .mean_return = trial.summary.mean_return,
                      .success_rate = trial.summary.success_rate,
                      .gap = trial.closeness.value_or(Closeness{}).gap,
                      .policy = std::move(policy)};
  if (keep_ == Keep::kClosest && !list_.empty()) list_.resize(1);  // the closest, without the last so far
  const auto place = std::find_if(list_.begin(), list_.end(),
                                  [&](const Candidate& other) { return before(candidate, other); });
  const bool first = place == list_.begin();
  list_.insert(place, std::move(candidate));
  const auto most = static_cast<std::size_t>(keep_ == Keep::kClosest && first ? 1 : most_);
  if (list_.size() > most) list_.pop_back();
  return first;
}

void Candidates::serialise(Archive& archive, int last) {
  int count = static_cast<int>(list_.size());
  archive("candidates", count);
  archive.want_range(count, 0, most_);
  list_.resize(static_cast<std::size_t>(count));
  for (Candidate& candidate : list_) {
    archive("candidate count", candidate.count);
    archive.want_range(candidate.count, 0, last);
    archive("candidate return", candidate.mean_return);
    archive("candidate success", candidate.success_rate);
    archive("candidate gap", candidate.gap);
    serialise_policy(archive, candidate.policy);
  }
}

}  // namespace understudy
