#include "datasets/format/demonstration_choice.h"

#include <set>

#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

/// Episodes of 30 steps; of every three the first failed.
std::string record_episodes(const TemporaryDirectory& directory, int episodes) {
  const DatasetHeader header = sample_header();
  const std::filesystem::path file = directory / "demos.h5";
  DemonstrationWriter writer(file, header);
  Rng rng(1);
  for (int i = 0; i < episodes; ++i) {
    Episode episode = good_episode(header, 30, rng);
    episode.success = i % 3 != 0;
    record(writer, episode);
  }
  writer.pack();
  return file.string();
}

ChosenDemonstrations choose(const DemonstrationChoice& choice, std::uint64_t seed, bool has_success = true) {
  Rng rng = demonstration_rng(seed);
  return choose_demonstrations(DemonstrationReader(choice.data), choice, has_success, rng);
}

std::vector<int> indices(const ChosenDemonstrations& chosen) {
  std::vector<int> list;
  for (const ChosenEpisode& episode : chosen.episodes) list.push_back(episode.index);
  return list;
}

}  // namespace

TEST_CASE("failed episodes are left out where there is success, and counted") {
  const TemporaryDirectory directory;
  DemonstrationChoice choice{.data = record_episodes(directory, 7)};
  CHECK(indices(choose(choice, 1)) == std::vector<int>{1, 2, 4, 5});
  CHECK(choose(choice, 1).left_out == 3);
  CHECK(choose(choice, 1, false).episodes.size() == 7);
  choice.demos = 3;
  CHECK(indices(choose(choice, 1)) == std::vector<int>{1, 2, 4});
  choice.all_episodes = true;
  CHECK(indices(choose(choice, 1)) == std::vector<int>{0, 1, 2});
}

TEST_CASE("the seed alone decides the first steps, and more episodes change none of them") {
  const TemporaryDirectory directory;
  DemonstrationChoice choice{.data = record_episodes(directory, 9), .subsample = 20};
  const auto firsts = [&](std::uint64_t seed, int demos) {
    choice.demos = demos;
    std::vector<int> list;
    for (const ChosenEpisode& episode : choose(choice, seed).episodes) list.push_back(episode.first_step);
    return list;
  };
  const std::vector<int> all = firsts(1, 0);
  CHECK(firsts(1, 0) == all);
  CHECK(firsts(1, 2) == std::vector<int>(all.begin(), all.begin() + 2));
  CHECK(firsts(2, 0) != all);
  std::set<int> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    for (const int first : firsts(seed, 0)) seen.insert(first);
  }
  CHECK(seen.size() == 20);
  CHECK(*seen.begin() == 0);
  CHECK(*seen.rbegin() == 19);
}

TEST_CASE("every so manyth step is kept, and none of an episode that ends before its first") {
  CHECK(kept_steps(2, 10, 3) == std::vector<int>{2, 5, 8});
  CHECK(kept_steps(0, 3, 1) == std::vector<int>{0, 1, 2});
  CHECK(kept_steps(5, 5, 20).empty());
}

TEST_CASE("what cannot be chosen is refused with the option that asked for it") {
  const TemporaryDirectory directory;
  const std::string data = record_episodes(directory, 4);
  CHECK_THROWS_WITH(choose({.data = data, .demos = 3}, 1),
                    data + ": want 3 demonstrations, found 2; record more or lower --demos");
  CHECK_THROWS_AS(validate({.data = data, .demos = -1}), UsageError);
  CHECK_THROWS_WITH(validate({.data = data, .subsample = 0}),
                    "--subsample: want a number from 1 to 1000000, found 0");
  const TemporaryDirectory other;
  const std::string failed = record_episodes(other, 1);
  CHECK_THROWS_WITH(choose({.data = failed}, 1),
                    ContainsSubstring("want at least one successful episode, found none among 1") &&
                        ContainsSubstring("--all-episodes"));
}

}  // namespace understudy::tests
