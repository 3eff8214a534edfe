#include "bc/cloning/cloning_run.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bc/runs/checkpoint.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/storage/hdf5_file.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/integrator.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

CloningRunConfig small_run(const TemporaryDirectory& scratch, const std::string& out) {
  CloningRunConfig config;
  config.demonstrations.data = (scratch / "demos.h5").string();
  config.environment = "Integrator";
  config.out = (scratch / out).string();
  config.cloning.hidden = {16};
  config.cloning.batch = 32;
  config.cloning.epochs = 7;
  config.cloning.epoch_updates = 15;
  config.cloning.learning_rate = 5e-3;
  config.cloning.weight_decay = 0.1;
  config.cloning.observation_noise = 0.05;
  config.evaluate_every = 2;
  config.evaluation_episodes = 5;
  config.final_episodes = 20;
  config.candidates = 2;
  return config;
}

RunHooks hooks_for(TrainingTask task) {
  RunHooks hooks;
  hooks.task = [task = std::move(task)](const std::string&) { return task; };
  return hooks;
}

/// Says stop when asked for the `polls`-th time.
RunHooks stopping_after(int polls) {
  RunHooks hooks = hooks_for(integrator_task());
  const auto left = std::make_shared<int>(polls);
  hooks.stop = [left] { return --*left < 0; };
  return hooks;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) found.push_back(line);
  return found;
}

}  // namespace

TEST_CASE("a run leaves behind all that its directory promises", "[bc]") {
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5", {.episodes = 10, .failed = 2});
  const CloningRunConfig config = small_run(scratch, "run");
  const RunResult result = train_cloning(config, false, hooks_for(integrator_task()));
  CHECK(result.material == "trained on 7 episodes, 1 held out, 2 failed ones left out");
  CHECK(result.summary.episodes == 20);

  const auto run = scratch / "run";
  const auto metrics = lines(content(run / "metrics.csv"));
  REQUIRE(metrics.size() == 8);
  CHECK(metrics[0].rfind("epoch,updates,loss,", 0) == 0);
  CHECK(metrics[7].rfind("7,105,", 0) == 0);
  for (const std::string& line : metrics) CHECK(std::count(line.begin(), line.end(), ',') == 9);
  // Evaluations at epochs 2, 4, 6 and at the last one; the three columns are empty elsewhere.
  for (std::size_t epoch = 1; epoch <= 7; ++epoch) {
    const bool evaluated = epoch % 2 == 0 || epoch == 7;
    CHECK((metrics[epoch].substr(metrics[epoch].size() - 3) == ",,,") == !evaluated);
  }
  CHECK(lines(content(run / "timing.csv")).size() == 8);

  const auto manifest = nlohmann::json::parse(content(run / "manifest.json"));
  CHECK(manifest.at("dataset").at("sha256").get<std::string>().size() == 64);
  CHECK(manifest.at("dataset").at("training_transitions") == 280);
  CHECK(manifest.at("seed") == 1);
  CHECK(manifest.at("blas").get<std::string>().size() > 3);
  CHECK(manifest.at("result").at("best_epoch") == result.count);
  CHECK(manifest.at("result").at("success_rate") == result.summary.success_rate);

  const Policy policy = load_policy(result.policy);
  CHECK(policy.environment_id == "Integrator");
  CHECK(policy.dataset_sha256 == manifest.at("dataset").at("sha256").get<std::string>());
  CHECK_NOTHROW(check_policy_fits(policy, integrator_task().spec));

  std::vector<std::string> checkpoints;
  for (const auto& entry : std::filesystem::directory_iterator(run / "checkpoints")) {
    checkpoints.push_back(entry.path().filename().string());
  }
  std::sort(checkpoints.begin(), checkpoints.end());
  CHECK(checkpoints == std::vector<std::string>{"last.ckpt"});
}

TEST_CASE("the same seed gives the same metrics and policy byte for byte, another seed others", "[bc]") {
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5");
  for (const char* out : {"a", "b"})
    train_cloning(small_run(scratch, out), false, hooks_for(integrator_task()));
  CloningRunConfig other = small_run(scratch, "c");
  other.seed = 2;
  train_cloning(other, false, hooks_for(integrator_task()));
  CHECK(content(scratch / "a" / "metrics.csv") == content(scratch / "b" / "metrics.csv"));
  CHECK(content(scratch / "a" / "policy.pt") == content(scratch / "b" / "policy.pt"));
  CHECK(content(scratch / "a" / "metrics.csv") != content(scratch / "c" / "metrics.csv"));
}

TEST_CASE("a run stopped at any moment and resumed equals one that was not", "[bc]") {
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5");
  train_cloning(small_run(scratch, "whole"), false, hooks_for(integrator_task()));
  // A run asks some 170 times: within epochs, within evaluations (after 30 updates and more), within the
  // final evaluation. Each stop is followed by another until the run gets through.
  const int polls = GENERATE(0, 1, 16, 32, 50, 105, 130, 150);
  CAPTURE(polls);
  CHECK_THROWS_AS(train_cloning(small_run(scratch, "parts"), false, stopping_after(polls)), Interrupted);
  CHECK_THROWS_AS(resume_cloning(scratch / "parts", stopping_after(20)), Interrupted);
  const RunResult result = resume_cloning(scratch / "parts", hooks_for(integrator_task()));
  CHECK(content(scratch / "parts" / "metrics.csv") == content(scratch / "whole" / "metrics.csv"));
  CHECK(content(scratch / "parts" / "policy.pt") == content(scratch / "whole" / "policy.pt"));
  // A finished run has nothing left to do.
  const RunResult again = resume_cloning(scratch / "parts", stopping_after(0));
  CHECK(again.count == result.count);
  CHECK(again.summary.success_rate == result.summary.success_rate);
}

TEST_CASE("a run killed between two files resumes to the same result", "[bc]") {
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5");
  train_cloning(small_run(scratch, "whole"), false, hooks_for(integrator_task()));
  CHECK_THROWS_AS(train_cloning(small_run(scratch, "parts"), false, stopping_after(60)), Interrupted);
  // What a kill may leave: lines beyond the checkpoint, no policy.
  const auto parts = scratch / "parts";
  for (const char* table : {"metrics.csv", "timing.csv"})
    write_content(parts / table, content(parts / table) + "99,1,2,3\n100,half a li");
  std::filesystem::remove(parts / "policy.pt");
  resume_cloning(parts, hooks_for(integrator_task()));
  CHECK(content(parts / "metrics.csv") == content(scratch / "whole" / "metrics.csv"));
  CHECK(content(parts / "policy.pt") == content(scratch / "whole" / "policy.pt"));
  const auto timing = lines(content(parts / "timing.csv"));
  REQUIRE(timing.size() == 8);
  for (std::size_t epoch = 1; epoch < 8; ++epoch) CHECK(timing[epoch].starts_with(std::to_string(epoch)));
}

TEST_CASE(
    "a finished run's manifest keeps what it was made with, and is written anew where it lacks the result",
    "[bc]") {
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5");
  const RunResult result = train_cloning(small_run(scratch, "run"), false, hooks_for(integrator_task()));
  const auto file = scratch / "run" / "manifest.json";
  auto manifest = nlohmann::json::parse(content(file));
  CHECK(manifest.at("result").at("seconds") == result.seconds);
  CHECK(manifest.at("result").at("middle_return") == result.middle.value);
  manifest["program_version"] = "0.0.1";
  write_content(file, manifest.dump());
  resume_cloning(scratch / "run", hooks_for(integrator_task()));
  CHECK(content(file) == manifest.dump());
  for (const char* left : {"", "{\"learner\": \"b", "{\"learner\": \"bc\"}"}) {
    write_content(file, left);
    resume_cloning(scratch / "run", hooks_for(integrator_task()));
    CHECK(nlohmann::json::parse(content(file)).at("result").at("best_epoch") == result.count);
  }
}

TEST_CASE("a checkpoint of foreign values is not resumed, though its checksum is right", "[bc]") {
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5");
  CHECK_THROWS_AS(train_cloning(small_run(scratch, "run"), false, stopping_after(60)), Interrupted);
  const auto checkpoint = scratch / "run" / "checkpoints" / "last.ckpt";
  const std::string good = checkpoint_archive(content(checkpoint), "good");
  const auto refused = [&](const std::string& field, std::size_t skip, auto value, const std::string& line) {
    INFO(field << " = " << value);
    std::string bytes = good;
    const std::size_t place = bytes.find(field);
    REQUIRE(place != std::string::npos);
    bytes.replace(place + field.size() + skip, sizeof value, reinterpret_cast<const char*>(&value),
                  sizeof value);
    write_content(checkpoint, checkpoint_bytes(bytes));
    CHECK_THROWS_WITH(resume_cloning(scratch / "run", hooks_for(integrator_task())),
                      ContainsSubstring("last.ckpt: " + field + ": " + line));
  };
  constexpr std::size_t kLength = sizeof(std::uint64_t);  // before a vector's numbers
  refused("cloning parameters", kLength, std::numeric_limits<float>::quiet_NaN(), "want finite numbers");
  refused("adam steps", 0, std::uint64_t{106}, "want a number from 0 to 105, found 106");
  refused("cloning cursor", 0, -1, "want a number from 0");
}

TEST_CASE("evaluation episodes are varied by what the run's config holds, after a resume too", "[bc]") {
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5", {.episodes = 4});
  CloningRunConfig config = small_run(scratch, "run");
  config.randomise = "/gone/wide.toml";  // the text counts, not the file
  config.randomisation = "[physics]\nmass = { uniform = [0.5, 1.5] }\n";
  const Randomisation want = parse_randomisation(config.randomisation, "want");
  std::atomic<int> evaluations{0};
  TrainingTask task = integrator_task();
  task.evaluate = [&, evaluate = task.evaluate](const Policy& policy, const EvaluationOptions& options) {
    CHECK(options.randomisation == want);
    ++evaluations;
    return evaluate(policy, options);
  };
  RunHooks stopping = hooks_for(task);
  const auto left = std::make_shared<int>(60);
  stopping.stop = [left] { return --*left < 0; };
  CHECK_THROWS_AS(train_cloning(config, false, stopping), Interrupted);
  const int before = evaluations;
  resume_cloning(scratch / "run", hooks_for(task));
  CHECK(before > 0);
  CHECK(evaluations > before);
  CHECK(content(scratch / "run" / "randomise.toml") == config.randomisation);
  CHECK_THAT(content(scratch / "run" / "config.toml"), ContainsSubstring("randomise = \"/gone/wide.toml\""));

  config = small_run(scratch, "other");
  config.randomisation = "[geometry]\ncone_size = 1.5\n";
  CHECK_THROWS_WITH(train_cloning(config, false, hooks_for(task)), ContainsSubstring("geometry.cone_size"));
  CHECK_FALSE(std::filesystem::exists(scratch / "other"));
}

TEST_CASE("the policy kept is the one that succeeds on the final episodes, not the lucky one", "[bc]") {
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5");
  // Evaluations of epochs 2, 4, 6, 7, then the final ones of the two best (6 with 1.0, then 4 with 0.8).
  const double rates[] = {0.2, 0.8, 1.0, 0.4, /*final:*/ 0.5, 0.9};
  const auto result = train_cloning(small_run(scratch, "run"), false,
                                    hooks_for(integrator_task([&](int call) { return rates[call]; })));
  CHECK(result.count == 4);
  CHECK(result.summary.success_rate == Approx(0.9));
}

TEST_CASE("before the final evaluation, the policy kept is the best so far", "[bc]") {
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5");
  const double rates[] = {0.4, 0.8, 0.2};
  RunHooks hooks = hooks_for(integrator_task([&](int call) { return rates[call]; }));
  int epochs = 0;
  Policy at_epoch_4;
  hooks.progress = [&](const RunProgress& progress) {
    epochs = progress.count;
    if (progress.activity == "training" && progress.trial && epochs == 4)
      at_epoch_4 = load_policy(scratch / "run" / "policy.pt");
  };
  hooks.stop = [&] { return epochs == 6; };
  CHECK_THROWS_AS(train_cloning(small_run(scratch, "run"), false, hooks), Interrupted);
  CHECK(mlp_of(load_policy(scratch / "run" / "policy.pt")).parameters == mlp_of(at_epoch_4).parameters);
}

TEST_CASE("an existing directory is replaced only with force, and only if it holds a run", "[bc]") {
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5");
  const CloningRunConfig config = small_run(scratch, "run");
  train_cloning(config, false, hooks_for(integrator_task()));
  const std::string before = content(scratch / "run" / "policy.pt");
  CHECK_THROWS_WITH(train_cloning(config, false, hooks_for(integrator_task())),
                    ContainsSubstring("exists already") && ContainsSubstring("--force"));
  CHECK(content(scratch / "run" / "policy.pt") == before);
  write_content(scratch / "run" / "notes.txt", "mine");
  CloningRunConfig other = config;
  other.seed = 5;
  train_cloning(other, true, hooks_for(integrator_task()));
  CHECK(content(scratch / "run" / "policy.pt") != before);
  CHECK(content(scratch / "run" / "notes.txt") == "mine");

  std::filesystem::create_directory(scratch / "photos");
  write_content(scratch / "photos" / "holiday.png", "dear");
  CHECK_THROWS_WITH(train_cloning(small_run(scratch, "photos"), true, hooks_for(integrator_task())),
                    ContainsSubstring("holds no run"));
  CHECK(content(scratch / "photos" / "holiday.png") == "dear");
}

TEST_CASE("demonstrations that cannot be used are refused by name, and no directory is made", "[bc]") {
  const TemporaryDirectory scratch;
  const auto refused = [&](const char* message) {
    CHECK_THROWS_WITH(train_cloning(small_run(scratch, "run"), false, hooks_for(integrator_task())),
                      ContainsSubstring("demos.h5") && ContainsSubstring(message));
    CHECK_FALSE(std::filesystem::exists(scratch / "run"));
  };
  refused("");  // missing
  write_content(scratch / "demos.h5", "not HDF5");
  refused("");
  std::filesystem::remove(scratch / "demos.h5");
  record_integrator(scratch / "demos.h5", {.id = "Reach"});
  refused("want demonstrations of Integrator, found those of Reach");
  std::filesystem::remove(scratch / "demos.h5");
  record_integrator(scratch / "demos.h5", {.first_field = "place"});
  refused("observation: want field position[1], found place[1]");
  std::filesystem::remove(scratch / "demos.h5");
  record_integrator(scratch / "demos.h5", {.episodes = 2, .failed = 2});
  refused("want at least one successful episode, found none among 2");
  std::filesystem::remove(scratch / "demos.h5");
  record_integrator(scratch / "demos.h5", {.episodes = 2});
  CloningRunConfig config = small_run(scratch, "run");
  config.demonstrations.demos = 3;
  CHECK_THROWS_WITH(train_cloning(config, false, hooks_for(integrator_task())),
                    ContainsSubstring("want 3 demonstrations, found 2"));
}

TEST_CASE("masks that somebody has chosen are trained on and held out as they say", "[bc]") {
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5", {.episodes = 6});
  const auto choose = [&](const std::vector<std::string>& train, const std::vector<std::string>& valid) {
    const hdf5::Handle file = hdf5::open_file_to_fill(scratch / "demos.h5");
    const hdf5::Place root{file.get(), ""};
    for (const char* name : {"mask/train", "mask/valid"}) {
      if (hdf5::has_link(root, name)) hdf5::remove_link(root, name);
    }
    if (!train.empty()) hdf5::write_names(root, "mask/train", train);
    if (!valid.empty()) hdf5::write_names(root, "mask/valid", valid);
  };
  const auto material = [&](const std::string& out) {
    return train_cloning(small_run(scratch, out), false, hooks_for(integrator_task())).material;
  };
  choose({"demo_1", "demo_4"}, {});
  CHECK(material("alone") == "trained on 2 episodes, 0 held out");
  choose({"demo_1", "demo_4"}, {"demo_0", "demo_2", "demo_3"});
  CHECK(material("both") == "trained on 2 episodes, 3 held out");
  choose({"demo_1", "demo_4"}, {"demo_4", "demo_5"});
  CHECK_THROWS_WITH(material("overlapping"), ContainsSubstring("demos.h5:/mask: want train and valid") &&
                                                 ContainsSubstring("found demo_4 in both"));
}

TEST_CASE("demonstrations that have changed since they were recorded are not learnt from", "[bc]") {
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5", {.episodes = 2});
  {
    const hdf5::Handle file = hdf5::open_file_to_fill(scratch / "demos.h5");
    const hdf5::Place root{file.get(), ""};
    const Episode episode = DemonstrationReader(scratch / "demos.h5").read(0);
    Matrix actions = episode.actions;
    actions(3, 0) = 0.25F;
    hdf5::remove_link(root, "data/demo_0/actions");
    hdf5::write_array(root, "data/demo_0/actions", hdf5::Store::kFloat32,
                      static_cast<std::size_t>(actions.rows()), static_cast<std::size_t>(actions.cols()),
                      actions.data());
  }
  CHECK_THROWS_WITH(train_cloning(small_run(scratch, "run"), false, hooks_for(integrator_task())),
                    ContainsSubstring("/data/demo_0: the content does not match its checksum"));
}

TEST_CASE("a run does not resume on other demonstrations", "[bc]") {
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5");
  CHECK_THROWS_AS(train_cloning(small_run(scratch, "run"), false, stopping_after(40)), Interrupted);
  std::filesystem::remove(scratch / "demos.h5");
  record_integrator(scratch / "demos.h5", {.noise = 0.1});
  CHECK_THROWS_WITH(resume_cloning(scratch / "run", hooks_for(integrator_task())),
                    ContainsSubstring("has changed since the run began"));
}

TEST_CASE("what is no run, or a damaged one, is not resumed", "[bc]") {
  const TemporaryDirectory scratch;
  const auto refused = [&](const std::string& run, const char* message) {
    CHECK_THROWS_WITH(resume_cloning(scratch / run, hooks_for(integrator_task())),
                      ContainsSubstring(message));
  };
  refused("nothing", "no such run directory");
  std::filesystem::create_directory(scratch / "empty");
  refused("empty", "want a run directory");
  record_integrator(scratch / "demos.h5");
  CHECK_THROWS_AS(train_cloning(small_run(scratch, "run"), false, stopping_after(40)), Interrupted);
  const auto last = scratch / "run" / "checkpoints" / "last.ckpt";
  const std::string good = content(last);
  write_content(last, good.substr(0, good.size() - 5));
  refused("run", "truncated or damaged");
  std::string flipped = good;
  flipped[good.size() / 2] = static_cast<char>(flipped[good.size() / 2] ^ 1);
  write_content(last, flipped);
  refused("run", "truncated or damaged");
  write_content(last, "something else");
  refused("run", "found another kind of file");
  write_content(last, good);
  CHECK_NOTHROW(resume_cloning(scratch / "run", hooks_for(integrator_task())));
}

TEST_CASE("progress is reported from beginning to end", "[bc]") {
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5");
  RunHooks hooks = hooks_for(integrator_task());
  int epoch = 0;
  bool final_seen = false;
  hooks.progress = [&](const RunProgress& progress) {
    CHECK(progress.count >= epoch);
    CHECK(progress.total == 7);
    CHECK(progress.unit == "epoch");
    CHECK((progress.done >= 0 && progress.done <= 1 + 1e-12));
    epoch = progress.count;
    final_seen = progress.activity == "final evaluation";
  };
  train_cloning(small_run(scratch, "run"), false, hooks);
  CHECK(epoch == 7);
  CHECK(final_seen);
}

TEST_CASE("cloning the expert brings the cart home", "[bc][slow]") {
  // Eight demonstrations with noise. Over seeds 1 to 5 the policy succeeded in every one of 100 episodes.
  const TemporaryDirectory scratch;
  record_integrator(scratch / "demos.h5", {.episodes = 8, .noise = 0.1});
  CloningRunConfig config = small_run(scratch, "run");
  config.cloning.hidden = {64, 64};
  config.cloning.epochs = 20;
  config.cloning.epoch_updates = 100;
  config.seed = static_cast<std::uint64_t>(GENERATE(1, 2, 3));
  config.final_episodes = 100;
  CHECK(train_cloning(config, false, hooks_for(integrator_task())).summary.success_rate >= 0.95);
}

}  // namespace understudy
