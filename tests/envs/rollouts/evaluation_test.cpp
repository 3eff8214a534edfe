#include "envs/rollouts/evaluation.h"

#include <algorithm>

#include "envs/contract/random_actor.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

constexpr const char* kTask = "Reacher";

std::vector<EpisodeOutcome> evaluate_random(EvaluationOptions options) {
  const int actions = make_environment(kTask)->spec().action.size();
  return evaluate(
      kTask, [actions] { return make_random_actor(actions); }, options);
}

}  // namespace

TEST_CASE("an evaluation has the same outcomes in seed order on one thread and on three") {
  const auto one = evaluate_random({.episodes = 7, .seed = 40, .threads = 1, .progress = {}});
  const auto three = evaluate_random({.episodes = 7, .seed = 40, .threads = 3, .progress = {}});
  REQUIRE(one.size() == 7);
  REQUIRE(three.size() == 7);
  for (std::size_t i = 0; i < one.size(); ++i) {
    CAPTURE(i);
    CHECK(one[i].seed == 40 + i);
    CHECK(three[i].seed == one[i].seed);
    CHECK(three[i].episode_return == one[i].episode_return);
    CHECK(three[i].length == one[i].length);
  }
  CHECK(one[0].episode_return != one[1].episode_return);
}

TEST_CASE("an episode's best reward is the largest of its steps, and their mean is over episodes") {
  const auto outcomes = evaluate_random({.episodes = 3, .seed = 40, .threads = 1, .progress = {}});
  double mean = 0;
  for (const EpisodeOutcome& outcome : outcomes) {
    const auto actor = make_random_actor(make_environment(kTask)->spec().action.size());
    const Episode episode = rollout(*make_environment(kTask), *actor, outcome.seed);
    CHECK(outcome.best_reward == *std::max_element(episode.rewards.begin(), episode.rewards.end()));
    mean += outcome.best_reward / 3;
  }
  CHECK(summarise(outcomes).mean_best_reward == Approx(mean));
}

TEST_CASE("an evaluation's episodes do not depend on those beside them") {
  const auto all = evaluate_random({.episodes = 4, .seed = 40, .threads = 2, .progress = {}});
  const auto last = evaluate_random({.episodes = 1, .seed = 43, .threads = 1, .progress = {}});
  REQUIRE(last.size() == 1);
  CHECK(last[0].episode_return == all.at(3).episode_return);
}

TEST_CASE(
    "an evaluation that is told to stop returns the episodes that were finished, and counts every one") {
  int calls = 0;
  int latest = 0;
  const auto outcomes =
      evaluate_random({.episodes = 50, .seed = 1, .threads = 3, .progress = [&](int finished, int episodes) {
                         ++calls;
                         CHECK(episodes == 50);
                         CHECK(finished == latest + 1);  // one thread at a time
                         latest = finished;
                         return finished < 5;
                       }});
  CHECK(outcomes.size() >= 5);
  CHECK(outcomes.size() < 50);
  CHECK(static_cast<int>(outcomes.size()) == calls);
}

}  // namespace understudy
