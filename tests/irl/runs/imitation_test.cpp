// Imitation from one subsampled demonstration of the shipped experts, as a user would run it.

#include "irl/runs/rl_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

RunResult imitate_swingup(const std::string& reward, const std::string& rl, std::uint64_t seed) {
  const TemporaryDirectory out;
  RlRunConfig config = default_rl_run(reward);
  config.rl = rl;
  config.environment = "InvertedPendulumSwingup";
  config.out = out / "run";
  config.demonstrations.data = UNDERSTUDY_EXPERTS "/InvertedPendulumSwingup/demos.h5";
  config.demonstrations.demos = 1;
  config.demonstrations.subsample = 20;
  config.seed = seed;
  config.steps = 25'000;
  config.evaluate_every = 5'000;
  config.evaluation_episodes = 2;
  config.final_episodes = 20;
  config.settings = {{"start", "2000"},         {"hidden", "64,64"}, {"batch", "128"},
                     {"learning-rate", "1e-3"}, {"average", "1000"}, {"reward-hidden", "64,64"}};
  return train_rl(config, false, {});
}

}  // namespace

// The README's own command, evaluated more often. Seeds 1 to 4 were at 876 to 890 after 20,000 and after
// 25,000 steps, of the demonstrations' 890 (mean return); it does not stay there for ever: one of them was at
// 287 after 30,000.
TEST_CASE("DAC swings up from one subsampled demonstration", "[slow]") {
  const RunResult result = imitate_swingup("dac", "sac", 1);
  CHECK(result.middle.value > 0.9 * 890.0);
}

}  // namespace understudy
