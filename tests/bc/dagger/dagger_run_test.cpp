#include "bc/dagger/dagger_run.h"

#include <cmath>
#include <sstream>

#include "bc/dagger/dagger_rollout.h"
#include "datasets/types/error.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

/// Always does the same.
class Constant final : public Actor {
 public:
  explicit Constant(float value) : value_(value) {}
  void reset(int, std::uint64_t) override {}
  void act(ConstMatrixRef, MatrixRef actions) override { actions.setConstant(value_); }

 private:
  float value_;
};

DaggerRunConfig small_run(const TemporaryDirectory& scratch, const std::string& out) {
  DaggerRunConfig config;
  config.environment = "Reach";
  config.out = (scratch / out).string();
  config.rounds = 3;
  config.round_episodes = 2;
  config.cloning.hidden = {16};
  config.cloning.epochs = 3;
  config.cloning.epoch_updates = 20;
  config.evaluation_episodes = 2;
  config.final_episodes = 3;
  return config;
}

RunHooks stopping_after(int polls) {
  RunHooks hooks;
  const auto left = std::make_shared<int>(polls);
  hooks.stop = [left] { return --*left < 0; };
  return hooks;
}

}  // namespace

TEST_CASE("whoever drives, the labels are the expert's", "[bc]") {
  const auto environment = make_environment("Reach");
  Constant expert(0.5F), learner(-0.25F);
  const auto drive = [&](double share) { return dagger_rollout(*environment, expert, &learner, share, 7); };
  const LabelledEpisode none = drive(0), all = drive(1), half = drive(0.5);
  for (const LabelledEpisode* episode : {&none, &all, &half}) {
    CHECK(episode->labels.rows() == episode->observations.rows());
    CHECK((episode->labels.array() == 0.5F).all());
    CHECK(episode->disagreement == Approx(0.75));
  }
  CHECK(none.expert_steps == 0);
  CHECK(all.expert_steps == all.labels.rows());
  // A coin a step: five standard deviations.
  const auto steps = static_cast<double>(half.labels.rows());
  CHECK(std::abs(half.expert_steps - steps / 2) < 5 * std::sqrt(steps) / 2);
  CHECK(none.observations != all.observations);
  CHECK(drive(0.5).observations == half.observations);
  const LabelledEpisode alone = dagger_rollout(*environment, expert, nullptr, 0, 7);
  CHECK(alone.observations == all.observations);
  CHECK(std::isnan(alone.disagreement));
}

TEST_CASE("the expert hands over as its schedule says", "[bc]") {
  DaggerRunConfig config;
  config.beta_rounds = 4;
  CHECK(beta(config, 0) == 1);
  CHECK(beta(config, 1) == Approx(0.75));
  CHECK(beta(config, 4) == 0);
  CHECK(beta(config, 9) == 0);
  config.schedule = BetaSchedule::kExponential;
  config.beta_base = 0.7;
  CHECK(beta(config, 0) == 1);
  CHECK(beta(config, 3) == Approx(0.343));
  config.schedule = BetaSchedule::kFirst;
  CHECK(beta(config, 0) == 1);
  CHECK(beta(config, 1) == 0);
}

TEST_CASE("a run of DAgger stopped anywhere goes on to the same bits", "[bc]") {
  const TemporaryDirectory scratch;
  DaggerRunConfig config = small_run(scratch, "whole");
  config.continues = GENERATE(false, true);
  const RunResult whole = train_dagger(config, false, {});
  const std::string metrics = content(scratch / "whole" / "metrics.csv");
  CAPTURE(metrics);
  for (const int polls : {3, 40, 75, 110, 150}) {
    CAPTURE(polls);
    config.out = (scratch / "stopped").string();
    CHECK_THROWS_AS(train_dagger(config, true, stopping_after(polls)), Interrupted);
    const RunResult resumed = resume_dagger(scratch / "stopped", {});
    CHECK(content(scratch / "stopped" / "metrics.csv") == metrics);
    CHECK(resumed.summary.mean_return == whole.summary.mean_return);
    CHECK(load_policy(resumed.policy).network->tensors().front().values ==
          load_policy(whole.policy).network->tensors().front().values);
  }
}

TEST_CASE("every round of DAgger has more labels than the one before, and says how they came about", "[bc]") {
  const TemporaryDirectory scratch;
  train_dagger(small_run(scratch, "run"), false, {});
  std::istringstream metrics(content(scratch / "run" / "metrics.csv"));
  std::string line;
  std::getline(metrics, line);
  CHECK(line ==
        "round,labels,episodes,beta,expert_share,driven_success,disagreement,loss,success_rate,mean_return,"
        "mean_length");
  std::vector<std::vector<std::string>> rows;
  while (std::getline(metrics, line)) rows.push_back(split_list(line));
  REQUIRE(rows.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(rows[i][2] == std::to_string(2 * (i + 1)));
  CHECK(std::stoi(rows[0][1]) < std::stoi(rows[1][1]));
  CHECK(std::stoi(rows[1][1]) < std::stoi(rows[2][1]));
  CHECK(rows[0][4] == "1");
  CHECK(rows[0][6].empty());
  CHECK(std::stod(rows[1][4]) == Approx(0.8).margin(0.15));
  CHECK(std::stod(rows[1][6]) > 0);
}

TEST_CASE("what DAgger cannot do is refused before anything is made", "[bc]") {
  const TemporaryDirectory scratch;
  const auto refused = [&](const char* message, auto change) {
    DaggerRunConfig config = small_run(scratch, "run");
    change(config);
    CHECK_THROWS_WITH(train_dagger(config, false, {}), ContainsSubstring(message));
    CHECK_FALSE(std::filesystem::exists(scratch / "run"));
  };
  refused("--rounds: want a number from 1", [](DaggerRunConfig& c) { c.rounds = 0; });
  refused("--beta-base: want a number from 0 to 1", [](DaggerRunConfig& c) { c.beta_base = 1.5; });
  refused("no-such.pt", [](DaggerRunConfig& c) { c.expert = "no-such.pt"; });
  refused("--expert: want a policy's file to ask, as Hopper has no scripted expert",
          [](DaggerRunConfig& c) { c.environment = "Hopper"; });
  refused("--data: want the demonstrations that --demos",
          [](DaggerRunConfig& c) { c.demonstrations.demos = 3; });
}

}  // namespace understudy
