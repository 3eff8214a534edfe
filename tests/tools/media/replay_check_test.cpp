#include <cmath>

#include "datasets/types/error.h"
#include "envs/contract/time_limit.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tools/media/replay_check.h"

using namespace understudy;
using namespace understudy::tools;

namespace {

struct Recorded {
  std::unique_ptr<Environment> environment = make_environment("Reach");
  Episode episode = rollout(*environment, *make_expert("Reach"), 5, {.keep_states = true});
};

}  // namespace

TEST_CASE("an episode replays bit for bit in another environment of the same task") {
  const Recorded recorded;
  const auto other = make_environment("Reach");
  const ReplayDifference difference = compare_replay(recorded.episode, *other, "x.h5:/data/demo_0");
  CHECK(difference.identical);
  CHECK(difference.first_step == -1);
  CHECK(difference.largest_state == 0);
  CHECK(difference.largest_observation == 0);
}

TEST_CASE("an episode by hand that took longer than the task's horizon replays too") {
  auto environment = make_environment("Reach");
  dynamic_cast<TimeLimit&>(*environment).lift();
  const int steps = environment->spec().horizon + 30;
  Episode episode;
  episode.seed = 3;
  episode.observations.resize(steps + 1, environment->spec().observation.size());
  episode.actions.setConstant(steps, environment->spec().action.size(), 0.1F);
  Vector observation(environment->spec().observation.size());
  environment->reset(3, observation);
  episode.observations.row(0) = observation.transpose();
  for (int t = 0; t < steps; ++t) {
    const StepResult result = environment->step(episode.actions.row(t).transpose(), observation);
    CHECK_FALSE(result.truncated);
    episode.rewards.push_back(result.reward);
    episode.observations.row(t + 1) = observation.transpose();
  }
  CHECK(compare_replay(episode, *make_environment("Reach"), "x").identical);
}

TEST_CASE("a changed action shows in the row after it") {
  Recorded recorded;
  recorded.episode.actions(7, 0) += recorded.episode.actions(7, 0) > 0 ? -0.5F : 0.5F;
  const ReplayDifference difference = compare_replay(recorded.episode, *recorded.environment, "x");
  CHECK_FALSE(difference.identical);
  CHECK(difference.first_step == 8);
  CHECK(difference.largest_state > 1e-4);
}

TEST_CASE("a state that differs in its last bit is found") {
  Recorded recorded;
  double& entry = recorded.episode.states(3, 0);
  entry = std::nextafter(entry, 1e9);
  const ReplayDifference difference = compare_replay(recorded.episode, *recorded.environment, "x");
  CHECK_FALSE(difference.identical);
  CHECK(difference.first_step == 3);
  CHECK(difference.largest_state < 1e-12);
}

TEST_CASE("another seed differs from the first row on") {
  Recorded recorded;
  recorded.episode.seed = 6;
  CHECK(compare_replay(recorded.episode, *recorded.environment, "x").first_step == 0);
}

TEST_CASE("without states the observations are compared") {
  Recorded recorded;
  recorded.episode.states.resize(0, 0);
  CHECK(compare_replay(recorded.episode, *recorded.environment, "x").identical);
  recorded.episode.observations(4, 1) += 0.25F;
  const ReplayDifference difference = compare_replay(recorded.episode, *recorded.environment, "x");
  CHECK(difference.first_step == 4);
  CHECK(difference.largest_observation == Approx(0.25));
}

TEST_CASE("a wrong reward is a difference") {
  Recorded recorded;
  recorded.episode.rewards[2] += 1;
  CHECK(compare_replay(recorded.episode, *recorded.environment, "x").first_step == 3);
}

TEST_CASE("an episode of another task is refused with the sizes") {
  const Recorded recorded;
  const auto drive = make_environment("Drive");
  CHECK_THROWS_WITH(compare_replay(recorded.episode, *drive, "x.h5:/data/demo_0"),
                    ContainsSubstring("x.h5:/data/demo_0") && ContainsSubstring("want"));
}
