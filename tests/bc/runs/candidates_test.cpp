// Which policies of a run are tried again.

#include "bc/runs/candidates.h"

#include "bc/policies/mlp_policy.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

bool consider(Candidates& candidates, int count, double success_rate, double mean_return, double gap = 0) {
  Policy policy;
  policy.network = std::make_shared<const MlpPolicy>(MlpSpec{.inputs = 2, .hidden = {}, .outputs = 1},
                                                     Vector::Constant(3, static_cast<float>(count)));
  policy.observation = Space({{"position", 2, "m", -1, 1, "where it is"}});
  policy.action = Space({{"push", 1, "-", -1, 1, "where to"}});
  policy.normaliser = {Vector::Constant(2, 1.0F), Vector::Constant(2, 2.0F)};
  Trial trial;
  trial.summary.success_rate = success_rate;
  trial.summary.mean_return = mean_return;
  trial.closeness = Closeness{.distance = 0, .gap = gap};
  return candidates.consider(count, policy, trial);
}

std::vector<int> counts_of(const Candidates& candidates) {
  std::vector<int> counts;
  for (const Candidate& candidate : candidates.list()) counts.push_back(candidate.count);
  return counts;
}

TEST_CASE("the best stay, as many as may: success before return, of equals the older") {
  Candidates candidates(Keep::kBest, 3);
  CHECK(consider(candidates, 1, 0.5, 10));
  CHECK_FALSE(consider(candidates, 2, 0.5, 10));
  CHECK(counts_of(candidates) == std::vector<int>{1, 2});
  CHECK_FALSE(consider(candidates, 3, 0.4, 99));
  CHECK(counts_of(candidates) == std::vector<int>{1, 2, 3});
  CHECK(consider(candidates, 4, 0.5, 11));
  CHECK(counts_of(candidates) == std::vector<int>{4, 1, 2});
  CHECK_FALSE(consider(candidates, 5, 0.5, 10));  // equal to the last, which is older
  CHECK(counts_of(candidates) == std::vector<int>{4, 1, 2});
  CHECK(consider(candidates, 6, 0.6, -5));
  CHECK(counts_of(candidates) == std::vector<int>{6, 4, 1});
}

TEST_CASE("the closest stays, whatever its return, and beside it the last") {
  Candidates closest(Keep::kClosest, 3);
  CHECK(consider(closest, 1, 1, 100, 0.5));
  CHECK_FALSE(consider(closest, 2, 1, 200, 0.5));
  CHECK(counts_of(closest) == std::vector<int>{1, 2});
  CHECK(consider(closest, 3, 0, -9, 0.4));
  CHECK(counts_of(closest) == std::vector<int>{3});
  CHECK_FALSE(consider(closest, 4, 0, -9, 0.6));
  CHECK_FALSE(consider(closest, 5, 0, -9, 0.5));
  CHECK(counts_of(closest) == std::vector<int>{3, 5});
  Candidates last(Keep::kLast, 3);
  CHECK(consider(last, 1, 1, 100));
  CHECK(consider(last, 2, 0, -9));
  CHECK(counts_of(last) == std::vector<int>{2});
}

TEST_CASE("closer is what is closer by more than twice the noise of the difference") {
  // Errors of 0.3 and 0.4 are one of 0.5 for the difference.
  const Closeness far{.gap = 3, .error = 0.3};
  CHECK(clearly_closer({.gap = 1.9, .error = 0.4}, far));
  CHECK_FALSE(clearly_closer({.gap = 2.1, .error = 0.4}, far));
  CHECK_FALSE(clearly_closer(far, {.gap = 1.9, .error = 0.4}));
}

TEST_CASE("candidates come back from an archive, and those that cannot be are refused") {
  Candidates saved(Keep::kBest, 3);
  consider(saved, 7, 0.25, -3);
  consider(saved, 9, 0, 4);
  Archive saving;
  saved.serialise(saving, 9);
  Candidates loaded(Keep::kBest, 3);
  consider(loaded, 1, 1, 1);
  Archive loading(saving.bytes(), "a.ckpt");
  loaded.serialise(loading, 9);
  loading.finish();
  REQUIRE(counts_of(loaded) == std::vector<int>{7, 9});
  CHECK(loaded.list()[0].success_rate == 0.25);
  CHECK(loaded.list()[1].mean_return == 4);
  CHECK(mlp_of(loaded.list()[1].policy).parameters == Vector::Constant(3, 9.0F));
  CHECK(loaded.list()[1].policy.normaliser.mean == Vector::Constant(2, 1.0F));
  CHECK(loaded.list()[1].policy.normaliser.scale == Vector::Constant(2, 2.0F));

  Archive early(saving.bytes(), "a.ckpt");
  CHECK_THROWS_WITH(loaded.serialise(early, 8),
                    ContainsSubstring("a.ckpt: candidate count: want a number from 0 to 8, found 9"));
  Candidates one(Keep::kLast, 3);
  Archive many(saving.bytes(), "a.ckpt");
  CHECK_THROWS_WITH(one.serialise(many, 9),
                    ContainsSubstring("a.ckpt: candidates: want a number from 0 to 1, found 2"));
}

}  // namespace
}  // namespace understudy
