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

TEST_CASE("first episodes are cut one after the other when they are spread, also after a return to a state") {
  // Never an end of its own: the line is not left by actions of 0.
  const auto steps_until_cut = [](int first, int batch, int resume_at) {
    const BatchedEnvironment::Options options{
        .batch = batch, .threads = 1, .seed = 7, .all = 4, .spread = true, .first = first};
    auto environments = std::make_unique<BatchedEnvironment>(short_line, options);
    environments->reset();
    std::vector<std::vector<int>> cuts(static_cast<std::size_t>(batch));
    for (int t = 1; t <= 30; ++t) {
      const BatchStep& step = environments->step(Matrix::Zero(batch, 1));
      for (std::size_t i = 0; i < cuts.size(); ++i)
        if (step.truncated[i] == 1) cuts[i].push_back(t);
      if (t != resume_at) continue;
      const BatchedEnvironment::State state = environments->save_state();
      environments = std::make_unique<BatchedEnvironment>(short_line, options);
      environments->restore_state(state);
    }
    return cuts;
  };
  const std::vector<std::vector<int>> want = {{3, 15, 27}, {6, 18, 30}, {9, 21}, {12, 24}};
  CHECK(steps_until_cut(0, 4, 0) == want);
  CHECK(steps_until_cut(0, 4, 5) == want);
  CHECK(steps_until_cut(2, 2, 20) == std::vector(want.begin() + 2, want.end()));  // a rank's part of all
}

TEST_CASE("a batch names the shape of actions that do not fit") {
  BatchedEnvironment batch(short_line, {.batch = 2, .threads = 1});
  batch.reset();
  CHECK_THROWS_WITH(batch.step(Matrix::Zero(3, 1)), ContainsSubstring("want actions [2, 1], found [3, 1]"));
  CHECK_THROWS_WITH(BatchedEnvironment(short_line, {.batch = 0}), ContainsSubstring("found 0"));
}

}  // namespace
}  // namespace understudy
