// Whole runs: what they leave behind, and that stopping changes nothing.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bc/policies/mlp_policy.h"
#include "bc/runs/checkpoint.h"
#include "datasets/recording/demonstration_writer.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "envs/contract/episode_seeds.h"
#include "envs/contract/random_actor.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "irl/experts/policy_distance.h"
#include "irl/runs/learners.h"
#include "irl/runs/rl_run.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace fs = std::filesystem;
namespace {

constexpr const char* kTask = "InvertedPendulumSwingup";

/// Two episodes of random actions as demonstrations: what they are worth does not matter here.
std::string write_demonstrations(const TemporaryDirectory& folder) {
  const auto environment = make_environment(kTask);
  const auto actor = make_random_actor(environment->spec().action.size());
  DatasetHeader header;
  header.environment_id = kTask;
  header.observation = environment->spec().observation;
  header.action = environment->spec().action;
  header.control_rate = environment->spec().control_rate;
  const std::string file = folder / "demos.h5";
  header.state_dim = environment->state_dim();
  header.horizon = environment->spec().horizon;
  header.device = "test";
  DemonstrationWriter writer(file, header);
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    const Episode episode = rollout(*environment, *actor, seed, {.keep_states = true});
    writer.begin_episode(seed, episode.observations.row(0).transpose(), episode.states.row(0).transpose(),
                         "random");
    for (int t = 0; t < episode.length(); ++t) {
      const Vector action = episode.actions.row(t).transpose();
      const Vector observation = episode.observations.row(t + 1).transpose();
      const State state = episode.states.row(t + 1).transpose();
      writer.append_step({.action = action,
                          .reward = episode.rewards[static_cast<std::size_t>(t)],
                          .next_observation = observation,
                          .next_state = state,
                          .timestamp = t / header.control_rate});
    }
    writer.commit_episode({.terminated = episode.terminated, .truncated = episode.truncated});
  }
  writer.pack();
  return file;
}

RlRunConfig small_run(const std::string& reward, const std::string& rl, const std::string& out,
                      const std::string& demonstrations) {
  RlRunConfig config = default_rl_run(reward == "task" ? rl : reward);
  config.rl = rl;
  config.environment = kTask;
  config.out = out;
  if (reward != "task" || rl_kind(rl).imitates) {
    config.demonstrations.data = demonstrations;
    config.demonstrations.subsample = 20;
  }
  config.steps = 2600;
  config.environments = 2;
  config.evaluate_every = 1000;
  config.evaluation_episodes = 2;
  config.final_episodes = 2;
  config.keep = Keep::kLast;
  for (const Setting& setting : rl_kind(rl).options()->settings()) {
    if (setting.name == "hidden") config.settings.emplace_back("hidden", "8,8");
    if (setting.name == "start") config.settings.emplace_back("start", "1500");
    if (setting.name == "batch") config.settings.emplace_back("batch", "16");
    if (setting.name == "rollout") config.settings.emplace_back("rollout", "500");
    if (setting.name == "updates-per-step") config.settings.emplace_back("updates-per-step", "0.3");
    if (setting.name == "average") config.settings.emplace_back("average", "50");
    if (setting.name == "decay") config.settings.emplace_back("decay", "true");
  }
  return config;
}

std::string metrics_of(const std::string& run) {
  return read_file(run + "/metrics.csv");
}

/// The policy's numbers, from the TorchScript archive as a whole: times do not stand in it.
Vector parameters_of(const std::string& run) {
  return mlp_of(load_policy(run + "/policy.pt")).parameters;
}

}  // namespace

TEST_CASE("a run of any learner that is stopped and resumed ends with the bits of one that was not",
          "[irl]") {
  std::vector<std::pair<std::string, std::string>> learners;
  for (const RlKind& kind : rl_kinds()) learners.emplace_back("task", kind.name);
  for (const RewardKind& kind : reward_kinds()) learners.emplace_back(kind.name, kind.rl);
  const TemporaryDirectory folder;
  const std::string demonstrations = write_demonstrations(folder);
  for (const auto& [reward, rl] : learners) {
    INFO(reward << " with " << rl);
    const std::string whole = folder / (reward + rl + "_whole");
    const std::string parts = folder / (reward + rl + "_parts");
    train_rl(small_run(reward, rl, whole, demonstrations), false, {});
    // Stops in the middle of an episode, of a rollout, and of an evaluation; each time sooner or later than
    // before.
    int asked = 0;
    RunHooks hooks;
    hooks.stop = [&asked] { return ++asked == 900; };
    CHECK_THROWS_AS(train_rl(small_run(reward, rl, parts, demonstrations), false, hooks), Interrupted);
    asked = 500;
    CHECK_THROWS_AS(resume_rl(parts, hooks), Interrupted);
    const RunResult resumed = resume_rl(parts, {});
    CHECK(resumed.count == 2600);
    CHECK(metrics_of(parts) == metrics_of(whole));
    CHECK(parameters_of(parts) == parameters_of(whole));
    // A finished run is only looked at.
    CHECK(resume_rl(parts, {}).summary.mean_return == resumed.summary.mean_return);
  }
}

TEST_CASE("the policy closest to the demonstrations is kept, also by a run that was stopped", "[irl]") {
  const TemporaryDirectory folder;
  const std::string demonstrations = write_demonstrations(folder);
  const auto config = [&](const std::string& out) {
    RlRunConfig closest = small_run("dac", "sac", folder / out, demonstrations);
    closest.evaluate_every = 500;
    closest.keep = Keep::kClosest;
    closest.keep_candidates = true;
    return closest;
  };
  const RunResult whole = train_rl(config("whole"), false, {});
  int asked = 0;
  RunHooks hooks;
  hooks.stop = [&asked] { return ++asked == 1200; };
  CHECK_THROWS_AS(train_rl(config("parts"), false, hooks), Interrupted);
  const RunResult parts = resume_rl(folder / "parts", {});
  CHECK(metrics_of(folder / "parts") == metrics_of(folder / "whole"));
  CHECK(parameters_of(folder / "parts") == parameters_of(folder / "whole"));

  std::istringstream lines(metrics_of(folder / "whole"));
  std::string line;
  std::getline(lines, line);
  const auto fields = [](const std::string& text) {
    std::vector<std::string> all;
    std::istringstream row(text);
    for (std::string field; std::getline(row, field, ',');) all.push_back(field);
    return all;
  };
  const auto names = fields(line);
  const auto gap =
      static_cast<std::size_t>(std::find(names.begin(), names.end(), "eval_gap") - names.begin());
  REQUIRE(gap < names.size());
  std::pair<double, int> least{1e9, 0};
  while (std::getline(lines, line)) {
    const auto row = fields(line);
    least = std::min(least, {std::stod(row[gap]), std::stoi(row[0])});
  }
  // The one that was closest plays the last one on other episodes, and stays if it is clearly closer there too.
  const auto environment = make_environment(kTask);
  Rng rng = demonstration_rng(config("whole").seed);
  ExpertData expert = load_expert_data(config("whole").demonstrations, environment->spec(), rng);
  expert.normaliser.apply(expert.transitions.observations);
  const PolicyDistance distance(expert, expert.normaliser, kDistanceAtoms);
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t i = 0; i < kDistanceEpisodes; ++i)
    seeds.push_back(episode_seed(SeedUse::kSelection, config("whole").seed, kFinalEpisodes + i));
  const auto closeness = [&](int count) {
    const Policy policy = load_policy(folder / ("whole/checkpoints/policy-" + std::to_string(count) + ".pt"));
    return distance(*environment, *policy_actor(policy), seeds, [] {});
  };
  REQUIRE(least.second < 2600);
  const int want = clearly_closer(closeness(least.second), closeness(2600)) ? least.second : 2600;
  CHECK(whole.count == want);
  CHECK(parts.count == want);
}

TEST_CASE("a run that begins at a clone evaluates it first, and goes on with the same bits when stopped",
          "[irl]") {
  const TemporaryDirectory folder;
  const std::string demonstrations = write_demonstrations(folder);
  const auto config = [&](const std::string& out) {
    RlRunConfig cloned = small_run("pwil", "ppo", folder / out, demonstrations);
    cloned.clone = true;
    return cloned;
  };
  train_rl(config("whole"), false, {});
  CHECK_THAT(metrics_of(folder / "whole"), ContainsSubstring("\n0,0,0,"));  // steps, updates, episodes
  int asked = 0;
  RunHooks hooks;
  hooks.stop = [&asked] { return ++asked == 900; };
  CHECK_THROWS_AS(train_rl(config("parts"), false, hooks), Interrupted);
  resume_rl(folder / "parts", {});
  CHECK(metrics_of(folder / "parts") == metrics_of(folder / "whole"));
  CHECK(parameters_of(folder / "parts") == parameters_of(folder / "whole"));
}

TEST_CASE("a run ends early when it comes no closer, when it is close, and when its time is over", "[irl]") {
  const TemporaryDirectory folder;
  const std::string demonstrations = write_demonstrations(folder);
  RlRunConfig config = small_run("pwil", "ppo", folder / "patience", demonstrations);
  config.evaluate_every = 200;
  config.patience = 2;
  config.settings.emplace_back("first-cycle", "1000");
  // Steps that teach nothing: the gap cannot fall.
  config.settings.emplace_back("learning-rate", "1e-8");
  config.steps = 50'000;
  const RunResult tired = train_rl(config, false, {});
  CHECK(tired.count < 5000);
  CHECK(resume_rl(folder / "patience", {}).count == tired.count);  // only looked at
  const std::string lines = metrics_of(folder / "patience");
  CHECK(resume_rl(folder / "patience", {}, {.steps = 60'000}).count > tired.count);  // has its patience again
  CHECK(metrics_of(folder / "patience").size() > lines.size());

  config = small_run("pwil", "ppo", folder / "time", demonstrations);
  config.minutes = 1e-5;
  CHECK(train_rl(config, false, {}).count < 2600);

  // The halves of two demonstrations of which every twentieth step is kept are farther apart (W1 0.47) than this
  // clone is from them (0.30).
  config = small_run("pwil", "ppo", folder / "close", UNDERSTUDY_EXPERTS "/InvertedPendulumSwingup/demos.h5");
  config.clone = true;
  config.ends_when_close = true;
  config.demonstrations.demos = 2;
  config.final_episodes = 20;
  config.settings.emplace_back("hidden", "64,64");
  const RunResult close = train_rl(config, false, {});
  CHECK(close.count == 0);
  CHECK(close.summary.mean_return > 700);  // of 890; 856 was found, most episodes 889 and a few less
}

TEST_CASE("learning rates in cycles fall to 0 at 1, 2, 4 times the first, and such a run can be lengthened",
          "[irl]") {
  const TemporaryDirectory folder;
  const std::string demonstrations = write_demonstrations(folder);
  RlRunConfig config = small_run("pwil", "ppo", folder / "cycles", demonstrations);
  config.settings.emplace_back("first-cycle", "1000");
  config.steps = 2000;
  train_rl(config, false, {});
  RlRunConfig longer = config;
  longer.out = folder / "longer";
  longer.steps = 4000;
  train_rl(longer, false, {});
  resume_rl(folder / "cycles", {}, {.steps = 4000});
  CHECK(parameters_of(folder / "cycles") == parameters_of(folder / "longer"));
}

TEST_CASE("a checkpoint of foreign values is refused, though its checksum is right", "[irl]") {
  const TemporaryDirectory folder;
  const std::string demonstrations = write_demonstrations(folder);
  const std::string run = folder / "run";
  int asked = 0;
  RunHooks hooks;
  hooks.stop = [&asked] { return ++asked == 1100; };
  // Otr scores whole episodes, so that the checkpoint holds unfinished ones.
  CHECK_THROWS_AS(train_rl(small_run("otr", "sac", run, demonstrations), false, hooks), Interrupted);
  const std::string checkpoint = run + "/checkpoints/last.ckpt";
  const std::string good = checkpoint_archive(read_file(checkpoint), "good");
  const auto refused = [&](const std::string& field, std::int64_t value, std::size_t size, const char* line) {
    INFO(field << " = " << value);
    std::string bytes = good;
    std::size_t place = bytes.find(field);
    while (place != std::string::npos && bytes[place - 1] == '-')
      place = bytes.find(field, place + 1);  // an option's
    REQUIRE(place != std::string::npos);
    bytes.replace(place + field.size(), size, reinterpret_cast<const char*>(&value), size);
    std::ofstream(checkpoint, std::ios::binary) << checkpoint_bytes(bytes);
    CHECK_THROWS_WITH(resume_rl(run, {}), ContainsSubstring("last.ckpt: ") && ContainsSubstring(line));
  };
  refused("run steps", -2, 4, "run steps: want a number from 0 to 2602, found -2");
  refused("run steps", 1 << 30, 4, "run steps: want a number from 0 to 2602, found 1073741824");
  refused("run episodes", -1, 4, "run episodes: want");
  refused("run evaluated", 2601, 4, "run evaluated: want");
  refused("run reported", 5000, 4, "run reported: want");
  refused("run complete", 7, 1, "run complete: want a number from 0 to 1, found 7");
  refused("run returns", 3, 8, "run returns: want a number from 2 to 2, found 3");
  refused("run lengths", 1, 8, "run lengths: want a number from 2 to 2, found 1");
  refused("candidates", 2, 4, "candidates: want a number from 0 to 1, found 2");
  refused("candidate count", -1, 4, "candidate count: want");
  refused("environment actions", 1 << 30, 8, "environment actions: ends too soon");
  refused("episode steps", -1, 4, "episode steps: want");
  refused("episode steps", 1 << 30, 4, "episode observations: want a number from 1073741824");
  std::ofstream(checkpoint, std::ios::binary) << checkpoint_bytes(good);
  CHECK(resume_rl(run, {}).count == 2600);
}

TEST_CASE("every learner learns on a device what it learns on the CPU", "[irl]") {
  std::vector<std::pair<std::string, std::string>> learners;
  for (const RlKind& kind : rl_kinds()) learners.emplace_back("task", kind.name);
  learners.emplace_back("dac", "sac");
  const TemporaryDirectory folder;
  const std::string demonstrations = write_demonstrations(folder);
  for (const auto& [reward, rl] : learners) {
    INFO(reward << " with " << rl);
    RlRunConfig config = small_run(reward, rl, folder / (reward + rl + "_cpu"), demonstrations);
    config.steps = 1030;
    config.evaluation_episodes = config.final_episodes = 1;
    for (auto& [name, value] : config.settings) {
      if (name == "hidden") value = "128,128";  // large enough for a device
      if (name == "batch") value = "256";
      if (name == "start") value = "1000";
      if (name == "decay") value = "false";
    }
    train_rl(config, false, {});
    const Vector want = parameters_of(config.out);
    config.out = folder / (reward + rl + "_device");
    config.device = "libtorch";
    train_rl(config, false, {});
    CHECK((parameters_of(config.out) - want).cwiseAbs().maxCoeff() < 1e-3F);
    CHECK_THAT(read_file(config.out + "/config.toml"), ContainsSubstring("device = \"libtorch\""));
    ResumeOptions longer{.steps = 1100, .device = "cuda:999"};
    CHECK_THROWS_WITH(resume_rl(config.out, {}, longer), ContainsSubstring("--device cuda:999: want"));
    longer.device = "cpu";
    CHECK(resume_rl(config.out, {}, longer).count == 1100);
  }
  RlRunConfig config = small_run("task", "sac", folder / "none", demonstrations);
  config.device = "gpu";
  CHECK_THROWS_WITH(train_rl(config, false, {}), ContainsSubstring("found 'gpu'"));
  CHECK_FALSE(fs::exists(folder / "none"));
}

TEST_CASE("a finished run that is lengthened ends with the policy of one begun with as many steps", "[irl]") {
  const TemporaryDirectory folder;
  const std::string demonstrations = write_demonstrations(folder);
  RlRunConfig config = small_run("pwil", "sac", folder / "long", demonstrations);
  std::erase_if(config.settings, [](const auto& setting) { return setting.first == "decay"; });
  train_rl(config, false, {});
  config.out = folder / "short";
  config.steps = 1700;
  train_rl(config, false, {});
  CHECK_FALSE(parameters_of(folder / "short") == parameters_of(folder / "long"));
  const RunResult lengthened = resume_rl(folder / "short", {}, {.steps = 2600});
  CHECK(lengthened.count == 2600);
  CHECK(parameters_of(folder / "short") == parameters_of(folder / "long"));
  CHECK_THAT(read_file(folder / "short/config.toml"), ContainsSubstring("steps = 2600"));
  CHECK_THROWS_WITH(resume_rl(folder / "short", {}, {.steps = 2600}),
                    ContainsSubstring("want more than the run's 2600"));
  // Learning rates that have fallen to 0 are no state that a longer run was ever in.
  train_rl(small_run("task", "sac", folder / "decayed", ""), false, {});
  CHECK_THROWS_WITH(resume_rl(folder / "decayed", {}, {.steps = 5000}), ContainsSubstring("--decay"));
}

TEST_CASE("another seed gives another policy, the same seed the same", "[irl]") {
  const TemporaryDirectory folder;
  RlRunConfig config = small_run("task", "sac", folder / "a", "");
  train_rl(config, false, {});
  config.out = folder / "b";
  train_rl(config, false, {});
  config.out = folder / "c";
  config.seed = 2;
  train_rl(config, false, {});
  CHECK(parameters_of(folder / "a") == parameters_of(folder / "b"));
  CHECK(parameters_of(folder / "a") != parameters_of(folder / "c"));
}

TEST_CASE("what is wrong with a run is said in one line before anything is made", "[irl]") {
  const TemporaryDirectory folder;
  const std::string demonstrations = write_demonstrations(folder);
  const auto refused = [&](RlRunConfig config, const std::string& line) {
    config.out = folder / "none";
    CHECK_THROWS_WITH(train_rl(config, false, {}), ContainsSubstring(line));
    CHECK_FALSE(fs::exists(config.out));
  };
  RlRunConfig config = small_run("pwil", "ppo", "", demonstrations);
  config.settings.emplace_back("reward-prefill", "100");
  refused(config, "want a learner with a replay");
  config = small_run("task", "sac", "", "");
  config.keep = Keep::kClosest;
  refused(config, "--keep closest: want demonstrations to be close to, found none");
  config = small_run("pwil", "sac", "", demonstrations);
  config.demonstrations.data = folder / "missing.h5";
  refused(config, "missing.h5");
  for (const auto& [reward, rl] : {std::pair{"pwil", "sac"}, {"task", "iq-learn"}}) {
    config = small_run(reward, rl, "", "");
    refused(config, "--data: want a file of demonstrations, found nothing");
  }
  config = small_run("pwil", "sac", "", demonstrations);
  config.environment = "Reacher";
  refused(config, "want demonstrations of Reacher, found those of InvertedPendulumSwingup");
  config = small_run("dac", "sac", "", demonstrations);
  config.states_only = true;
  refused(config,
          "--states-only: want a learner that can do without actions (pwil, otr or iq-learn), found dac");
  config = small_run("pwil", "sac", "", demonstrations);
  config.states_only = config.clone = true;
  refused(config, "--states-only: want no --clone");
  config.clone = false;
  config.settings.emplace_back("reward-prefill", "100");
  refused(config, "--reward-prefill: want 0 with --states-only");
  config = small_run("pwil", "sac", "", demonstrations);
  config.demonstrations.demos = 3;
  refused(config, "want 3 demonstrations, found 2");
  config = small_run("pwil", "sac", "", demonstrations);
  config.settings.emplace_back("gamma", "1.5");
  refused(config, "--gamma: want a number from 0 to 0.999999, found 1.5");
  config = small_run("pwil", "sac", "", demonstrations);
  config.settings.emplace_back("clip", "0.2");
  refused(config, "--clip: not an option of sac with pwil");
  config = small_run("pwil", "sac", "", demonstrations);
  config.warm_start = folder / "missing.pt";
  refused(config, "missing.pt: no such policy file");
}

TEST_CASE("a damaged checkpoint and changed demonstrations are refused when a run is resumed", "[irl]") {
  const TemporaryDirectory folder;
  const std::string demonstrations = write_demonstrations(folder);
  const std::string run = folder / "run";
  int asked = 0;
  RunHooks hooks;
  hooks.stop = [&asked] { return ++asked == 300; };
  CHECK_THROWS_AS(train_rl(small_run("pwil", "sac", run, demonstrations), false, hooks), Interrupted);
  const std::string checkpoint = run + "/checkpoints/last.ckpt";
  const std::string bytes = read_file(checkpoint);
  for (const std::size_t length : {std::size_t{0}, std::size_t{20}, bytes.size() / 2, bytes.size() - 1}) {
    std::ofstream(checkpoint, std::ios::binary) << bytes.substr(0, length);
    CHECK_THROWS_WITH(resume_rl(run, {}), ContainsSubstring("last.ckpt: "));
  }
  std::string flipped = bytes;
  flipped[bytes.size() / 2] = static_cast<char>(flipped[bytes.size() / 2] ^ 1);
  std::ofstream(checkpoint, std::ios::binary) << flipped;
  CHECK_THROWS_WITH(resume_rl(run, {}), ContainsSubstring("truncated or damaged"));
  std::ofstream(checkpoint, std::ios::binary) << bytes;
  std::ofstream(demonstrations, std::ios::app | std::ios::binary) << "x";
  CHECK_THROWS_WITH(resume_rl(run, {}), ContainsSubstring("has changed since the run began"));
}

TEST_CASE("a run does not resume behind another normaliser than its warm start's", "[irl]") {
  const TemporaryDirectory folder;
  const std::string start = folder / "start.pt";
  RlRunConfig config = small_run("task", "sac", folder / "first", "");
  train_rl(config, false, {});
  Policy policy = load_policy(folder / "first/policy.pt");
  save_policy(policy, start);
  config.out = folder / "run";
  config.warm_start = start;
  int asked = 0;
  RunHooks hooks;
  hooks.stop = [&asked] { return ++asked == 300; };
  CHECK_THROWS_AS(train_rl(config, false, hooks), Interrupted);
  policy.normaliser.mean(0) += 0.5F;
  save_policy(policy, start);
  CHECK_THROWS_WITH(resume_rl(config.out, {}),
                    ContainsSubstring("start.pt: has changed since the run began"));
  policy.normaliser.mean(0) -= 0.5F;
  save_policy(policy, start);
  CHECK(resume_rl(config.out, {}).count == 2600);
}

}  // namespace understudy
