#include "envs/contract/environment_check.h"

#include "envs/contract/time_limit.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tests/support/line_task.h"

namespace understudy {
using namespace tests;
namespace {

TEST_CASE("every registered task keeps the contract of Environment") {
  const std::string id = GENERATE(from_range(environment_ids()));
  CAPTURE(id);
  CHECK_NOTHROW(
      check_environment([&] { return make_environment(id); }, {.seed = 11, .episodes = 2, .steps = 40}));
}

TEST_CASE("a sound task passes the check with and without a TimeLimit") {
  CHECK_NOTHROW(check_environment([] { return std::make_unique<LineTask>(); }));
  CHECK_NOTHROW(
      check_environment([] { return std::make_unique<TimeLimit>(std::make_unique<LineTask>(), 30); }));
}

TEST_CASE("the check names the axiom that a flawed task breaks") {
  struct Case {
    Flaw flaw;
    const char* axiom;
  };
  const Case c = GENERATE(values<Case>({
      {Flaw::kSpaceWithoutMeaning, "spec"},
      {Flaw::kStepsBeforeReset, "contract"},
      {Flaw::kOutOfBounds, "observation"},
      {Flaw::kForgetsToWrite, "observation"},
      {Flaw::kRemembersEpisodes, "determinism"},
      {Flaw::kIgnoresSeed, "determinism"},
      {Flaw::kRestoresWrongly, "restore"},
      {Flaw::kDoesNotClamp, "clamping"},
      {Flaw::kTakesNan, "clamping"},
      {Flaw::kShowsNothing, "state"},
      {Flaw::kBentPose, "scene"},
      {Flaw::kStepsAfterEnd, "end"},
      {Flaw::kTruncatesItself, "end"},
  }));
  CAPTURE(c.axiom, static_cast<int>(c.flaw));
  CHECK_THROWS_WITH(check_environment([&] { return std::make_unique<LineTask>(c.flaw); }, {.steps = 15}),
                    ContainsSubstring(std::string("check Line: ") + c.axiom));
}

}  // namespace
}  // namespace understudy
