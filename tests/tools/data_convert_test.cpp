// `understudy data convert` as a user types it, and what `train` says of files that it cannot read as they are.

#include <filesystem>

#include "datasets/format/demonstration_reader.h"
#include "datasets/types/rng.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tests/support/foreign_samples.h"
#include "tests/support/program.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

namespace fs = std::filesystem;

DatasetHeader reach_header() {
  const EnvironmentSpec spec = make_environment("Reach")->spec();
  DatasetHeader header = sample_header();
  header.observation = spec.observation;
  header.action = spec.action;
  return header;
}

std::vector<Episode> reach_episodes() {
  Rng rng(1);
  return {good_episode(reach_header(), 6, rng), good_episode(reach_header(), 7, rng)};
}

}  // namespace

TEST_CASE("other programs' files become a task's dataset, and go out again, from the command line") {
  const TemporaryDirectory scratch;
  const auto at = [&](const char* name) { return (scratch / name).string(); };
  const std::vector<Episode> episodes = reach_episodes();
  write_d4rl(scratch / "flat.hdf5", episodes, true, true);
  const std::string said =
      output_of("data convert " + at("flat.hdf5") + " --env Reach --out " + at("ours.h5"));
  CHECK_THAT(said, ContainsSubstring("2 episodes, 13 steps of d4rl"));
  CHECK_THAT(said, ContainsSubstring("by width alone"));
  CHECK_THAT(said, ContainsSubstring("--successful"));
  must("data validate " + at("ours.h5"));
  CHECK_THAT(output_of("data info " + at("ours.h5")),
             ContainsSubstring("converted    from flat.hdf5 (d4rl)"));
  const DemonstrationReader reader(scratch / "ours.h5");
  for (int i = 0; i < 2; ++i) {
    const Episode& want = episodes[static_cast<std::size_t>(i)];
    CHECK(reader.read(i).observations == want.observations);
    CHECK(reader.read(i).actions == want.actions);
  }
  must("data convert " + at("ours.h5") + " --to robomimic --out " + at("robomimic.hdf5"));
  CHECK_THAT(output_of("data convert " + at("ours.h5") + " --to minari --out " + at("minari")),
             ContainsSubstring("recover_environment() has nothing to recover"));
  must("data convert " + at("minari") + "/understudy/reach-v0 --from minari --out " + at("again.h5"));
  CHECK(DemonstrationReader(scratch / "again.h5").read(1).actions == episodes[1].actions);
}

TEST_CASE("data convert refuses options that do not go together, and says what is missing") {
  const TemporaryDirectory scratch;
  const std::string file = (scratch / "flat.hdf5").string();
  const std::string out = " --out " + (scratch / "ours.h5").string();
  write_d4rl(file, reach_episodes(), true, true);
  refused("data convert " + file, 2, "--out: want where the result goes");
  refused("data convert " + file + out + " --env Reech", 2, "did you mean 'Reach'");
  refused("data convert " + file + out + " --env Reach --map nothing", 2, "want ours=theirs");
  refused("data convert " + file + out + " --id a-v0", 2, "--id: goes with --to minari only");
  refused("data convert " + file + out + " --to minari --rescale", 2,
          "--rescale: goes with --to understudy only");
  refused("data convert " + file + out + " --to robomimic", 1, "want demonstrations in /data/demo_0");
  refused("data convert " + file + out + " --env Drive", 1, "say which with --map");
  refused("data convert " + file + " --out " + file + " --force", 2,
          "want another file than the one that is converted");
  CHECK_FALSE(fs::exists(scratch / "ours.h5"));
}

#ifdef UNDERSTUDY_FAIL_CALL  // there is LibTorch
TEST_CASE("train names another program's file for what it is, with the command that brings it in") {
  const TemporaryDirectory scratch;
  const std::string file = (scratch / "stack.hdf5").string();
  write_robomimic(file, reach_episodes(), reach_header().observation);
  refused("train bc --env Reach --data " + file + " --out " + (scratch / "run").string(), 1,
          "found another program's, of its Stack; bring them in with `understudy data convert");
  const std::string ours = (scratch / "ours.h5").string();
  must("data convert " + file + " --out " + ours);  // of no task: read as that of --env
  must("train bc --env Reach --data " + ours +
       " --all-episodes --epochs 1 --eval-episodes 1 --final-episodes 1 --out " + (scratch / "run").string());
}
#endif

}  // namespace understudy::tests
