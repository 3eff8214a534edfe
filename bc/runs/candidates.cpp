#include "bc/runs/candidates.h"

#include <algorithm>
#include <utility>

#include "bc/policies/mlp_policy.h"

namespace understudy {
namespace {

constexpr std::size_t kMost = 3;

}  // namespace

Policy RlCandidate::in(Policy policy) const {
  const MlpPolicy& mlp = mlp_of(policy);
  policy.network = std::make_shared<const MlpPolicy>(mlp.spec, parameters, mlp.likelihood, mlp.squash);
  policy.normaliser = {mean, scale};
  return policy;
}

RlCandidate candidate_of(int steps, const Policy& policy, const EvaluationSummary& evaluation) {
  return {steps,
          evaluation.mean_return,
          evaluation.success_rate,
          mlp_of(policy).parameters,
          policy.normaliser.mean,
          policy.normaliser.scale};
}

void consider(std::vector<RlCandidate>& candidates, RlCandidate candidate) {
  const auto place = std::find_if(candidates.begin(), candidates.end(), [&](const RlCandidate& other) {
    return candidate.success_rate != other.success_rate ? candidate.success_rate > other.success_rate
                                                        : candidate.mean_return > other.mean_return;
  });
  candidates.insert(place, std::move(candidate));
  if (candidates.size() > kMost) candidates.pop_back();
}

void serialise_candidates(Archive& archive, std::vector<RlCandidate>& candidates) {
  int count = static_cast<int>(candidates.size());
  archive("candidates", count);
  candidates.resize(static_cast<std::size_t>(count));
  for (RlCandidate& candidate : candidates) {
    archive("candidate steps", candidate.steps);
    archive("candidate return", candidate.mean_return);
    archive("candidate success", candidate.success_rate);
    for (Vector* vector : {&candidate.parameters, &candidate.mean, &candidate.scale}) {
      Matrix row = vector->transpose();  // matrices carry their size
      archive("candidate numbers", row);
      *vector = row.transpose();
    }
  }
}

}  // namespace understudy
