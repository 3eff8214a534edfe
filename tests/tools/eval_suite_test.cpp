// `eval --suite`, as typed, stopped and killed.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "datasets/types/rng.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

namespace fs = std::filesystem;

std::string written(const TemporaryDirectory& folder, const std::string& name, const std::string& text) {
  const std::string file = (folder.path() / name).string();
  std::ofstream(file) << text;
  return file;
}

/// Two tasks, two policies and four perturbations beside none: 20 cells of a few episodes.
std::string small_suite(const TemporaryDirectory& folder) {
  const std::string wide = written(folder, "wide-Reach.toml", "[physics]\ngravity = { uniform = [9, 10] }\n");
  written(folder, "wide-Drive.toml", "[physics]\nfriction = { uniform = [0.7, 1.2] }\n");
  const std::string any = (folder.path() / "wide-{task}.toml").string();
  return written(
      folder, "night.toml",
      "tasks = [\"Reach\", \"Drive\"]\npolicies = [\"expert\", \"random\"]\nepisodes = 3\nseed = 5\n"
      "[perturbations.late]\nlatency = 2\n[perturbations.noisy]\nobservation_noise = 0.02\n"
      "[perturbations.wide]\nfile = \"" +
          any + "\"\n[perturbations.low]\nfile = \"" + any + "\"\ncorner = \"low\"\n");
}

std::string suite(const std::string& file, const fs::path& out) {
  return "eval --suite " + file + " --out " + out.string();
}

TEST_CASE("a suite evaluates every policy in every task with every perturbation, as eval would") {
  const TemporaryDirectory folder;
  const std::string file = small_suite(folder);
  const fs::path out = folder.path() / "out";
  const Outcome outcome = run_program(suite(file, out));
  CAPTURE(outcome.errors);
  REQUIRE(outcome.code == 0);
  CHECK_THAT(outcome.output, ContainsSubstring("Drive, success"));
  CHECK_THAT(outcome.output, ContainsSubstring("20 cells of 3 episodes"));
  const auto found = nlohmann::json::parse(content(out / "suite.json"));
  CHECK(found.at("suite") == "night");
  REQUIRE(found.at("cells").size() == 20);
  std::set<std::string> names;
  for (const auto& cell : found.at("cells")) {
    names.insert(cell.at("environment").get<std::string>() + "/" + cell.at("policy").get<std::string>() +
                 "/" + cell.at("perturbation").get<std::string>());
    CHECK(cell.at("outcomes").size() == 3);
    CHECK_FALSE(cell.contains("latency_us"));
    if (cell.at("perturbation") == "low" && cell.at("environment") == "Drive")
      CHECK(cell.at("outcomes").at(0).at("variation").at("physics.friction") == 0.7);
    if (cell.at("perturbation") == "late")
      CHECK(cell.at("outcomes").at(0).at("variation").at("actuators.latency") == 2);
  }
  CHECK(names.size() == 20);

  const Outcome alone = run_program("eval random --env Drive --episodes 3 --seed 5 --json --randomise " +
                                    (folder.path() / "wide-Drive.toml").string());
  const auto one = nlohmann::json::parse(alone.output).at("policies").at(0);
  for (const auto& cell : found.at("cells")) {
    if (cell.at("environment") == "Drive" && cell.at("policy") == "random" &&
        cell.at("perturbation") == "wide")
      CHECK(cell.at("outcomes") == one.at("outcomes"));
  }
  std::istringstream csv(content(out / "suite.csv"));
  int lines = 0;
  for (std::string line; std::getline(csv, line);) ++lines;
  CHECK(lines == 21);

  // Nothing is evaluated twice: what takes seconds takes none, and says no word of a cell.
  const Outcome again = run_program(suite(file, out));
  CHECK(again.code == 0);
  CHECK(again.output == outcome.output);
  CHECK(again.errors.find("evaluating") == std::string::npos);
}

TEST_CASE("a suite that was killed again and again ends with the bytes of one that was not, every time") {
  const TemporaryDirectory folder;
  const std::string file = small_suite(folder);
  const fs::path whole = folder.path() / "whole", killed = folder.path() / "killed";
  REQUIRE(run_program(suite(file, whole)).code == 0);
  Rng rng(3);
  int kills = 0;
  for (int attempt = 0; attempt < 12; ++attempt) {
    const pid_t child = fork();
    if (child == 0) {
      const int nowhere = open("/dev/null", O_RDWR);
      for (const int stream : {0, 1, 2}) dup2(nowhere, stream);
      execl(UNDERSTUDY_PROGRAM, "understudy", "eval", "--suite", file.c_str(), "--out", killed.c_str(),
            nullptr);
      _exit(127);
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(rng.uniform(0.2, 1.5)));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFSIGNALED(status)) break;
    ++kills;
  }
  CHECK(kills > 0);
  const Outcome last = run_program(suite(file, killed));
  CAPTURE(kills, last.errors);
  REQUIRE(last.code == 0);
  for (const char* name : {"suite.json", "suite.csv"}) CHECK(content(killed / name) == content(whole / name));
  for (const auto& cell : fs::directory_iterator(whole / "cells"))
    CHECK(content(cell.path()) == content(killed / "cells" / cell.path().filename()));
}

TEST_CASE("what is wrong with a suite is one line, before anything is evaluated") {
  const TemporaryDirectory folder;
  struct Case {
    std::string text, found;
  };
  const std::string good = "tasks = [\"Reach\"]\npolicies = [\"random\"]\n";
  for (const Case& each : {
           Case{"tasks = [\"Reach\"]\n", "want both tasks and policies, found no policies"},
           Case{"tasks = [\"Reech\"]\npolicies = [\"random\"]\n", "did you mean 'Reach'?"},
           Case{"tasks = [\"Hopper\"]\npolicies = [\"expert\"]\n", "Hopper has no expert"},
           Case{"tasks = [\"Reach\", \"Reach\"]\npolicies = [\"random\"]\n", "has Reach twice"},
           Case{good + "episodes = 0\n", "bad.toml:3:12: episodes: want a whole number from 1 to 100000"},
           Case{good + "[perturbations.none]\nlatency = 1\n", "means the task as it is"},
           Case{good + "[perturbations.late]\nlatencey = 1\n", "did you mean 'latency'?"},
           Case{good + "[perturbations.late]\nlatency = 0.5\n",
                "want a whole number from 0 to 100, found the number 0.5"},
           Case{good + "[perturbations.low]\ncorner = \"low\"\n", "want a file whose corner is meant"},
           Case{good + "[perturbations.low]\nfile = \"none.toml\"\n", "bad.toml:4:8: none.toml"},
           Case{"tasks = [\"Reach\"]\npolicies = [\"runs/{task}\"]\n", "runs/Reach"},
       }) {
    CAPTURE(each.text);
    const std::string file = written(folder, "bad.toml", each.text);
    const Outcome outcome = run_program(suite(file, folder.path() / "out"));
    CAPTURE(outcome.errors);
    CHECK((outcome.code == 1 || outcome.code == 2));
    CHECK_THAT(outcome.errors, ContainsSubstring(each.found));
    CHECK(std::count(outcome.errors.begin(), outcome.errors.end(), '\n') == 1);
    CHECK_FALSE(fs::exists(folder.path() / "out"));
  }
  const std::string file = written(folder, "good.toml", good);
  const Outcome elsewhere = run_program(suite(file, folder.path()));
  CHECK(elsewhere.code == 1);
  CHECK_THAT(elsewhere.errors, ContainsSubstring("want a new folder or one of a suite"));
  CHECK(run_program("eval --suite " + file).code == 2);
  CHECK(run_program("eval random --suite " + file + " --out x").code == 2);
}

}  // namespace
}  // namespace understudy::tests
