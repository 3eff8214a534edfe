#include "envs/rollouts/evaluation.h"

#include <algorithm>

#include "datasets/types/error.h"
#include "envs/contract/environment.h"
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

TEST_CASE(
    "every failed episode has a cause, no successful one has, and without a criterion only an early end "
    "has") {
  const auto outcomes =
      evaluate("Drive", [] { return make_random_actor(2); }, {.episodes = 6, .seed = 40, .progress = {}});
  for (const EpisodeOutcome& outcome : outcomes) {
    CAPTURE(outcome.seed);
    CHECK_FALSE(outcome.success);
    CHECK(outcome.cause == (outcome.terminated ? "off track" : "time out"));
  }
  for (const EpisodeOutcome& outcome :
       evaluate("Reach", [] { return make_expert("Reach"); }, {.episodes = 3, .seed = 40, .progress = {}})) {
    CHECK(outcome.success);
    CHECK_FALSE(outcome.failed());
  }
  for (const EpisodeOutcome& outcome :
       evaluate("Hopper", [] { return make_random_actor(3); }, {.episodes = 3, .seed = 40, .progress = {}}))
    CHECK(outcome.cause == (outcome.terminated ? "fell" : ""));
  CHECK(cause_of_failure({.terminated = true}) == "ended by the task");
  CHECK(cause_of_failure({.truncated = true, .success = true}).empty());
}

TEST_CASE(
    "episodes are handed over in the order of their seeds, as they were played, however many threads play") {
  std::vector<std::uint64_t> seeds;
  EvaluationTimes times;
  EvaluationOptions options{.episodes = 9, .seed = 40, .threads = 3, .progress = {}};
  options.times = &times;
  options.keep = [&](EpisodeOutcome& outcome, const Episode& episode) {
    seeds.push_back(episode.seed);
    CHECK(outcome.seed == episode.seed);
    CHECK(outcome.length == episode.length());
    CHECK(episode.states.rows() == episode.length() + 1);
    double sum = 0;
    for (const float reward : episode.rewards) sum += static_cast<double>(reward);
    CHECK(outcome.episode_return == sum);
    outcome.left_demonstrations = 7;
  };
  const auto outcomes = evaluate_random(options);
  CHECK(seeds == std::vector<std::uint64_t>{40, 41, 42, 43, 44, 45, 46, 47, 48});
  const auto plain = evaluate_random({.episodes = 9, .seed = 40, .threads = 1, .progress = {}});
  std::int64_t steps = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    CHECK(outcomes[i].left_demonstrations == 7);
    CHECK(outcomes[i].episode_return == plain[i].episode_return);
    steps += outcomes[i].length;
  }
  CHECK(times.acting.count() == steps);
  CHECK(times.engine <= times.simulating);
  CHECK(times.acting.sum() + times.simulating <= times.busy);
}

TEST_CASE("an evaluation that stops while threads wait for their turn hands over no episode out of order") {
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<std::uint64_t> seeds;
    EvaluationOptions options{.episodes = 200, .seed = 40, .threads = 4, .progress = {}};
    options.progress = [](int finished, int) { return finished < 3; };
    options.keep = [&](EpisodeOutcome& outcome, const Episode&) { seeds.push_back(outcome.seed); };
    const auto outcomes = evaluate_random(options);
    CHECK(outcomes.size() >= 3);
    REQUIRE(seeds.size() >= outcomes.size());
    for (std::size_t i = 0; i < seeds.size(); ++i) CHECK(seeds[i] == 40 + i);
  }
  EvaluationOptions failing{.episodes = 50, .seed = 40, .threads = 4, .progress = {}};
  failing.keep = [](EpisodeOutcome& outcome, const Episode&) {
    if (outcome.seed == 42) throw Error("the disk is full");
  };
  CHECK_THROWS_WITH(evaluate_random(failing), "the disk is full");
}

TEST_CASE("quantiles of latencies are those of the sorted calls, to a hundredth") {
  Latencies latencies;
  for (int i = 1; i <= 1000; ++i) latencies.add(1e-6 * i);
  CHECK(latencies.quantile(0.5) == Approx(500e-6).epsilon(0.011));
  CHECK(latencies.quantile(0.95) == Approx(950e-6).epsilon(0.011));
  CHECK(latencies.quantile(0.99) == Approx(990e-6).epsilon(0.011));
  CHECK(latencies.quantile(1) <= 1000e-6);
  CHECK(latencies.greatest() == 1e-3);
  Latencies both;
  both.add(1);
  both.merge(latencies);
  CHECK(both.count() == 1001);
  CHECK(both.quantile(0) == Approx(1e-6).epsilon(0.011));
  CHECK(both.greatest() == 1);
  CHECK(Latencies().quantile(0.5) == 0);
}

}  // namespace understudy
