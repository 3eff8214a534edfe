// What eval says and keeps of single episodes: failures, traces, datasets; and the curve over a run's policies.

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "datasets/format/demonstration_reader.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json policies(const std::string& arguments) {
  const Outcome outcome = run_program(arguments);
  CAPTURE(arguments, outcome.errors);
  REQUIRE(outcome.code == 0);
  return json::parse(outcome.output).at("policies");
}

TEST_CASE("eval says why episodes failed and which seeds, the worst first") {
  const json found = policies("eval random expert --env Drive --episodes 9 --json");
  std::vector<double> returns;
  for (const json& outcome : found[0].at("outcomes")) {
    CHECK(outcome.at("cause") == (outcome.at("terminated") == true ? "off track" : "time out"));
    CHECK(outcome.at("left_demonstrations").is_null());
    returns.push_back(outcome.at("return"));
  }
  std::sort(returns.begin(), returns.end());
  const auto return_of = [&](const json& seed) {
    for (const json& outcome : found[0].at("outcomes"))
      if (outcome.at("seed") == seed) return outcome.at("return").get<double>();
    return 0.0;
  };
  const json& failures = found[0].at("failures");
  REQUIRE(failures.size() == 4);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(failures[i].at("kind") == "worst");
    CHECK(return_of(failures[i].at("seed")) == returns[i]);
    CHECK(failures[i].at("video").is_null());
  }
  CHECK(failures[3].at("kind") == "median");
  CHECK(return_of(failures[3].at("seed")) == returns[4]);
  REQUIRE(found[1].at("failures").size() == 1);  // nothing failed
  CHECK(found[1].at("failures")[0].at("cause").is_null());
  CHECK_FALSE(found[0].contains("latency_us"));

  const std::string table = run_program("eval random expert --env Drive --episodes 9 --latency").output;
  CHECK_THAT(table, ContainsSubstring("random: failed: "));
  CHECK_THAT(table, ContainsSubstring(" time out; worst seeds "));
  CHECK(table.find("expert: failed") == std::string::npos);
  CHECK_THAT(table, ContainsSubstring("random: acts in "));
  const json latency = policies("eval random --env Drive --episodes 2 --latency --json")[0].at("latency_us");
  CHECK(latency.at("p50").get<double>() <= latency.at("p95").get<double>());
  CHECK(latency.at("p99").get<double>() <= latency.at("max").get<double>());
}

#ifdef UNDERSTUDY_HAVE_SDL
TEST_CASE("the worst failures and the median episode are drawn, and never over what is there") {
  const TemporaryDirectory folder;
  const std::string videos = (folder / "videos").string();
  const std::string command = "eval random --env InvertedPendulum --episodes 5 --json --failures " + videos;
  const json found = policies(command);
  std::size_t drawn = 0;
  for (const json& episode : found[0].at("failures")) {
    CHECK(episode.at("cause") == "fell");
    const fs::path video = episode.at("video").get<std::string>();
    CHECK_THAT(video.filename().string(),
               StartsWith("random-" + episode.at("kind").get<std::string>() + "-"));
    CHECK(fs::file_size(video) > 1000);
    ++drawn;
  }
  CHECK(drawn == 4);
  const Outcome again = run_program(command);
  CHECK(again.code == 1);
  CHECK_THAT(again.errors,
             ContainsSubstring("is a video of random already; choose another --failures folder"));
  CHECK(static_cast<std::size_t>(std::distance(fs::directory_iterator(videos), fs::directory_iterator())) ==
        drawn);
}
#endif

TEST_CASE("a trace has the spaces' names and as many episodes as are asked for") {
  const TemporaryDirectory folder;
  const std::string file = folder / "trace.csv";
  const json found =
      policies("eval expert --env Reach --episodes 4 --json --trace " + file + " --trace-episodes 3");
  std::istringstream csv(content(file));
  std::string line;
  std::getline(csv, line);
  CHECK_THAT(line, StartsWith("episode,step,obs/"));
  CHECK_THAT(line, ContainsSubstring(",action/"));
  int steps = 0, wanted = 0;
  while (std::getline(csv, line)) ++steps;
  for (int i = 0; i < 3; ++i)
    wanted += found[0].at("outcomes")[static_cast<std::size_t>(i)].at("length").get<int>();
  CHECK(steps == wanted);
  CHECK_THAT(content(file), ContainsSubstring("\n2,0,"));
  CHECK(run_program("eval expert --env Reach --episodes 2 --trace " + (folder / "b.csv").string() +
                    " --trace-episodes 3")
            .code == 2);
}

TEST_CASE("an evaluation's rollouts are a dataset that validates, replays and is added to but never twice") {
  const TemporaryDirectory folder;
  const std::string file = folder / "rollouts.h5";
  const std::string command =
      "eval expert random --env Reach --episodes 5 --threads 3 --json --record " + file;
  const json found = policies(command);
  for (const std::string check : {"data validate ", "play --verify "}) {
    const Outcome outcome = run_program(check + file);
    CAPTURE(check, outcome.output, outcome.errors);
#ifndef UNDERSTUDY_HAVE_SDL
    if (check == "play --verify ") continue;
#endif
    CHECK(outcome.code == 0);
  }
  {
    const DemonstrationReader reader(file);
    REQUIRE(reader.size() == 10);
    for (int i = 0; i < 10; ++i) {
      const EpisodeSummary summary = reader.summary(i);
      const json& policy = found[static_cast<std::size_t>(i / 5)];
      const json& outcome = policy.at("outcomes")[static_cast<std::size_t>(i % 5)];
      CHECK(summary.operator_name == policy.at("policy"));
      CHECK(summary.seed == outcome.at("seed"));
      CHECK(summary.success == outcome.at("success"));
      CHECK(summary.steps == outcome.at("length"));
    }
    CHECK(reader.mask("train").size() + reader.mask("valid").size() >= 5);  // the expert's, which succeed
  }
  const Outcome twice = run_program(command);
  CHECK(twice.code == 1);
  CHECK_THAT(twice.errors, ContainsSubstring("by expert already; choose another --record file or --seed"));
  CHECK(run_program("eval random --env Reach --episodes 2 --seed 9 --record " + file).code == 0);
  CHECK(DemonstrationReader(file).size() == 12);
  const Outcome other = run_program("eval random --env Drive --episodes 2 --record " + file);
  CHECK(other.code == 1);
  CHECK_THAT(other.errors, ContainsSubstring(file));
}

TEST_CASE("failures are said to leave the demonstrations, and when; of successes nobody asks") {
  const TemporaryDirectory folder;
  const std::string demos = folder / "demos.h5";
  REQUIRE(run_program("record --env Land --device scripted --episodes 10 --out " + demos).code == 0);
  const json found = policies("eval random expert --env Land --episodes 10 --json --data " + demos);
  int left = 0;
  for (const json& outcome : found[0].at("outcomes")) {
    if (outcome.at("left_demonstrations").is_null()) continue;
    CHECK(outcome.at("left_demonstrations") < outcome.at("length"));
    ++left;
  }
  CHECK(left >= 9);
  for (const json& outcome : found[1].at("outcomes"))
    CHECK((outcome.at("success") == false || outcome.at("left_demonstrations").is_null()));
}

TEST_CASE("the curve over a run's policies says which was kept, and whether it stands out") {
  const TemporaryDirectory folder;
  const std::string demos = folder / "demos.h5", run = folder / "run";
  REQUIRE(run_program("record --env Reach --device scripted --episodes 4 --out " + demos).code == 0);
  const std::string train =
      "train bc --env Reach --data " + demos +
      " --epochs 4 --epoch-updates 30 --hidden 16 --eval-episodes 4 --final-episodes 6 --out ";
  REQUIRE(run_program(train + run + " --keep-candidates").code == 0);
  const std::string command = "eval " + run + " --checkpoints all --episodes 12";
  const json found = policies(command + " --json");
  REQUIRE(found.size() == 4);
  int kept = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(found[i].at("step") == i + 1);
    kept += found[i].at("kept") == true ? static_cast<int>(i) + 1 : 0;
  }
  const json manifest = json::parse(content(fs::path(run) / "manifest.json"));
  CHECK(manifest.at("result").at("best_epoch") == kept);
  const std::string table = run_program(command).output;
  CHECK_THAT(table, ContainsSubstring("kept " + std::to_string(kept) + ": "));
  CHECK_THAT(table, ContainsSubstring("luck alone would make it"));
  // run,task,learner,rl,demos,seed,trained,kept,minutes,success %,expert,return,IQM,low,high,share,W1
  std::istringstream csv(run_program("runs --csv " + run).output);
  std::string line;
  std::getline(csv, line);
  CHECK_THAT(line, ContainsSubstring("seed,trained,kept,minutes,success %"));
  std::getline(csv, line);
  std::vector<std::string> cells;
  std::istringstream row(line);
  for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
  REQUIRE(cells.size() >= 10);
  CHECK(cells[6] == "4");
  CHECK(cells[7] == std::to_string(kept));
  CHECK_FALSE(cells[9].empty());
  double recorded = 0;  // of the training episodes, as their file has them
  const DemonstrationReader reader(demos);
  for (const int episode : reader.mask("train")) {
    for (const float reward : reader.read(episode).rewards) recorded += static_cast<double>(reward);
  }
  recorded /= static_cast<double>(reader.mask("train").size());
  CHECK(manifest.at("dataset").at("mean_return").get<double>() == Approx(recorded));

  REQUIRE(run_program(train + (folder / "bare").string()).code == 0);
  const Outcome bare = run_program("eval " + (folder / "bare").string() + " --checkpoints all");
  CHECK(bare.code == 1);
  CHECK_THAT(bare.errors, ContainsSubstring("train with --keep-candidates"));
  CHECK(content(fs::path(run) / "policy.pt") == content(folder / "bare" / "policy.pt"));
}

}  // namespace
}  // namespace understudy::tests
