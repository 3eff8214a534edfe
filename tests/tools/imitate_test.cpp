// `imitate` as a user runs it: one command from a file of demonstrations to a policy.

#include <filesystem>
#include <string>

#include "datasets/storage/durable_file.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

const std::string kDemonstrations = UNDERSTUDY_EXPERTS "/InvertedPendulumSwingup/demos.h5";

std::string imitate(const std::string& out, const std::string& more) {
  return "imitate --env InvertedPendulumSwingup --data " + kDemonstrations + " --subsample 20 --out " + out +
         " " + more;
}

}  // namespace

TEST_CASE("imitate ends with the clone where that is as close as the demonstrations are to each other") {
  const TemporaryDirectory folder;
  const std::string run = folder / "run";
  const Outcome outcome = run_program(imitate(run, "--demos 2"));
  INFO(outcome.errors);
  REQUIRE(outcome.code == 0);
  CHECK_THAT(outcome.output, ContainsSubstring("policy of step 0 after"));
  const Outcome evaluated = run_program("eval " + run + " --env InvertedPendulumSwingup --episodes 3 --json");
  CHECK(evaluated.code == 0);
  const Outcome again = run_program(imitate(run, "--demos 2"));
  CHECK(again.code == 1);
  CHECK_THAT(again.errors, ContainsSubstring("run"));
}

TEST_CASE("imitate keeps its minutes, and what it has by then is a policy") {
  const TemporaryDirectory folder;
  const std::string run = folder / "run";
  const Outcome outcome = run_program(imitate(run, "--demos 1 --minutes 0.05"));
  INFO(outcome.errors);
  REQUIRE(outcome.code == 0);
  CHECK(std::filesystem::exists(run + "/policy.pt"));
  CHECK_THAT(read_file(run + "/manifest.json"), ContainsSubstring("\"result\""));
  // Finished: going on would only look at it.
  CHECK(run_program("resume " + run).code == 0);
}

TEST_CASE("imitate refuses what it cannot use in one line") {
  const TemporaryDirectory folder;
  for (const auto& [more, line] : {std::pair{"--demos 1 --minutes -1", "--minutes: want a number from 0"},
                                   {"--demos 12", "want 12 demonstrations, found 11"},
                                   {"--patience 3", "not expected: --patience"}}) {
    const Outcome outcome = run_program(imitate(folder / "run", more));
    CHECK(outcome.code != 0);
    CHECK_THAT(outcome.errors, ContainsSubstring(line));
    CHECK_FALSE(std::filesystem::exists(folder / "run"));
  }
}

}  // namespace understudy::tests
