#include "bc/cloning/cloning_run_config.h"

#include <set>
#include <sstream>

#include "datasets/types/error.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

/// Every field away from its default.
CloningRunConfig unusual() {
  CloningRunConfig config;
  config.data = "/data/my demos.h5";
  config.environment = "Drive";
  config.out = "/runs/7";
  config.cloning.hidden = {64, 32, 16};
  config.cloning.activation = Activation::kRelu;
  config.cloning.likelihood = Likelihood::kGaussian;
  config.cloning.squash = false;
  config.cloning.normalise = false;
  config.cloning.learning_rate = 3.1e-4;
  config.cloning.final_learning_rate = 0.37;
  config.cloning.weight_decay = 0.123456789012345;
  config.cloning.observation_noise = 1e-7;
  config.cloning.batch = 77;
  config.cloning.epoch_updates = 13;
  config.cloning.epochs = 19;
  config.cloning.seed = 42;
  config.demonstrations.successful_only = false;
  config.demonstrations.episodes = 5;
  config.demonstrations.subsample = 3;
  config.demonstrations.validation_share = 0.3;
  config.evaluate_every = 4;
  config.evaluation_episodes = 33;
  config.candidates = 6;
  config.final_episodes = 44;
  config.threads = 3;
  config.blas_threads = 2;
  config.randomise = "/data/wide.toml";
  config.randomisation = "[physics]\nmass = 1.5\n";
  return config;
}

}  // namespace

TEST_CASE("options come back from JSON as they were", "[bc]") {
  const CloningRunConfig back = run_config_from_json(to_json(unusual()), "test");
  // The text forms hold every option; were one lost, so would be its unusual value.
  CHECK(to_json(back) == to_json(unusual()));
  CHECK(back.cloning.weight_decay == 0.123456789012345);
  CHECK(back.randomisation == unusual().randomisation);
  CHECK(back.cloning.hidden == std::vector<int>{64, 32, 16});
  CHECK(back.demonstrations.validation_share == 0.3);
  CHECK(back.blas_threads == 2);
}

TEST_CASE("no option of the unusual config has its default's text", "[bc]") {
  std::set<std::string> defaults;
  std::istringstream text(to_toml(CloningRunConfig{}));
  for (std::string line; std::getline(text, line);) defaults.insert(line);
  CHECK(defaults.size() == 26);
  std::istringstream other(to_toml(unusual()));
  for (std::string line; std::getline(other, line);) {
    CAPTURE(line);
    CHECK(defaults.count(line) == 0);
  }
}

TEST_CASE("the TOML of a run is plain lines of option and value", "[bc]") {
  const std::string text = to_toml(unusual());
  for (const char* line : {"data = \"/data/my demos.h5\"\n", "env = \"Drive\"\n", "hidden = \"64,32,16\"\n",
                           "learning-rate = 0.00031\n", "linear-output = true\n", "batch = 77\n",
                           "observation-noise = 1e-07\n"}) {
    CHECK_THAT(text, ContainsSubstring(line));
  }
  CHECK_THAT(to_policy_toml(unusual()), !ContainsSubstring("out = \"/runs"));
}

TEST_CASE("the TOML in a policy names files, not the folders of whoever trained it", "[bc]") {
  CloningRunConfig config = unusual();
  config.randomise = "/home/me/lights.toml";
  const std::string text = to_policy_toml(config);
  CHECK_THAT(text, ContainsSubstring("data = \"my demos.h5\"\n") &&
                       ContainsSubstring("randomise = \"lights.toml\"\n"));
  CHECK_THAT(text, !ContainsSubstring("/"));
}

TEST_CASE("hidden layers are read as they are written", "[bc]") {
  CHECK(parse_hidden(hidden_text({256, 256})) == std::vector<int>{256, 256});
  CHECK(parse_hidden(hidden_text({})).empty());
  for (const char* bad : {"", "256,", ",256", "256;256", "a", "256 256", "99999999999"}) {
    CAPTURE(bad);
    CHECK_THROWS_WITH(parse_hidden(bad), ContainsSubstring("want widths like 256,256"));
  }
}

TEST_CASE("options of the run out of range are refused by name", "[bc]") {
  const auto refused = [](const char* message, auto change) {
    CloningRunConfig config = unusual();
    change(config);
    CHECK_THROWS_WITH(validate(config), ContainsSubstring(message));
    CHECK_THROWS_AS(validate(config), UsageError);
  };
  CHECK_NOTHROW(validate(unusual()));
  refused("data:", [](CloningRunConfig& c) { c.data.clear(); });
  refused("env:", [](CloningRunConfig& c) { c.environment.clear(); });
  refused("out:", [](CloningRunConfig& c) { c.out.clear(); });
  refused("seed: want a number from 0 to 9999", [](CloningRunConfig& c) { c.cloning.seed = 10'000; });
  refused("eval-every", [](CloningRunConfig& c) { c.evaluate_every = 0; });
  refused("eval-episodes", [](CloningRunConfig& c) { c.evaluation_episodes = 0; });
  refused("candidates", [](CloningRunConfig& c) { c.candidates = 0; });
  refused("final-episodes", [](CloningRunConfig& c) { c.final_episodes = -1; });
  refused("threads", [](CloningRunConfig& c) { c.threads = -1; });
  refused("blas-threads", [](CloningRunConfig& c) { c.blas_threads = 0; });
  refused("validation: want a share in [0, 1), found 1",
          [](CloningRunConfig& c) { c.demonstrations.validation_share = 1; });
  refused("episodes: want a number of at least 0",
          [](CloningRunConfig& c) { c.demonstrations.episodes = -2; });
}

}  // namespace understudy
