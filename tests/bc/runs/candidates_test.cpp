// Which policies of a run are tried again.

#include "bc/runs/candidates.h"
#include "bc/policies/mlp_policy.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

RlCandidate at(int steps, double success_rate, double mean_return) {
  Policy policy;
  policy.network = std::make_shared<const MlpPolicy>(MlpSpec{.inputs = 2, .outputs = 1},
                                                     Vector::Constant(3, static_cast<float>(steps)));
  policy.normaliser = {Vector::Constant(2, 1.0F), Vector::Constant(2, 2.0F)};
  EvaluationSummary evaluation;
  evaluation.success_rate = success_rate;
  evaluation.mean_return = mean_return;
  return candidate_of(steps, policy, evaluation);
}

std::vector<int> steps_of(const std::vector<RlCandidate>& candidates) {
  std::vector<int> steps;
  for (const RlCandidate& candidate : candidates) steps.push_back(candidate.steps);
  return steps;
}

TEST_CASE("the best three stay: success before return, of equals the older") {
  std::vector<RlCandidate> candidates;
  consider(candidates, at(1, 0.5, 10));
  consider(candidates, at(2, 0.5, 10));
  CHECK(steps_of(candidates) == std::vector<int>{1, 2});
  consider(candidates, at(3, 0.4, 99));
  CHECK(steps_of(candidates) == std::vector<int>{1, 2, 3});
  consider(candidates, at(4, 0.5, 11));
  CHECK(steps_of(candidates) == std::vector<int>{4, 1, 2});
  consider(candidates, at(5, 0.5, 10));  // equal to the last, which is older
  CHECK(steps_of(candidates) == std::vector<int>{4, 1, 2});
  consider(candidates, at(6, 0.6, -5));
  CHECK(steps_of(candidates) == std::vector<int>{6, 4, 1});
}

TEST_CASE("candidates come back from an archive, and as policies in the run's frame") {
  std::vector<RlCandidate> saved{at(7, 0.25, -3), at(9, 0, 4)};
  Archive saving;
  serialise_candidates(saving, saved);
  std::vector<RlCandidate> loaded{at(1, 1, 1)};
  Archive loading(saving.bytes(), "a.ckpt");
  serialise_candidates(loading, loaded);
  loading.finish();
  REQUIRE(steps_of(loaded) == std::vector<int>{7, 9});
  CHECK(loaded[0].success_rate == 0.25);
  CHECK(loaded[1].mean_return == 4);
  Policy frame;
  frame.environment_id = "Task";
  frame.network = std::make_shared<const MlpPolicy>(MlpSpec{.inputs = 2, .outputs = 1}, Vector::Zero(3));
  const Policy policy = loaded[1].in(frame);
  CHECK(policy.environment_id == "Task");
  CHECK(mlp_of(policy).parameters == Vector::Constant(3, 9.0F));
  CHECK(policy.normaliser.mean == Vector::Constant(2, 1.0F));
  CHECK(policy.normaliser.scale == Vector::Constant(2, 2.0F));
}

}  // namespace
}  // namespace understudy
