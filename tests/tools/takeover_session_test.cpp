// `record --policy` with somebody who corrects it, through the whole program.

#include <algorithm>
#include <set>
#include <string>

#include "datasets/format/demonstration_reader.h"
#include "datasets/format/recording_record.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

/// Names of the policies that drove, over all episodes of a file.
std::set<std::string> drivers(const std::string& file) {
  const DemonstrationReader reader(file);
  std::set<std::string> names;
  for (int i = 0; i < reader.size(); ++i)
    names.insert(recording_from_json(reader.summary(i).recording, file).policy);
  return names;
}

/// A policy that knows next to nothing, of five demonstrations and five updates.
struct Novice {
  Novice() {
    must("record --env Reach --device synthetic --episodes 5 --out " + path("first.h5"));
    must("train bc --env Reach --data " + path("first.h5") + " --policy ensemble --widths 16,16 --out " +
         path("run") + " --epochs 1 --epoch-updates 5 --eval-episodes 1 --final-episodes 1 --candidates 1");
  }
  std::string path(const std::string& name) const { return (folder / name).string(); }

  TemporaryDirectory folder;
  std::string session = "record --env Reach --device synthetic --keep-failures --policy " + path("run") +
                        " --out " + path("corrected.h5");
};

TEST_CASE(
    "a corrected session is recorded with corrections, doubts and replays, and what trains on it reads "
    "them") {
  const Novice novice;
  const Outcome outcome = must(novice.session + " --episodes 4 --check-replays");
  CHECK_THAT(outcome.output, ContainsSubstring("replays     4 of 4 episodes came out the same"));
  const DemonstrationReader reader(novice.path("corrected.h5"));
  REQUIRE(reader.size() == 4);
  int by_hand = 0;
  int by_policy = 0;
  float doubt = 0;
  for (int i = 0; i < reader.size(); ++i) {
    const Episode episode = reader.read(i);
    REQUIRE(static_cast<int>(episode.info.doubt.size()) == episode.length());
    for (const auto held : episode.info.intervention) ++(held != 0 ? by_hand : by_policy);
    doubt = std::max(doubt, *std::max_element(episode.info.doubt.begin(), episode.info.doubt.end()));
    CHECK(recording_from_json(reader.summary(i).recording, "").replay_divergence == 0.0);
  }
  CHECK(by_hand > 20);
  CHECK(by_policy > 0);
  CHECK(doubt > 0);
  must("data validate " + novice.path("corrected.h5"));
  must("train bc --env Reach --all-episodes --data " + novice.path("corrected.h5") + " --warm-start " +
       novice.path("run") + "/policy.pt --out " + novice.path("next") +
       " --epochs 1 --epoch-updates 5 --eval-episodes 1 --final-episodes 1 --candidates 1");
}

TEST_CASE("a policy is trained beside the session and drives once it is ready", "[slow]") {
  const Novice novice;
  const Outcome outcome = must(
      novice.session + " --realtime --rate 100 --episodes 20 --retrain-every 2 --retrain-with " +
      "'--all-episodes --epochs 1 --epoch-updates 5 --eval-episodes 1 --final-episodes 1 --candidates 1'");
  CHECK_THAT(outcome.errors, ContainsSubstring("retrain: version 2 drives"));
  const std::set<std::string> names = drivers(novice.path("corrected.h5"));
  CHECK(names.count(novice.path("run") + ", version 1") == 1);
  CHECK(names.count(novice.path("corrected.h5") + ".policies/version-2, version 2") == 1);
}

TEST_CASE("a training that fails is one line, and the session goes on with the version before", "[slow]") {
  const Novice novice;
  const Outcome outcome = must(novice.session + " --realtime --rate 100 --episodes 6 --retrain-every 1 " +
                               "--retrain-with '--epochs none'");
  const auto at = outcome.errors.find("retrain: version 1 drives on: training ended with ");
  REQUIRE(at != std::string::npos);
  const std::string line = outcome.errors.substr(at, outcome.errors.find('\n', at) - at);
  CHECK_THAT(line, ContainsSubstring("--epochs") && ContainsSubstring(".policies/version-2.log"));
  CHECK(DemonstrationReader(novice.path("corrected.h5")).size() == 6);
  CHECK(drivers(novice.path("corrected.h5")).size() == 1);
}

TEST_CASE("training a policy that is none, or that nobody corrects, is refused") {
  const TemporaryDirectory folder;
  const std::string record = "record --env Reach --retrain-every 2 --out " + (folder / "demos.h5").string();
  for (const char* options :
       {" --device synthetic", " --device synthetic --policy expert", " --device scripted --policy random"}) {
    const Outcome outcome = run_program(record + options);
    CAPTURE(options);
    CHECK(outcome.code == 2);
    CHECK_THAT(outcome.errors, ContainsSubstring("--retrain-every: want --policy FILE"));
  }
}

}  // namespace
}  // namespace understudy::tests
