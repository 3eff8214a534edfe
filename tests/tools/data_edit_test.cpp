// `understudy data merge`, `filter`, `drop`, ... as a user types them.

#include <filesystem>

#include "datasets/format/demonstration_reader.h"
#include "datasets/recording/demonstration_writer.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

/// Episodes of 6, 7, 8, ... steps; of every three the first failed.
std::string record_episodes(const TemporaryDirectory& directory, const std::string& name, int episodes,
                            std::uint64_t seed) {
  const DatasetHeader header = sample_header();
  DemonstrationWriter writer(directory / name, header);
  Rng rng(seed);
  for (int i = 0; i < episodes; ++i) {
    Episode episode = good_episode(header, 6 + i, rng);
    episode.success = i % 3 != 0;
    episode.operator_name = i % 2 == 0 ? "anna" : "ben";
    record(writer, episode);
  }
  writer.pack();
  return (directory / name).string();
}

std::vector<int> lengths(const std::string& file) {
  const DemonstrationReader reader(file);
  std::vector<int> list;
  for (int i = 0; i < reader.size(); ++i) list.push_back(reader.summary(i).steps);
  return list;
}

}  // namespace

TEST_CASE("datasets are merged, filtered, split and sorted from the command line") {
  const TemporaryDirectory scratch;
  const std::string one = record_episodes(scratch, "one.h5", 6, 1),
                    two = record_episodes(scratch, "two.h5", 2, 2);
  const auto at = [&](const char* name) { return (scratch / name).string(); };
  must("data merge " + one + " " + two + " " + one + " --out " + at("all.h5"));
  CHECK(lengths(at("all.h5")) == std::vector<int>{6, 7, 8, 9, 10, 11, 6, 7});

  const auto filtered = [&](const std::string& options) {
    must("data filter " + one + " " + options + " --force --out " + at("some.h5"));
    return lengths(at("some.h5"));
  };
  CHECK(filtered("--success") == std::vector<int>{7, 8, 10, 11});
  CHECK(filtered("--failure") == std::vector<int>{6, 9});
  CHECK(filtered("--episodes 0,3-4") == std::vector<int>{6, 9, 10});
  CHECK(filtered("--operator anna --steps 7:") == std::vector<int>{8, 10});
  CHECK(filtered("--steps :7") == std::vector<int>{6, 7});
  CHECK(filtered("--mask valid").size() == 1);
  CHECK(filtered("--return=-1000:1000").size() == 6);

  must("data split " + one + " --into " + at("a.h5") + "," + at("b.h5") + " --shares 2,1 --seed 3");
  std::vector<int> both = lengths(at("a.h5"));
  CHECK(both.size() == 4);
  const std::vector<int> rest = lengths(at("b.h5"));
  both.insert(both.end(), rest.begin(), rest.end());
  std::sort(both.begin(), both.end());
  CHECK(both == std::vector<int>{6, 7, 8, 9, 10, 11});

  must("data sort " + one + " --descending");
  CHECK(lengths(one) == std::vector<int>{11, 10, 9, 8, 7, 6});
}

TEST_CASE("episodes are dropped and taken back, relabelled, cut and thinned from the command line") {
  const TemporaryDirectory scratch;
  const std::string file = record_episodes(scratch, "demos.h5", 6, 1);
  const auto out = (scratch / "out.h5").string();
  must("data drop " + file + " --episodes 1,4");
  CHECK(dropped_episodes(DemonstrationReader(file)) == std::vector<int>{1, 4});
  must("data drop " + file + " --episodes 1 --undo");
  CHECK(dropped_episodes(DemonstrationReader(file)) == std::vector<int>{4});
  must("data rename " + file + " --from valid --to held_out");
  CHECK(DemonstrationReader(file).mask("held_out").size() == 1);
  must("data compact " + file);
  CHECK(lengths(file) == std::vector<int>{6, 7, 8, 9, 11});
  must("data relabel " + file + " --episodes 0-4 --success");
  for (int i = 0; i < 5; ++i) CHECK(DemonstrationReader(file).summary(i).success);

  must("data trim " + file + " --head 2 --tail 5 --out " + out);
  CHECK(lengths(out) == std::vector<int>{1, 2, 4});
  const Episode whole = DemonstrationReader(file).read(4), cut = DemonstrationReader(out).read(2);
  CHECK(cut.observations == whole.observations.middleRows(2, 5));
  CHECK(cut.actions == whole.actions.middleRows(2, 4));
  CHECK(cut.truncated);
  CHECK(run_program("data validate " + out).code == 0);

  must("data subsample " + file + " --every 3 --force --out " + out);
  const Episode thin = DemonstrationReader(out).read(1), thick = DemonstrationReader(file).read(1);
  CHECK(thin.actions.rows() == 3);
  CHECK(thin.actions.row(2) == thick.actions.row(6));
  CHECK(thin.rewards[0] == Approx(thick.rewards[0] + thick.rewards[1] + thick.rewards[2]));
  CHECK(thin.observations.row(3) == thick.observations.row(7));

  const Outcome difference = run_program("data diff " + file + " " + out);
  CHECK_THAT(difference.output,
             ContainsSubstring("0 episodes in both") && ContainsSubstring("+ demo_4, 4 steps"));
}

TEST_CASE("what cannot be edited is refused in one line, and the file is as it was") {
  const TemporaryDirectory scratch;
  const std::string file = record_episodes(scratch, "demos.h5", 3, 1);
  const std::string before = content(file), out = (scratch / "out.h5").string();
  refused("data drop " + file + " --episodes 1,3", 2,
          "--episodes: want episodes from 0 to 2, as in 3,5-7, found '1,3'");
  refused("data drop " + file + " --episodes 2-1", 2, "--episodes: want episodes");
  refused("data filter " + file + " --success --steps 1000: --out " + out, 1, "want at least one episode");
  refused("data filter " + file + " --steps 5 --out " + out, 2, "--steps: want a range like 10:200");
  refused("data filter " + file + " --mask best --out " + out, 1, "unknown mask 'best'");
  refused("data relabel " + file + " --episodes 1", 2, "--success, --failure: want one of them, found none");
  refused("data split " + file + " --into a.h5,b.h5 --shares 1", 2,
          "--shares: want a share for each of 2 files, found 1");
  refused("data rename " + file + " --from valid --to train", 2, "--to: want a name that no list");
  refused("data merge " + file + " no-such.h5 --out " + out, 1, "no-such.h5");
  refused("data merge " + file + " --out " + file + "x/out.h5", 1, "no such directory; make it first");
  CHECK(content(file) == before);
  CHECK_FALSE(std::filesystem::exists(out));
}

}  // namespace understudy::tests
