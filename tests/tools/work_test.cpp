// `plan`, `work`, `status` and `collect` as machines that share a folder use them; the machines are processes here.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
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

constexpr int kTryAgain = 75;

std::string in(const TemporaryDirectory& folder, const std::string& name) {
  return (folder / name).string();
}

/// The program in a process of its own, without a word.
pid_t start(const std::vector<std::string>& words) {
  const pid_t child = fork();
  if (child != 0) return child;
  const int nowhere = open("/dev/null", O_RDWR);
  for (const int stream : {0, 1, 2}) dup2(nowhere, stream);
  std::vector<std::string> copies{"understudy"};
  copies.insert(copies.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (std::string& word : copies) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(UNDERSTUDY_PROGRAM, argv.data());
  _exit(127);
}

/// Its exit code, 128 + signal when one ended it.
int end_of(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void wait_until(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!holds()) {
    REQUIRE(std::chrono::steady_clock::now() < end);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

/// Six trainings of a moment each, of which the better of a round go on.
std::string small_sweep(const TemporaryDirectory& folder, int least = 1024) {
  const std::string file = in(folder, "sweep.toml");
  write_content(file,
                "command = ['train', 'ppo', '--env', 'InvertedPendulumSwingup', '--eval-every', '1024', "
                "'--eval-episodes', '1', '--final-episodes', '2', '--rollout', '512', '--epochs', '2']\n"
                "method = 'halving'\nmetric = 'return'\ntrials = 2\nseeds = [1, 2]\n"
                "budget = { option = 'steps', least = " +
                    std::to_string(least) + ", most = " + std::to_string(3 * least) +
                    ", factor = 3 }\n[options]\nlearning-rate = { log_uniform = [1e-4, 1e-2] }\n");
  return file;
}

std::string small_suite(const TemporaryDirectory& folder) {
  const std::string file = in(folder, "night.toml");
  write_content(file,
                "tasks = ['Reach', 'Drive']\npolicies = ['expert', 'random']\nepisodes = 3\nseed = 5\n"
                "[perturbations.late]\nlatency = 2\n[perturbations.noisy]\nobservation_noise = 0.02\n");
  return file;
}

/// A page without the moment that it was made in, the time that trainings took and the folder that they are in.
std::string timeless(const fs::path& folder) {
  std::string page = content(folder / "report.html");
  page = std::regex_replace(page, std::regex("\"made\":\"[^\"]*\""), "");
  page = std::regex_replace(page, std::regex("\"seconds\":[0-9.e+-]*"), "");
  for (std::size_t at = 0; (at = page.find(folder.string(), at)) != std::string::npos;)
    page.erase(at, folder.string().size());
  return page;
}

std::map<std::string, std::string> claims(const fs::path& plan) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::directory_iterator(plan / "claims")) {
    const std::string name = entry.path().filename();
    if (name.front() != '.') found[name] = content(entry.path());
  }
  return found;
}

int results(const fs::path& plan, const std::string& folder) {
  int found = 0;
  for (const auto& entry : fs::directory_iterator(plan / folder))
    found += entry.path().extension() == ".json";
  return found;
}

TEST_CASE(
    "a sweep that several processes work on, some of them killed, has the table of one that one process "
    "ran") {
  const TemporaryDirectory folder;
  const std::string file = small_sweep(folder);
  // Of the same name, which is the page's title.
  const fs::path whole = folder / "one" / "sweep", plan = folder / "many" / "sweep";
  must("sweep " + file + " --jobs 2 --out " + whole.string());
  CHECK_THAT(output_of("plan sweep " + file + " --out " + plan.string()),
             ContainsSubstring("4 tasks of the first round"));
  const std::string first = content(plan / "tasks.jsonl");
  must("plan sweep " + file + " --out " + plan.string());  // the same again changes nothing
  CHECK(content(plan / "tasks.jsonl") == first);
  CHECK_THAT(content(whole / "tasks.jsonl"), ContainsSubstring("\"version\":1"));
  refused("sweep " + file + " --out " + plan.string(), 1, "go on with `understudy work");
  // Its rounds are few and its tasks are many: elements of an array wait.
  CHECK_THAT(output_of("work --slurm --print " + plan.string()), ContainsSubstring("/sweep &\n"));

  // Several at once, of which one at a time dies without a word, as on a machine that loses its power.
  Rng rng(7);
  std::vector<pid_t> workers;
  const auto work = [&] {
    workers.push_back(start({"work", plan.string(), "--jobs", "1", "--tries", "50"}));
  };
  for (int i = 0; i < 2; ++i) work();
  int kills = 0;
  for (; results(plan, "results") < 3 && kills < 20; ++kills) {
    std::this_thread::sleep_for(std::chrono::duration<double>(rng.uniform(0.2, 2)));
    kill(workers.front(), SIGKILL);
    CHECK(end_of(workers.front()) != 1);
    workers.erase(workers.begin());
    work();
  }
  for (const pid_t worker : workers) CHECK(end_of(worker) == 0);
  CHECK(kills > 0);
  CHECK_THAT(output_of("status " + plan.string()),
             ContainsSubstring("6 tasks: 6 done, 0 running, 0 waiting, 0 given up"));
  const std::string table = output_of("collect " + plan.string());
  CHECK(content(plan / "table.csv") == content(whole / "table.csv"));
  const bool same_page = timeless(plan) == timeless(whole);
  CHECK(same_page);
  CHECK_THAT(table, StartsWith("rank"));
  // Everything is there, so that one process has nothing to do in the folder but the same table.
  CHECK(output_of("sweep " + file + " --out " + plan.string()) == table);
}

TEST_CASE(
    "a suite that several processes share is that of one process, byte for byte, and no cell is done twice") {
  const TemporaryDirectory folder;
  const std::string file = small_suite(folder);
  const fs::path whole = in(folder, "whole"), plan = in(folder, "plan");
  const std::string matrix = output_of("eval --suite " + file + " --out " + whole.string());
  must("plan eval --suite " + file + " --out " + plan.string());
  fs::remove(file);  // the plan has its own
  const Outcome early = run_program("collect " + plan.string());
  CHECK(early.code == 1);
  CHECK_THAT(early.errors, ContainsSubstring("12 of 12 results are missing, the first: Reach, expert, none"));
  std::vector<pid_t> workers;
  for (int i = 0; i < 3; ++i) workers.push_back(start({"work", plan.string(), "--jobs", "1"}));
  for (const pid_t worker : workers) CHECK(end_of(worker) == 0);
  const std::string collected = output_of("collect " + plan.string());
  CHECK(collected.substr(0, collected.find(plan.string())) == matrix.substr(0, matrix.find(whole.string())));
  for (const char* name : {"suite.json", "suite.csv"}) CHECK(content(plan / name) == content(whole / name));
  const auto all = claims(plan);
  CHECK(all.size() == 12);
  for (const auto& [name, text] : all) {
    CHECK(name.ends_with(".1"));
    CHECK(json::parse(text).at("state") == "done");
  }
  // Part of it, when asked for.
  fs::remove(*fs::directory_iterator(plan / "cells"));
  CHECK_THAT(output_of("collect --partial " + plan.string()),
             ContainsSubstring("11 of 12 cells of 3 episodes"));
  CHECK(json::parse(content(plan / "suite.json")).at("cells").size() == 11);
}

TEST_CASE("policies that are evaluated as tasks make the table of eval") {
  const TemporaryDirectory folder;
  const std::string words = GENERATE(" expert random --env Reach --episodes 5 --seed 3",
                                     " expert random --env Reach --episodes 2 --seed 3 --world peng");
  const std::string plan = in(folder, "plan");
  const std::string table = output_of("eval" + words);
  must("plan eval" + words + " --out " + plan);
  CHECK_THAT(output_of("work " + plan), ContainsSubstring("2 of 2 tasks are done"));
  CHECK(output_of("collect " + plan) == table);
  CHECK(content(fs::path(plan) / "eval.json") == output_of("eval --json" + words));
  CHECK(content(fs::path(plan) / "eval.json") ==
        output_of("eval --json --out " + in(folder, "kept") + words));
}

TEST_CASE(
    "a claim without a sign of life is taken over, one with is left alone, and a third failure is the last") {
  const TemporaryDirectory folder;
  const std::string plan = in(folder, "plan");
  must("plan eval random --env Reach --episodes 2 --out " + plan);
  const std::string id = fs::path(json::parse(content(fs::path(plan) / "tasks.jsonl")).at("id")).string();
  const fs::path board = fs::path(plan) / "claims";
  fs::create_directory(board);
  // Of a machine that is not this one, so that only time tells.
  const json elsewhere = {{"state", "running"}, {"host", "elsewhere"}, {"space", "elsewhere 0"},
                          {"process", 1},       {"start", 1},          {"began", 0},
                          {"seconds", 0},       {"complaint", ""},     {"hopeless", false}};
  const auto claim = [&](int attempt, int age) {
    const fs::path file = board / (id + "." + std::to_string(attempt));
    write_content(file, elsewhere.dump());
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::seconds(age));
  };
  claim(1, 30);
  CHECK_THAT(output_of("work --leave " + plan), ContainsSubstring("0 of 1 tasks are done"));
  CHECK_THAT(output_of("status " + plan),
             ContainsSubstring("1 running") && ContainsSubstring("on elsewhere (process 1)"));
  refused("eval random --env Reach --episodes 2 --threads 1 --out " + plan, 1,
          "process 1 on elsewhere is at work in it");
  CHECK_THAT(output_of("work --leave --stale 20 " + plan), ContainsSubstring("1 of 1 tasks are done"));
  CHECK(fs::exists(board / (id + ".2")));

  fs::remove(fs::path(plan) / "cells" / (id + ".json"));
  fs::remove(board / (id + ".2"));
  for (const int attempt : {1, 2, 3}) claim(attempt, 100);
  const Outcome given_up = run_program("work " + plan);
  CHECK(given_up.code == 1);
  CHECK_THAT(given_up.errors,
             ContainsSubstring("failed in 3 tries, lastly: its process on elsewhere went away") &&
                 ContainsSubstring("logs/" + id + ".log"));
  CHECK_THAT(output_of("work --again " + plan), ContainsSubstring("1 of 1 tasks are done"));
}

TEST_CASE("a plan remembers the plugins that its tasks are from") {
  const TemporaryDirectory folder;
  const std::string plan = in(folder, "plan");
  must("plan eval random --env Line --episodes 2 --plugin " UNDERSTUDY_TEST_PLUGINS
       "/libline_plugin.so --out " +
       plan);
  CHECK_THAT(output_of("work " + plan), ContainsSubstring("1 of 1 tasks are done"));
  CHECK_THAT(output_of("collect " + plan), ContainsSubstring("Line: 2 episodes"));
}

TEST_CASE("a task that always fails is tried three times, its log is named, and the others are done") {
  const TemporaryDirectory folder;
  const std::string file = in(folder, "sweep.toml"), plan = in(folder, "plan");
  write_content(
      file,
      "command = ['train', 'bc', '--env', 'Reach', '--epochs', '1', '--final-episodes', '1', '--hidden', "
      "'8']\nmetric = 'return'\n[options]\ndata = { values = ['" +
          in(folder, "demos.h5") + "', '" + in(folder, "missing.h5") + "'] }\n");
  must("record --env Reach --device synthetic --episodes 2 --headless --out " + in(folder, "demos.h5"));
  must("plan sweep " + file + " --out " + plan);
  const Outcome outcome = run_program("work --jobs 1 " + plan);
  CAPTURE(outcome.errors);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.output, ContainsSubstring("1 of 2 tasks are done"));
  CHECK_THAT(outcome.errors, ContainsSubstring("failed in 3 tries") && ContainsSubstring("missing.h5") &&
                                 ContainsSubstring("/logs/"));
  CHECK(results(plan, "results") == 1);
  CHECK(run_program("work " + plan).code == 1);  // at once: nobody tries again unasked
  CHECK(claims(plan).size() == 4);
  CHECK_THAT(output_of("status " + plan),
             ContainsSubstring("2 tasks: 1 done, 0 running, 0 waiting, 1 given up"));
  CHECK(run_program("collect " + plan).code == 1);
  CHECK_THAT(output_of("collect --partial " + plan), StartsWith("rank"));
}

TEST_CASE(
    "SIGTERM at any moment ends with 75 and everything saved, and what is requeued comes to the same bits") {
  const TemporaryDirectory folder;
  const std::string command =
      "train ppo --env InvertedPendulumSwingup --steps 15000 --rollout 512 --eval-every 10000 "
      "--eval-episodes 2 "
      "--final-episodes 2 --threads 1 --out ";
  const fs::path whole = in(folder, "whole"), run = in(folder, "run"), plan = in(folder, "plan");
  const auto begun_at = std::chrono::steady_clock::now();
  must(command + whole.string());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_at).count();
  std::istringstream stream(command);
  const std::vector<std::string> words{std::istream_iterator<std::string>(stream), {}};
  Rng rng(4);
  int stops = 0, code = kTryAgain;
  for (; stops < 40 && code == kTryAgain; ++stops) {
    std::vector<std::string> all{"resume", run.string()};
    const fs::path saved = run / "checkpoints" / "last.ckpt";
    if (!fs::exists(saved)) {
      all = words;
      all.push_back(run.string());
      all.emplace_back("--force");
    }
    const pid_t child = start(all);
    if (!fs::exists(saved)) wait_until([&] { return fs::exists(run / "manifest.json"); });
    std::this_thread::sleep_for(
        std::chrono::duration<double>(rng.uniform(0.1, 0.4) * seconds * (1 + stops / 4)));
    kill(child, SIGTERM);
    code = end_of(child);
    CHECK((code == kTryAgain || code == 0 || (code == 128 + SIGTERM && !fs::exists(saved))));
  }
  CAPTURE(stops);
  REQUIRE(code == 0);
  CHECK(stops > 2);
  CHECK(content(run / "policy.pt") == content(whole / "policy.pt"));

  // The same of whole commands: they save, give back what they did, and count no try.
  must("plan train ppo --env InvertedPendulumSwingup --steps 2000000 --seeds 1,2 --out " + plan.string());
  const pid_t worker = start({"work", plan.string(), "--jobs", "2"});
  wait_until([&] {
    int begun = 0;
    for (const auto& entry : fs::directory_iterator(plan / "trials"))
      begun += fs::exists(entry.path() / "checkpoints" / "last.ckpt");
    return begun == 2;
  });
  kill(worker, SIGTERM);
  CHECK(end_of(worker) == kTryAgain);
  CHECK(claims(plan).empty());
  int saved = 0;
  for (const auto& entry : fs::directory_iterator(plan / "trials"))
    if (entry.path().extension() == ".log")
      saved += content(entry.path()).find("everything is saved") != std::string::npos;
  CHECK(saved == 2);
}

TEST_CASE("what stands in the way of a plan is one line") {
  const TemporaryDirectory folder;
  const std::string plan = in(folder, "plan"), words = " random --env Reach --episodes 2 --out ";
  refused("work " + in(folder, "nowhere"), 1, "is the folder shared with this machine?");
  must("plan eval" + words + plan);
  must("plan eval" + words + plan);
  refused("plan eval random --env Reach --episodes 3 --out " + plan, 1, "holds another plan");
  refused("plan eval" + words + folder.path().string(), 1, "is not empty and holds no plan");
  refused("plan eval --out " + in(folder, "none"), 2, "want either policies or --suite FILE, found neither");
  refused("plan train ppo --env Reach --seeds 3-1 --out " + in(folder, "none"), 2, "--seeds: want numbers");
  refused("plan train --seeds 1-2 --out " + in(folder, "none"), 2, "want a learner");
  refused("collect " + plan, 1, "1 of 1 results are missing, the first: Reach, random");
  refused("work --slurm " + plan, 1, "sbatch: not found", "PATH=/nowhere");
  refused("work --slurm --sbatch x " + plan, 2, "--sbatch: want options of sbatch");
  CHECK(!fs::exists(in(folder, "none")));

  const Outcome script =
      run_program("work --slurm --print --jobs 3 --sbatch '--time=1:00:00 --mem=2G' " + plan);
  CHECK(script.code == 0);
  for (const char* line :
       {"#SBATCH --array=0-0%3\n", "#SBATCH --requeue\n", "#SBATCH --signal=B:TERM@90\n",
        "#SBATCH --open-mode=append\n", "#SBATCH --time=1:00:00 --mem=2G\n", "scontrol requeue"})
    CHECK_THAT(script.output, ContainsSubstring(line));
  const std::string blank = in(folder, "a plan");
  must("plan eval" + words + "'" + blank + "'");
  CHECK_THAT(output_of("work --slurm --print --stale 90 --tries 5 '" + blank + "'"),
             ContainsSubstring("#SBATCH --output=\"" + blank + "/logs/slurm-%A_%a.log\"\n") &&
                 ContainsSubstring(" --leave --stale 90 --tries 5 &\n"));
  write_content(in(folder, "array.sh"), script.output);
  CHECK(run_program("--version", "bash -n " + in(folder, "array.sh") + " &&").code == 0);

  must("work " + plan);
  const std::string id = json::parse(content(fs::path(plan) / "tasks.jsonl")).at("id");
  const fs::path cell = fs::path(plan) / "cells" / (id + ".json"), document = fs::path(plan) / "plan.json";
  const std::string good = content(cell), made = content(document);
  const auto with = [&](const fs::path& file, const std::string& text, const char* key, const json& value) {
    json changed = json::parse(text);
    changed[json::json_pointer(key)] = value;
    write_content(file, changed.dump());
  };
  with(cell, good, "/made_by/revision", "0000000");
  refused("collect " + plan, 1, "was made by understudy 0.1.0 (0000000)");
  with(cell, good, "/made_by/processor", "another");
  const Outcome mixed = run_program("collect " + plan);
  CHECK(mixed.code == 0);
  CHECK_THAT(mixed.errors, ContainsSubstring("1 of 1 results are from another kind of processor (another)"));
  write_content(cell, "{");
  refused("collect " + plan, 1, "damaged");
  write_content(cell, good);
  with(document, made, "/version", 2);
  refused("status " + plan, 1, "want version 1, found 2");
  with(document, made, "/revision", "0000000");
  refused("work " + plan, 1, "was planned by understudy 0.1.0 (0000000)");
  write_content(document, "[");
  refused("status " + plan, 1, "want a plan, found something else");
  write_content(document, made);
  fs::copy(plan, in(folder, "moved"), fs::copy_options::recursive);
  refused("status " + in(folder, "moved"), 1, "was planned as " + plan);
}

}  // namespace
}  // namespace understudy::tests
