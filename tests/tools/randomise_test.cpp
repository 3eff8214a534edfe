// --randomise FILE, as a user meets it: recorded, shown, replayed, evaluated, refused.

#include <fstream>
#include <sstream>

#include "datasets/format/demonstration_reader.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

std::string write(const TemporaryDirectory& folder, const std::string& name, const std::string& text) {
  const std::string path = folder / name;
  std::ofstream(path) << text;
  return path;
}

TEST_CASE("a varied session is recorded with what was drawn and replays bit for bit from the file alone") {
  const std::string task = GENERATE("Reach", "Drive");
  const TemporaryDirectory folder;
  const std::string randomise = write(folder, "wide.toml", output_of("envs " + task + " --randomisation"));
  const std::string demos = folder / "demos.h5";
  must("record --env " + task + " --device synthetic --keep-failures --episodes 3 --out " + demos +
       " --randomise " + randomise);
  // A second session into the same file, as the task is.
  must("record --env " + task + " --device synthetic --keep-failures --episodes 1 --out " + demos);
  std::ofstream(randomise) << "broken";  // nobody reads it any more
  CHECK_THAT(output_of("play --verify " + demos), ContainsSubstring("4 of 4 episodes replay bit for bit"));
  CHECK_THAT(output_of("data validate " + demos), ContainsSubstring("keeps the contract"));

  const DemonstrationReader reader(demos);
  const Randomisation wide = parse_randomisation(output_of("envs " + task + " --randomisation"), "wide");
  for (int i = 0; i < 3; ++i) {
    const Episode episode = reader.read(i);
    CHECK(variation_from_json(episode.variation, "demo") == wide.draw(episode.seed));
  }
  CHECK(reader.read(3).variation.empty());
  const std::string info = output_of("data info " + demos);
  CHECK_THAT(info, ContainsSubstring("3 of 4 episodes") && ContainsSubstring("physics.mass") &&
                       ContainsSubstring("m/s^2"));
  CHECK_THAT(output_of("data info --json " + demos), ContainsSubstring("\"physics.gravity\": "));
}

TEST_CASE("evaluation varies the same episodes alike for every policy and number of threads") {
  const TemporaryDirectory folder;
  const std::string randomise = write(folder, "r.toml", "[physics]\nmass = { uniform = [0.5, 1.5] }\n");
  const std::string command = "eval expert random --env Reach --episodes 6 --json --randomise " + randomise;
  const std::string one = output_of(command + " --threads 1");
  CHECK(one == output_of(command + " --threads 2"));
  CHECK_THAT(one, ContainsSubstring("\"physics.mass\": "));
  const std::string plain = output_of("eval expert random --env Reach --episodes 6 --json");
  CHECK(plain.find("physics.mass") == std::string::npos);
  const std::string policies = one.substr(one.find("\"policies\""));
  CHECK(policies != plain.substr(plain.find("\"policies\"")));
  CHECK_THAT(output_of("eval expert --env Reach --episodes 2 --randomise " + randomise),
             ContainsSubstring("varied by " + randomise));
}

TEST_CASE("a randomisation file that is wrong gets one line, exit code 2 and leaves nothing behind") {
  const TemporaryDirectory folder;
  const std::string negative = write(folder, "negative.toml", "[physics]\nmass = { uniform = [-1, 1] }\n");
  const std::string misfit = write(folder, "misfit.toml", "[geometry]\ncone_size = 1.1\n");
  const std::string out = folder / "out.h5";
  for (const std::string& command :
       {"record --env Reach --device synthetic --out " + out, std::string("eval expert --env Reach"),
        std::string("play expert --env Reach"), std::string("bench env --seconds 0.01")}) {
    CAPTURE(command);
    const Outcome wrong = run_program(command + " --randomise " + negative);
    CHECK(wrong.code == 2);
    CHECK(wrong.output.empty());
    CHECK_THAT(wrong.errors,
               ContainsSubstring(negative + ":2:8: physics.mass: want values from 0.01 to 100, found -1"));
    CHECK(std::count(wrong.errors.begin(), wrong.errors.end(), '\n') == 1);
    const Outcome missing = run_program(command + " --randomise /nowhere/r.toml");
    CHECK(missing.code == 2);
    CHECK_THAT(missing.errors, ContainsSubstring("/nowhere/r.toml: no such file"));
    if (command.starts_with("bench")) continue;
    const Outcome other = run_program(command + " --randomise " + misfit);
    CHECK(other.code == 2);
    CHECK_THAT(other.errors, ContainsSubstring(misfit + ":2:1: geometry.cone_size") &&
                                 ContainsSubstring("no dimension to vary"));
  }
  CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("a dataset is played as it was varied, not as the command line says") {
  const TemporaryDirectory folder;
  const std::string randomise = write(folder, "r.toml", "physics.mass = 1.5\n");
  const std::string demos = folder / "demos.h5";
  must("record --env Reach --device synthetic --episodes 1 --out " + demos);
  const Outcome outcome = run_program("play --verify " + demos + " --randomise " + randomise);
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.errors, ContainsSubstring("--randomise is for policies"));
}

}  // namespace
}  // namespace understudy::tests
