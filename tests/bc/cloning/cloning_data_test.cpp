#include "bc/cloning/cloning_data.h"

#include "datasets/storage/hdf5_file.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

EnvironmentSpec sample_spec() {
  const DatasetHeader header = sample_header();
  EnvironmentSpec spec;
  spec.id = header.environment_id;
  spec.observation = header.observation;
  spec.action = header.action;
  return spec;
}

/// Episodes of 4, 5, 6, ... steps. Who held the controls in each, a digit a step; an episode without any: a person.
std::string record_held(const TemporaryDirectory& directory, const std::string& name,
                        const std::vector<std::string>& held) {
  const DatasetHeader header = sample_header();
  DemonstrationWriter writer(directory / name, header);
  Rng rng(held.size());
  for (std::size_t i = 0; i < held.size(); ++i) {
    const int steps = 4 + static_cast<int>(i);
    Episode episode = good_episode(header, steps, rng);
    for (std::size_t t = 0; t < episode.info.intervention.size(); ++t)
      episode.info.intervention[t] = held[i].empty() || held[i][t] == '1' ? 1 : 0;
    record(writer, episode);
  }
  writer.pack();
  return (directory / name).string();
}

void write_mask(const std::string& file, const std::string& name, const std::vector<std::string>& episodes) {
  const hdf5::Handle handle = hdf5::open_file_to_fill(file);
  hdf5::write_names({handle.get(), ""}, "mask/" + name, episodes);
}

}  // namespace

TEST_CASE("any list of the file chooses episodes by its name, and another holds out", "[bc]") {
  const TemporaryDirectory scratch;
  const std::string file = record_held(scratch, "demos.h5", {"", "", "", "", ""});
  write_mask(file, "better", {"demo_0", "demo_2", "demo_4"});
  write_mask(file, "worse", {"demo_1", "demo_3"});
  write_mask(file, "some", {"demo_1", "demo_4"});
  write_mask(file, "nobody", {});
  const auto load = [&](const std::string& mask, const std::string& valid) {
    return load_cloning_data({.data = file, .mask = mask}, {.share = 0, .mask = valid}, sample_spec());
  };
  CHECK(load("better", "").training.lengths == std::vector<int>{4, 6, 8});
  CHECK(load("better", "").validation.lengths.empty());
  const CloningData both = load("better", "worse");
  CHECK(both.training.lengths == std::vector<int>{4, 6, 8});
  CHECK(both.validation.lengths == std::vector<int>{5, 7});
  CHECK(load("", "some").training.lengths == std::vector<int>{4, 6, 7});
  CHECK_THROWS_WITH(load("best", ""), ContainsSubstring("demos.h5:/mask: unknown mask 'best'") &&
                                          ContainsSubstring("better, nobody, some, train, valid, worse"));
  CHECK_THROWS_WITH(load("nobody", ""),
                    ContainsSubstring("demos.h5:/mask/nobody: want at least one episode"));
  CHECK_THROWS_WITH(load("", "nobody"),
                    ContainsSubstring("/mask/nobody: want episodes to hold out, found none"));
  CHECK_THROWS_WITH(load("better", "some"), ContainsSubstring("want better and some without") &&
                                                ContainsSubstring("found demo_4 in both"));
}

TEST_CASE("of episodes with corrections only the corrections are learnt, as much as is said", "[bc]") {
  const TemporaryDirectory scratch;
  const std::string file = record_held(scratch, "demos.h5", {"0110", "", "000000"});
  const auto weights = [&](const StepWeights& chosen) {
    return load_cloning_data({.data = file}, {.share = 0}, sample_spec(), {}, chosen).training.weights;
  };
  // An expert that drove all the way was recorded to be imitated, like a person who did.
  CHECK(weights({}) == std::vector<float>{0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  CHECK(weights({.correction = 3, .policy = 0.5}) ==
        std::vector<float>{0.5F, 3, 3, 0.5F, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  CHECK(weights({.policy = 1}).empty());
  const CloningData data = load_cloning_data({.data = file}, {.share = 0}, sample_spec());
  REQUIRE(data.training.takeovers.rows() == 1);
  CHECK(data.training.takeovers.row(0) == data.training.observations.row(1));
}

TEST_CASE("a step in which nothing moves can count less", "[bc]") {
  const TemporaryDirectory scratch;
  const DatasetHeader header = sample_header();
  DemonstrationWriter writer(scratch / "demos.h5", header);
  Rng rng(1);
  Episode episode = good_episode(header, 6, rng);
  episode.info.intervention.assign(6, 1);
  episode.observations.row(1) = episode.observations.row(0);
  episode.observations.row(4) = episode.observations.row(3);
  episode.observations(4, 0) += 1e-3F;
  record(writer, episode);
  writer.pack();
  const auto load = [&](double idle) {
    return load_cloning_data({.data = (scratch / "demos.h5").string()}, {.share = 0}, sample_spec(), {},
                             {.idle = idle});
  };
  CHECK(load(0.25).training.weights == std::vector<float>{1, 0.25F, 1, 1, 0.25F, 1});
  CHECK(load(1).training.weights.empty());
}

TEST_CASE("several files are one after the other, each by the same choice", "[bc]") {
  const TemporaryDirectory scratch;
  const std::string one = record_held(scratch, "one.h5", {"", ""});
  const std::string two = record_held(scratch, "two.h5", {"1001", "", ""});
  const CloningData both = load_cloning_data({.data = one, .demos = 2}, {.share = 0}, sample_spec(), {two});
  CHECK(both.training.datasets == std::vector<int>{9, 9});
  CHECK(both.training.lengths == std::vector<int>{4, 5, 4, 5});
  CHECK(both.training.weights.size() == 18);
  CHECK(both.training_episodes == 4);
  const CloningData alone = load_cloning_data({.data = two, .demos = 2}, {.share = 0}, sample_spec());
  CHECK(both.training.observations.bottomRows(9) == alone.training.observations);
  CHECK(both.sha256.size() == 2 * 64 + 1);
  CHECK(both.sha256.substr(65) == alone.sha256);
  CHECK_THROWS_WITH(load_cloning_data({.data = one}, {.share = 0}, sample_spec(), {scratch / "three.h5"}),
                    ContainsSubstring("three.h5"));
}

}  // namespace understudy
