#include "envs/rollouts/batched_environment.h"

#include <numeric>

#include "envs/contract/random_actor.h"
#include "envs/contract/time_limit.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tests/support/line_task.h"

namespace understudy {
using namespace tests;
namespace {

std::unique_ptr<Environment> short_line() {
  return std::make_unique<TimeLimit>(std::make_unique<LineTask>(), 12);
}

TEST_CASE("batched stepping returns the same bits on one thread and on three") {
  const std::string id = GENERATE(from_range(environment_ids()));
  CAPTURE(id);
  const auto run = [&](int threads) {
    BatchedEnvironment batch([&] { return std::make_unique<TimeLimit>(make_environment(id), 15); },
                             {.batch = 5, .threads = threads, .seed = 20});
    const auto actor = make_random_actor(batch.spec().action.size());
    for (int row = 0; row < 5; ++row) actor->reset(row, static_cast<std::uint64_t>(row));
    Matrix actions(5, batch.spec().action.size());
    std::vector<float> seen;
    const BatchStep* latest = &batch.reset();
    for (int t = 0; t < 40; ++t) {
      actor->act(latest->observations, actions);
      latest = &batch.step(actions);
      for (const Matrix* m : {&latest->observations, &latest->final_observations})
        seen.insert(seen.end(), m->data(), m->data() + m->size());
      seen.insert(seen.end(), latest->rewards.data(), latest->rewards.data() + 5);
      seen.insert(seen.end(), latest->truncated.begin(), latest->truncated.end());
    }
    return seen;
  };
  CHECK(run(1) == run(3));
}

TEST_CASE("a batch equals single environments that are reset with the documented seeds") {
  BatchedEnvironment batch(short_line, {.batch = 3, .threads = 2, .seed = 100});
  const BatchStep* latest = &batch.reset();
  Rng rng(4);
  std::vector<std::unique_ptr<Environment>> singles;
  std::vector<std::uint64_t> seeds = {100, 101, 102};
  Vector observation(1);
  for (const std::uint64_t seed : seeds) {
    singles.push_back(short_line());
    singles.back()->reset(seed, observation);
  }
  int ended = 0, terminated = 0, truncated = 0;
  for (int t = 0; t < 100; ++t) {
    Matrix actions(3, 1);
    for (float& a : actions.reshaped()) a = static_cast<float>(rng.uniform(-0.2, 1));
    latest = &batch.step(actions);
    for (int row = 0; row < 3; ++row) {
      const auto i = static_cast<std::size_t>(row);
      const StepResult result = singles[i]->step(actions.row(row).transpose(), observation);
      REQUIRE(latest->final_observations(row, 0) == observation[0]);
      REQUIRE(latest->rewards[row] == result.reward);
      REQUIRE((latest->terminated[i] == 1) == result.terminated);
      REQUIRE((latest->truncated[i] == 1) == result.truncated);
      REQUIRE((latest->success[i] == 1) == result.success);
      if (result.terminated || result.truncated) {
        seeds[i] += 3;
        singles[i]->reset(seeds[i], observation);
        ++ended, terminated += result.terminated, truncated += result.truncated;
      }
      REQUIRE(latest->observations(row, 0) == observation[0]);
      REQUIRE(batch.episode_seed(row) == seeds[i]);
    }
  }
  CHECK(ended > 10);
  CHECK(terminated > 0);
  CHECK(truncated > 0);
}

TEST_CASE("a batch names the shape of actions that do not fit") {
  BatchedEnvironment batch(short_line, {.batch = 2, .threads = 1});
  batch.reset();
  CHECK_THROWS_WITH(batch.step(Matrix::Zero(3, 1)), ContainsSubstring("want actions [2, 1], found [3, 1]"));
  CHECK_THROWS_WITH(BatchedEnvironment(short_line, {.batch = 0}), ContainsSubstring("found 0"));
}

}  // namespace
}  // namespace understudy
