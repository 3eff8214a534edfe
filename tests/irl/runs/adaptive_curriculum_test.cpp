#include "irl/runs/adaptive_curriculum.h"

#include "bc/policies/policy.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "irl/runs/rl_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

/// The pendulum has no success: an episode counts by its return.
constexpr const char* kRanges =
    "[adaptive]\nboundary = 0.9\nqueue = 2\nwiden = 0.5\nshrink = 0.1\ngood_return = -1e9\n"
    "[physics]\nmass = { adaptive = [0.95, 1.05], low = 0.5, high = 2, step = 0.05 }\n";

RlRunConfig small_run(const std::string& out, const std::string& ranges) {
  RlRunConfig config = default_rl_run("ppo");
  config.environment = "InvertedPendulumSwingup";
  config.out = out;
  config.randomisation = ranges;
  config.steps = 12'000;
  config.environments = 4;
  config.evaluate_every = 4000;
  config.evaluation_episodes = 1;
  config.final_episodes = 1;
  config.settings = {{"hidden", "8,8"}, {"rollout", "500"}, {"batch", "50"}};
  return config;
}

TEST_CASE("a run whose ranges widen, stopped and resumed, ends with the bits of one that was not", "[irl]") {
  const TemporaryDirectory folder;
  const std::string whole = folder / "whole", parts = folder / "parts";
  train_rl(small_run(whole, kRanges), false, {});
  int asked = 0;
  RunHooks hooks;
  hooks.stop = [&asked] { return ++asked == 1900; };
  CHECK_THROWS_AS(train_rl(small_run(parts, kRanges), false, hooks), Interrupted);
  resume_rl(parts, {});
  const std::string metrics = read_file(whole + "/metrics.csv");
  CHECK(read_file(parts + "/metrics.csv") == metrics);
  CHECK_THAT(metrics, ContainsSubstring("low physics.mass") && ContainsSubstring("high physics.mass"));
  // Every episode is good: 12 episodes of 1000 steps, nearly all at an end, two of them a step of 0.05.
  const std::string manifest = read_file(whole + "/manifest.json");
  CHECK_THAT(manifest, ContainsSubstring("mass = { uniform = [0."));
  CHECK_THAT(manifest, !ContainsSubstring("mass = { uniform = [0.95, 1.05] }"));
}

TEST_CASE("a range cannot adapt to a task without success unless a return is given", "[irl]") {
  const TemporaryDirectory folder;
  std::string ranges = kRanges;
  ranges.erase(ranges.find("good_return"), std::string("good_return = -1e9\n").size());
  CHECK_THROWS_WITH(train_rl(small_run(folder / "run", ranges), false, {}),
                    ContainsSubstring("add good_return"));
}

}  // namespace
}  // namespace understudy::tests
