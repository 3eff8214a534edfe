// Trainings in step, as a user starts them with mpirun: the number of processes changes not one bit, and what goes wrong
// is said once.

#include <filesystem>
#include <initializer_list>
#include <string>

#include "datasets/storage/sha256.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

std::string ranks(int count) {
  return "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 " UNDERSTUDY_MPIRUN
         " --oversubscribe -np " +
         std::to_string(count);
}

/// Of the run in `folder` that `arguments` train.
std::string policy_of(const std::string& arguments, const std::string& folder, int count) {
  const std::string out = folder + "/run" + std::to_string(count);
  const Outcome outcome = run_program(arguments + " --out " + out + " --force", ranks(count));
  CAPTURE(arguments, count, outcome.output, outcome.errors);
  REQUIRE(outcome.code == 0);
  return file_sha256(out + "/policy.pt");
}

int count_of(const std::string& text, const std::string& word) {
  int count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

std::string words(std::initializer_list<const char*> parts) {
  std::string all;
  for (const char* part : parts) all.append(part).append(" ");
  return all;
}

constexpr const char* kRollouts =
    "--env Reach --seed 3 --environments 4 --shards 3 --eval-episodes 3 --final-episodes 3 --rollout 200 "
    "--eval-every 400";

TEST_CASE("the number of ranks changes not one bit of a policy") {
  const TemporaryDirectory folder;
  const std::string demos = folder / "demos.h5";
  REQUIRE(run_program("record --env Reach --device scripted --episodes 4 --seed 1 --out " + demos).code == 0);
  const char* data = demos.c_str();
  const char* cloning =
      "--env Reach --shards 3 --eval-episodes 3 --final-episodes 3 --epochs 2 --epoch-updates 5 --batch 20 "
      "--observation-noise 0.1";
  // tests/cluster/ranks.sh has all learners and numbers of ranks.
  for (const std::string& training :
       {words({"train bc --data", data, cloning}),
        words({"train bc --policy transformer --dropout 0.1 --layers 1 --width 16 --data", data, cloning}),
        words({"train ppo --epochs 1 --steps 400", kRollouts}),
        words({"train gail --rl ppo --epochs 1 --steps 400 --data", data, kRollouts})}) {
    CAPTURE(training);
    const std::string alone = policy_of(training, folder.path(), 1);
    CHECK(policy_of(training, folder.path(), 3) == alone);
  }
}

TEST_CASE("a run of two ranks is continued by one, bit for bit") {
  const TemporaryDirectory folder;
  const std::string out = folder / "run", longer = folder / "longer";
  REQUIRE(
      run_program(words({"train ppo --epochs 1 --steps 400 --out", out.c_str(), kRollouts}), ranks(2)).code ==
      0);
  REQUIRE(run_program(words({"resume", out.c_str(), "--steps 1000"})).code == 0);
  REQUIRE(run_program(words({"train ppo --epochs 1 --steps 1000 --out", longer.c_str(), kRollouts}), ranks(3))
              .code == 0);
  CHECK(file_sha256(out + "/policy.pt") == file_sha256(longer + "/policy.pt"));
}

TEST_CASE("SIGTERM to one rank lets all save and end with the code that requeues") {
  const TemporaryDirectory folder;
  const std::string out = folder / "run";
  const std::string training =
      words({"train ppo --epochs 1 --steps 100000000 --out", out.c_str(), kRollouts});
  // The second of two processes is the one that is told.
  const Outcome outcome = run_program(
      training + ": -np 1 timeout --preserve-status -s TERM 6 " UNDERSTUDY_PROGRAM " " + training, ranks(1));
  CAPTURE(outcome.output, outcome.errors);
  CHECK(outcome.code == 75);
  CHECK(count_of(outcome.errors, "everything is saved") == 1);
  CHECK(std::filesystem::exists(out + "/checkpoints/last.ckpt"));
}

TEST_CASE("what is wrong with a training in step is said once") {
  const TemporaryDirectory folder;
  const auto said = [&](const std::string& arguments, int code, const std::string& line) {
    const Outcome outcome = run_program(arguments + " --out " + (folder / "run").string(), ranks(2));
    CAPTURE(arguments, outcome.errors);
    CHECK(outcome.code == code);
    CHECK(count_of(outcome.errors, "understudy: ") == 1);
    CHECK_THAT(outcome.errors, ContainsSubstring(line));
  };
  said("train ppo --env Reach --environments 4", 2,
       "--shards: want at least one for each of 2 ranks, found 1; train with --shards 2, or start fewer "
       "processes");
  said("train sac --env Reach", 2, "for many seeds see: understudy plan train --seeds");
  said("train bc --env Reach --shards 2 --data " + (folder / "none.h5").string(), 1, "none.h5");
}

TEST_CASE("doctor --mpi names every rank and times exchanges") {
  const Outcome outcome = run_program("doctor --mpi", ranks(2));
  CAPTURE(outcome.errors);
  REQUIRE(outcome.code == 0);
  for (const char* part : {"rank 0", "rank 1", "BLAS ", "exchange of   1 kB", "exchange of   1 MB"})
    CHECK_THAT(outcome.output, ContainsSubstring(part));
}

}  // namespace
}  // namespace understudy::tests
