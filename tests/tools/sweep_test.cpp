// `sweep` as a user types it: what it tries, that it goes on where it was stopped, and what it complains of.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <thread>
#include <vector>

#include "datasets/types/rng.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kCommand =
    "command = ['train', 'ppo', '--env', 'InvertedPendulumSwingup', '--eval-every', '1024', "
    "'--eval-episodes', '1', "
    "'--final-episodes', '2', '--rollout', '512', '--epochs', '2'";

std::vector<json> tasks(const fs::path& sweep) {
  std::vector<json> list;
  std::istringstream lines(content(sweep / "tasks.jsonl"));
  for (std::string line; std::getline(lines, line);) list.push_back(json::parse(line));
  return list;
}

/// Every file of a folder by its name.
std::map<std::string, std::string> files(const fs::path& folder) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::directory_iterator(folder))
    found[entry.path().filename()] = content(entry.path());
  return found;
}

/// Runs that have begun, and results.
int progress(const fs::path& sweep) {
  int found = 0;
  std::error_code none_yet;
  for (const auto& entry : fs::directory_iterator(sweep / "trials", none_yet))
    found += fs::exists(entry.path() / "checkpoints" / "last.ckpt");
  for (const auto& entry : fs::directory_iterator(sweep / "results", none_yet))
    found += entry.path().extension() == ".json";
  return found;
}

/// That something more was done since now, and a moment has passed after that.
std::function<bool()> after_progress(const fs::path& sweep, double moment) {
  return [sweep, before = progress(sweep), moment] {
    if (progress(sweep) == before) return false;
    std::this_thread::sleep_for(std::chrono::duration<double>(moment));
    return true;
  };
}

/// Runs a sweep until it is time, then sends a signal. Gives its exit code, 128 + signal when one ended it.
int sweep_until(const std::string& file, const std::string& out, const std::function<bool()>& time,
                int signal) {
  const pid_t child = fork();
  if (child == 0) {
    const int nowhere = open("/dev/null", O_RDWR);
    for (const int stream : {0, 1, 2}) dup2(nowhere, stream);
    execl(UNDERSTUDY_PROGRAM, "understudy", "sweep", file.c_str(), "--out", out.c_str(), "--jobs", "2",
          nullptr);
    _exit(127);
  }
  int status = 0;
  while (!time()) {
    if (waitpid(child, &status, WNOHANG) == child)
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  kill(child, signal);
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

TEST_CASE("a grid is every combination with every seed, ranges in steps of their own scale") {
  const TemporaryDirectory folder;
  const std::string file = (folder / "grid.toml").string(), out = (folder / "out").string();
  write_content(
      file,
      std::string(kCommand) +
          ", '--steps', '1024']\nmetric = 'return'\nseeds = [3, 4]\njobs = 2\n[options]\n"
          "learning-rate = { log_uniform = [1e-4, 1e-2], points = 3 }\nnormalise = { values = [true] }\n");
  const std::string table = output_of("sweep " + file + " --out " + out);
  const auto lines = tasks(out);
  REQUIRE(lines.size() == 6);
  std::vector<std::string> tried;
  for (const json& line : lines) {
    const auto words = line.at("train").get<std::vector<std::string>>();
    tried.push_back(words[words.size() - 5] + " " + words[words.size() - 4] + " " + words[words.size() - 3]);
    CHECK(fs::exists(line.at("result").get<std::string>()));
    CHECK(fs::exists(fs::path(line.at("run").get<std::string>()) / "policy.pt"));
  }
  CHECK(tried == std::vector<std::string>{"--learning-rate=0.0001 --normalise=true --seed=3",
                                          "--learning-rate=0.0001 --normalise=true --seed=4",
                                          "--learning-rate=0.001 --normalise=true --seed=3",
                                          "--learning-rate=0.001 --normalise=true --seed=4",
                                          "--learning-rate=0.01 --normalise=true --seed=3",
                                          "--learning-rate=0.01 --normalise=true --seed=4"});
  // A line of the table is the mean of its two seeds' figures, as the runs' manifests have them.
  std::map<std::string, double> means;
  for (const json& line : lines) {
    const auto words = line.at("train").get<std::vector<std::string>>();
    const auto manifest = json::parse(content(fs::path(line.at("run").get<std::string>()) / "manifest.json"));
    means[words[words.size() - 5].substr(16)] += manifest.at("result").at("mean_return").get<double>() / 2;
  }
  std::istringstream csv(content(fs::path(out) / "table.csv"));
  std::string row;
  std::getline(csv, row);
  CHECK(row ==
        "rank,learning-rate,normalise,seeds,success,success_low,success_high,return,return_low,return_high,"
        "distance,"
        "distance_low,distance_high");
  double before = INFINITY;
  for (int rank = 1; rank <= 3; ++rank) {
    REQUIRE(std::getline(csv, row));
    std::vector<std::string> cells;
    std::istringstream stream(row);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    CHECK(cells.at(0) == std::to_string(rank));
    CHECK(cells.at(3) == "2");
    CHECK(std::abs(std::stod(cells.at(7)) - means.at(cells.at(1))) < 1e-5 * std::abs(means.at(cells.at(1))));
    CHECK(std::stod(cells.at(7)) <= before);
    before = std::stod(cells.at(7));
  }
  CHECK_THAT(content(fs::path(out) / "report.html"), StartsWith("<!DOCTYPE html>"));

  // What is done is not run again: the runs themselves may even be gone.
  fs::remove_all(fs::path(out) / "trials");
  CHECK(output_of("sweep --out " + out + " --task " + lines[0].at("id").get<std::string>()).empty());
  CHECK(!fs::exists(fs::path(out) / "trials"));
  // A line that is not done runs by itself, from any folder, and comes to the same.
  const std::string result = lines[1].at("result"), was = content(result);
  fs::remove(result);
  must("sweep --out " + out + " --task " + lines[1].at("id").get<std::string>());
  CHECK(content(result) == was);
  CHECK_THAT(output_of("sweep " + file + " --out " + out), StartsWith(table.substr(0, table.find(out))));
}

TEST_CASE(
    "a sweep that is killed again and again comes to the same table, byte for byte, as one that is not") {
  const TemporaryDirectory folder;
  const std::string file = (folder / "halving.toml").string();
  write_content(file, std::string(kCommand) +
                          "]\nmethod = 'halving'\nmetric = 'return'\ntrials = 2\nseeds = [1, 2]\n"
                          "budget = { option = 'steps', least = 1024, most = 3000, factor = 3 }\n[options]\n"
                          "learning-rate = { log_uniform = [1e-4, 1e-2] }\nepochs-of = { values = [1] }\n");
  // An option that there is not, so that nothing of it is in the comparison by mistake.
  refused("sweep " + file + " --out " + (folder / "wrong").string(), 2, "--epochs-of");
  write_content(file, std::regex_replace(content(file), std::regex("epochs-of = .*\n"), ""));

  const fs::path whole = folder / "whole", killed = folder / "killed";
  must("sweep " + file + " --jobs 2 --out " + whole.string());
  const auto lines = tasks(whole);
  CHECK(lines.size() == 2 * 2 + 1 * 2);
  CHECK(lines.back().at("steps") == 3000);
  CHECK(lines.front().at("run") != lines.back().at("run"));

  Rng rng(5);
  int kills = 0, code = 128 + SIGKILL;
  for (; kills < 60 && code == 128 + SIGKILL; ++kills)
    code = sweep_until(file, killed.string(), after_progress(killed, rng.uniform(0, 0.3)), SIGKILL);
  REQUIRE(code == 0);
  CHECK(kills > 2);
  CHECK(content(killed / "table.csv") == content(whole / "table.csv"));
  CHECK(files(killed / "results") == files(whole / "results"));
}

TEST_CASE("Ctrl-C stops a sweep once its trainings have saved, and the same command goes on") {
  const TemporaryDirectory folder;
  const std::string file = (folder / "long.toml").string(), out = (folder / "out").string();
  write_content(file, std::string(kCommand) +
                          ", '--steps', '2000000']\nmetric = 'return'\nseeds = [1, 2]\n[options]\n"
                          "gamma = { values = [0.9] }\n");
  const auto both_train = [&] { return progress(out) == 2; };
  CHECK(sweep_until(file, out, both_train, SIGINT) == 1);
  int stopped = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(out) / "trials")) {
    if (entry.path().extension() == ".log")
      stopped += content(entry.path()).find("everything is saved") != std::string::npos;
  }
  CHECK(stopped == 2);
  CHECK(!fs::exists(fs::path(out) / "table.csv"));
}

TEST_CASE("a sweep's file is refused with the place of what is wrong") {
  const TemporaryDirectory folder;
  const std::string file = (folder / "sweep.toml").string(), out = " --out " + (folder / "out").string();
  const auto complains = [&](const std::string& text, const std::string& message) {
    write_content(file, text);
    refused("sweep " + file + out, 1, file + ":" + message);
  };
  const std::string command = "command = ['train', 'ppo', '--env', 'InvertedPendulumSwingup']\n";
  complains("comand = ['train', 'ppo']\n", "1:1: unknown key 'comand': did you mean 'command'?");
  complains("command = ['eval', 'ppo']\n", " command: want [\"train\", LEARNER, ...], found 'eval'");
  complains(command, " options: want at least one option");
  complains(command + "method = 'gird'\n", "2:10: unknown method 'gird'; known: grid, random, halving");
  complains(command + "seeds = [1, 10000]\n", "2:13: seeds: want a whole number from 0 to 9999, found 10000");
  complains(command + "[options]\ngamma = { log_uniform = [0, 1] }\n",
            "3:25: options.gamma.log_uniform: want ends above 0");
  complains(command + "[options]\ngamma = { uniform = [1, 0] }\n",
            "3:21: options.gamma.uniform: want the lower end first");
  complains(command + "[options]\ngamma = { uniform = [0, 1] }\n",
            " options.gamma: want points = N for a grid");
  complains(command + "[options]\nenv = { values = ['Drive'] }\n",
            " options.env: want it there or in the command");
  complains(command + "[options]\nseed = { values = [1] }\n", " options.seed: is the sweep's to say");
  complains(command + "method = 'halving'\ntrials = 2\n[options]\ngamma = { uniform = [0, 1] }\n",
            " budget: want option, least and most");
  CHECK(!fs::exists(folder / "out"));
  write_content(file, command + "[options]\ngamma = { values = [0.9] }\n");
  fs::create_directory(folder / "mine");
  write_content(folder / "mine" / "file", "");
  refused("sweep " + file + " --out " + (folder / "mine").string(), 1, "holds no sweep");
  refused("sweep " + out, 2, "want a file that says what to try");
}

}  // namespace understudy::tests
