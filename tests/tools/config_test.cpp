// --config FILE, as a user meets it.

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

TEST_CASE("an unknown key is an error that names the file and the nearest option") {
  const TemporaryDirectory folder;
  const std::string config = write(folder, "episode = 7\n");
  const Outcome outcome = run_program("eval random --env Reach --config " + config);
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.errors, ContainsSubstring(config) && ContainsSubstring("did you mean 'episodes'"));
}

TEST_CASE("a configuration file that does not exist is named") {
  const Outcome outcome = run_program("eval random --env Reach --config /nowhere/options.toml");
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.errors, ContainsSubstring("/nowhere/options.toml"));
}

}  // namespace
}  // namespace understudy::tests
