// --config FILE, as a user meets it.

#include <algorithm>
#include <fstream>

#include "tests/support/catch.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

std::string write(const TemporaryDirectory& folder, const std::string& text) {
  const std::string path = folder / "options.toml";
  std::ofstream(path) << text;
  return path;
}

TEST_CASE("an option in the configuration file acts like the same option on the command line") {
  const TemporaryDirectory folder;
  const std::string config = write(folder, "# comment\nepisodes = 7\nseed = 3\njson = true\n");
  const Outcome from_file = run_program("eval random --env Reach --config " + config);
  const Outcome from_line = run_program("eval random --env Reach --episodes 7 --seed 3 --json");
  REQUIRE(from_line.code == 0);
  CHECK(from_file.output == from_line.output);
}

TEST_CASE("the command line wins over the configuration file") {
  const TemporaryDirectory folder;
  const std::string config = write(folder, "episodes = 7\n");
  const Outcome outcome = run_program("eval random --env Reach --episodes 3 --config=" + config);
  REQUIRE(outcome.code == 0);
  CHECK_THAT(outcome.output, ContainsSubstring("3 episodes"));
}

TEST_CASE("an unknown key is an error that names its place and the nearest option") {
  const TemporaryDirectory folder;
  const std::string config = write(folder, "episode = 7\n");
  const Outcome outcome = run_program("eval random --env Reach --config " + config);
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.errors,
             ContainsSubstring(config + ":1:1: unknown key 'episode': did you mean 'episodes'?"));
}

TEST_CASE("a value that an option cannot take is refused with its place in the configuration file") {
  struct Case {
    const char *text, *complaint;
  };
  const Case c = GENERATE(values<Case>({
      {"# mine\nepisodes = 'many'\n", ":2:12: --episodes: "},
      {"seed = 2.5\n", ":1:8: --seed: "},
      {"episodes = true\n", ":1:12: episodes: want a number, found true"},
      {"json = 1\n", ":1:8: json: want true or false, found the number 1"},
      {"episodes = 0\n", ":1:12: --episodes"},
      {"[eval]\nepisodes = 2\n", ":1:2: want plain 'option = value' lines, found the section [eval]"},
      {"episodes = 1\nepisodes = 2\n", ":2:"},
      {"env = Reach\n", ":1:7: not TOML: "},
  }));
  CAPTURE(c.text);
  const TemporaryDirectory folder;
  const std::string config = write(folder, c.text);
  const Outcome outcome = run_program("eval random --env Reach --config " + config);
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.errors, ContainsSubstring("understudy: " + config + c.complaint));
  CHECK(std::count(outcome.errors.begin(), outcome.errors.end(), '\n') == 1);
}

TEST_CASE("a list in the configuration file is what the command line separates by commas") {
  const TemporaryDirectory folder;
  const std::string config =
      write(folder, "env = ['Reach', 'Push']\nrepeats = 1\nseconds = 0.01\nbatch = 1\n");
  const Outcome outcome = run_program("bench env --config " + config);
  REQUIRE(outcome.code == 0);
  CHECK_THAT(outcome.output,
             ContainsSubstring("Reach") && ContainsSubstring("Push") && !ContainsSubstring("Ant"));
}

TEST_CASE("an empty text in the configuration file does not swallow the next option") {
  const TemporaryDirectory folder;
  const std::string config = write(folder, "randomise = ''\nepisodes = 3\n");
  const Outcome outcome = run_program("eval random --env Reach --config " + config);
  REQUIRE(outcome.code == 0);
  CHECK_THAT(outcome.output, ContainsSubstring("3 episodes"));
}

TEST_CASE("a configuration file that does not exist is named") {
  const Outcome outcome = run_program("eval random --env Reach --config /nowhere/options.toml");
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.errors, ContainsSubstring("/nowhere/options.toml"));
}

}  // namespace
}  // namespace understudy::tests
