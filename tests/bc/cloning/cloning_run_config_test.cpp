#include "bc/cloning/cloning_run_config.h"

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "bc/policies/sequence_policy.h"
#include "bc/runs/setting_json.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

/// Every field away from its default.
CloningRunConfig unusual() {
  CloningRunConfig config;
  config.demonstrations = {.data = "/data/my demos.h5", .demos = 5, .subsample = 3, .all_episodes = true};
  config.environment = "Drive";
  config.out = "/runs/7";
  config.policy = "rnn";
  config.warm_start = "/data/policy.pt";
  config.demonstrations.mask = "better";
  config.validation_mask = "worse";
  config.more_data = "/data/other demos.h5,/data/third.h5";
  config.shares = "0.5,0.25,0.25";
  config.weights = {.correction = 3, .policy = 0.5, .idle = 0.1};
  SequenceOptions& sequence = config.sequence;
  sequence.head = "gmm";
  sequence.modes = 3;
  sequence.bins = 9;
  sequence.cell = "gru";
  sequence.widths = {8};
  sequence.members = 4;
  sequence.layers = 3;
  sequence.width = 48;
  sequence.attention_heads = 2;
  sequence.dropout = 0.25;
  sequence.history = 1;
  sequence.horizon = 7;
  sequence.execute = 3;
  sequence.latent = 5;
  sequence.kl_weight = 2;
  sequence.ensemble = 0;
  sequence.diffusion_steps = 50;
  sequence.acting_steps = 5;
  sequence.warm_up = 3;
  sequence.clip_gradient = 0.5;
  sequence.average = false;
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
  config.seed = 42;
  config.validation_share = 0.3;
  config.evaluate_every = 4;
  config.evaluation_episodes = 33;
  config.candidates = 6;
  config.keep_candidates = true;
  config.final_episodes = 44;
  config.sight = {.cameras = "front,side:40x30",
                  .fields = "speed",
                  .network = "resnet18",
                  .crop = 5,
                  .keypoints = 7,
                  .features = 9,
                  .brightness = 0.3,
                  .colour = 0.2,
                  .memory = 33};
  config.threads = 3;
  config.shards = 4;
  config.blas_threads = 2;
  config.device = "libtorch";
  config.randomise = "/data/wide.toml";
  return config;
}

std::string toml_of(CloningRunConfig config) {
  return settings_toml("bc", settings(config));
}

std::set<std::string> lines_of(const std::string& text) {
  std::set<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (line.front() != '#') lines.insert(line);
  }
  return lines;
}

}  // namespace

TEST_CASE("options come back from a run's TOML as they were", "[bc]") {
  CloningRunConfig back;
  CHECK(read_settings(settings(back), toml_of(unusual()), "test").empty());
  // The text holds every option; were one lost, so would be its unusual value.
  CHECK(toml_of(back) == toml_of(unusual()));
  CHECK(back.cloning.weight_decay == 0.123456789012345);
  CHECK(back.cloning.hidden == std::vector<int>{64, 32, 16});
  CHECK(back.cloning.activation == Activation::kRelu);
  CHECK_FALSE(back.cloning.normalise);
  CHECK(back.demonstrations.all_episodes);
  CHECK(back.seed == 42);
}

TEST_CASE("no option of the unusual config has its default's text", "[bc]") {
  CloningRunConfig plain;
  const std::set<std::string> defaults = lines_of(toml_of(plain));
  const std::set<std::string> others = lines_of(toml_of(unusual()));
  CHECK(others.size() == settings(plain).size());
  for (const std::string& line : others) {
    CAPTURE(line);
    CHECK(defaults.count(line) == 0);
  }
}

TEST_CASE("the TOML of a run is plain lines of option and value", "[bc]") {
  const std::set<std::string> lines = lines_of(toml_of(unusual()));
  for (const char* line :
       {"data = \"/data/my demos.h5\"", "env = \"Drive\"", "hidden = \"64,32,16\"", "learning-rate = 0.00031",
        "linear-output = true", "batch = 77", "observation-noise = 1e-07"}) {
    CAPTURE(line);
    CHECK(lines.count(line) == 1);
  }
}

TEST_CASE("a policy's options tell neither where it was trained nor whose files it was trained from",
          "[bc]") {
  CloningRunConfig config = unusual();
  const std::string text = policy_toml("bc", settings(config));
  CHECK_THAT(text, !ContainsSubstring("/"));
  CHECK_THAT(text, ContainsSubstring("data = \"my demos.h5\"") &&
                       ContainsSubstring("randomise = \"wide.toml\"") && !ContainsSubstring("\nthreads"));
}

TEST_CASE("a manifest has numbers and flags as such", "[bc]") {
  CloningRunConfig config = unusual();
  const nlohmann::ordered_json json = settings_json(settings(config));
  CHECK(json.at("learning-rate") == 3.1e-4);
  CHECK(json.at("seed") == 42);
  CHECK(json.at("no-normalise") == true);
  CHECK(json.at("all-episodes") == true);
  CHECK(json.at("hidden") == "64,32,16");
}

TEST_CASE("hidden layers are read as they are written", "[bc]") {
  CloningConfig config;
  const Setting hidden = settings(config).front();
  REQUIRE(hidden.name == "hidden");
  for (const std::vector<int>& widths : {std::vector<int>{256, 128}, {}}) {
    config.hidden = widths;
    const std::string text = setting_text(hidden);
    config.hidden = {1};
    set_setting(hidden, text);
    CHECK(config.hidden == widths);
  }
  for (const char* bad : {"", "256,", ",256", "256;256", "a", "256 256", "99999999999"}) {
    CAPTURE(bad);
    CHECK_THROWS_WITH(set_setting(hidden, bad), ContainsSubstring("--hidden: want widths like 256,256"));
  }
}

TEST_CASE("a warm start gives its kind and its sizes, and no option may want others", "[bc]") {
  DesignConfig design = default_design("recurrent");
  design.width = 24;
  design.horizon = 6;
  design.cell = "gru";
  const SequenceDesign made = make_design("recurrent", design, 2, 1);
  Policy warm;
  warm.network =
      std::make_shared<const SequencePolicy>("recurrent", design, 2, 1, Vector::Zero(parameter_count(made)));
  CloningRunConfig config;
  config.warm_start = "old.pt";
  take_over(config, warm);
  resolve(config);
  CHECK(config.policy == "rnn");
  CHECK(sequence_config(config).design.width == 24);
  CHECK(sequence_config(config).design.cell == "gru");
  const auto refused = [&](const char* message, auto change) {
    CloningRunConfig other;
    other.warm_start = "old.pt";
    change(other);
    CHECK_THROWS_WITH(take_over(other, warm), ContainsSubstring(message));
  };
  refused("old.pt: want a policy of kind act to train on from, found one of kind rnn",
          [](CloningRunConfig& c) { c.policy = "act"; });
  refused("old.pt: want a policy with another --width", [](CloningRunConfig& c) { c.sequence.width = 32; });
}

TEST_CASE("options of the run out of range are refused by name", "[bc]") {
  const auto refused = [](const char* message, auto change) {
    CloningRunConfig config = unusual();
    config.demonstrations.subsample = 1;
    config.sight = {};
    change(config);
    CHECK_THROWS_WITH(validate(config), ContainsSubstring(message));
    CHECK_THROWS_AS(validate(config), UsageError);
  };
  refused("--subsample: want 1 with --policy rnn",
          [](CloningRunConfig& c) { c.demonstrations.subsample = 3; });
  refused("a horizon that 2 divides", [](CloningRunConfig& c) {
    c.policy = "diffusion";
    c.sequence.widths = {8, 8};
  });
  refused("unknown policy 'mlpp'", [](CloningRunConfig& c) { c.policy = "mlpp"; });
  refused("--data:", [](CloningRunConfig& c) { c.demonstrations.data.clear(); });
  refused("--env:", [](CloningRunConfig& c) { c.environment.clear(); });
  refused("--out:", [](CloningRunConfig& c) { c.out.clear(); });
  refused("--seed: want a number from 0 to 9999", [](CloningRunConfig& c) { c.seed = 10'000; });
  refused("--eval-every", [](CloningRunConfig& c) { c.evaluate_every = -1; });
  refused("--eval-episodes", [](CloningRunConfig& c) { c.evaluation_episodes = 0; });
  refused("--candidates", [](CloningRunConfig& c) { c.candidates = 0; });
  refused("--final-episodes", [](CloningRunConfig& c) { c.final_episodes = -1; });
  refused("--threads", [](CloningRunConfig& c) { c.threads = -1; });
  refused("--blas-threads", [](CloningRunConfig& c) { c.blas_threads = 0; });
  refused("--device: want cpu", [](CloningRunConfig& c) { c.device = "gpu"; });
  refused("--validation: want a number from 0 to 0.999999, found 1",
          [](CloningRunConfig& c) { c.validation_share = 1; });
  refused("--more-data: want no further files with --cameras", [](CloningRunConfig& c) {
    c.sight.cameras = "front";
    c.sight.fields = "none";
  });
  refused("--shares: want a positive number for each of 3 files, as in 0.5,0.5, found '1,2'",
          [](CloningRunConfig& c) { c.shares = "1,2"; });
  refused("--shares:", [](CloningRunConfig& c) { c.shares = "1,2,-3"; });
  refused("--shares:", [](CloningRunConfig& c) { c.shares = "1,2,x"; });
  refused("--idle-weight", [](CloningRunConfig& c) { c.weights.idle = -1; });
  refused("--demos: want a number from 0", [](CloningRunConfig& c) { c.demonstrations.demos = -2; });
}

}  // namespace understudy
