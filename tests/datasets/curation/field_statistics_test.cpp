// Figures of a dataset whose every value is known.

#include "datasets/curation/field_statistics.h"

#include <cmath>

#include "datasets/curation/statistics.h"
#include "datasets/recording/demonstration_writer.h"
#include "tests/support/catch.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

/// Episodes of 101 steps; in each the observation counts 0, 1, ..., 100, and the action is 1, half of the time.
void write(const std::filesystem::path& file, int episodes) {
  DatasetHeader header;
  header.environment_id = "Sample";
  header.observation = Space({{"count", 1, "m", 0, 100, "so far"}});
  header.action = Space({{"push", 1, "-", -1, 1, "force"}});
  DemonstrationWriter writer(file, header);
  Rng rng(1);
  for (int e = 0; e < episodes; ++e) {
    Episode episode = good_episode(sample_header(), 101, rng);
    episode.observations = Matrix(102, 1);
    episode.actions = Matrix(101, 1);
    episode.states = StateMatrix(102, 0);
    for (int t = 0; t < 102; ++t) episode.observations(t, 0) = static_cast<float>(std::min(t, 100));
    for (int t = 0; t < 101; ++t) episode.actions(t, 0) = t < 50 ? 1.0F : 0.25F;
    record(writer, episode);
  }
  writer.pack();
}

}  // namespace

TEST_CASE("statistics of fields are those of known numbers") {
  const TemporaryDirectory scratch;
  write(scratch / "d.h5", 3);
  const DemonstrationReader reader(scratch / "d.h5");
  const FieldStatistics found = field_statistics(reader, {.episodes = {0, 2}});
  CHECK(found.steps == 202);
  REQUIRE(found.entries.size() == 2);
  const EntryStatistics& count = found.entries[0];
  CHECK(count.name == "obs/count");
  CHECK(count.unit == "m");
  CHECK(count.low == 0);
  CHECK(count.high == 100);
  CHECK(count.mean == Approx(50));
  // Of 0, 1, ..., n: sqrt(n (n + 2) / 12).
  CHECK(count.deviation == Approx(std::sqrt(100 * 102 / 12.0)));
  CHECK(count.quantiles == std::array<double, 5>{1, 25, 50, 75, 99});
  CHECK(count.at_limit == Approx(2.0 / 101));
  CHECK(count.idle == 0);
  const EntryStatistics& push = found.entries[1];
  CHECK(push.name == "action/push");
  CHECK(push.at_limit == Approx(50.0 / 101));
  CHECK(push.idle == Approx(99.0 / 100));
  CHECK(push.mean == Approx((50 + 51 * 0.25) / 101));
}

TEST_CASE("of more steps than are kept quantiles are those of an even draw, the same for the same seed") {
  const TemporaryDirectory scratch;
  write(scratch / "d.h5", 250);
  const DemonstrationReader reader(scratch / "d.h5");
  std::vector<int> all;
  for (int i = 0; i < 250; ++i) all.push_back(i);
  const FieldStatistics found = field_statistics(reader, {.episodes = all, .seed = 4});
  CHECK(found.steps == 25250);
  REQUIRE(found.sample.rows() == kMostSampled);
  // The sample's mean has a deviation of 29 / sqrt(20000) = 0.2.
  CHECK(static_cast<double>(found.sample.col(0).mean()) == Approx(50).margin(0.8));
  CHECK(found.entries[0].quantiles[2] == Approx(50).margin(2));
  CHECK(field_statistics(reader, {.episodes = all, .seed = 4}).sample == found.sample);
  CHECK(field_statistics(reader, {.episodes = all, .seed = 5}).sample != found.sample);
}

TEST_CASE("statistics of some episodes are of those only") {
  const TemporaryDirectory scratch;
  const DatasetHeader header = sample_header();
  {
    DemonstrationWriter writer(scratch / "d.h5", header);
    Rng rng(1);
    for (const int steps : {5, 7, 11}) record(writer, good_episode(header, steps, rng));
    writer.pack();
  }
  const DemonstrationReader reader(scratch / "d.h5");
  const DatasetStatistics some = statistics(reader, {0, 2});
  CHECK(some.episodes == 2);
  CHECK(some.steps == 16);
  CHECK(some.length.high == 11);
  CHECK(statistics(reader).steps == 23);
}

}  // namespace understudy
