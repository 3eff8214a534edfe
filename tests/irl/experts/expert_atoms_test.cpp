#include "irl/experts/expert_atoms.h"

#include <set>

#include "datasets/types/error.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

/// Observation and action of step t are (episode, t) and t / 1000.
Episode numbered(int number, int steps) {
  Episode episode;
  episode.observations.resize(steps + 1, 2);
  episode.actions.resize(steps, 1);
  for (int t = 0; t <= steps; ++t) {
    episode.observations(t, 0) = static_cast<float>(number);
    episode.observations(t, 1) = static_cast<float>(t);
    if (t < steps) episode.actions(t, 0) = static_cast<float>(t) / 1000;
  }
  return episode;
}

}  // namespace

TEST_CASE("every K-th step of each episode becomes an atom, from a step below K on", "[irl]") {
  const std::vector<Episode> episodes = {numbered(0, 100), numbered(1, 47), numbered(2, 100)};
  std::set<int> offsets;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const ExpertAtoms atoms = expert_atoms(episodes, {.stride = 20, .seed = seed});
    REQUIRE(atoms.dim() == 3);
    int before = -1;
    int last = -1;
    for (int i = 0; i < atoms.size(); ++i) {
      const int episode = static_cast<int>(atoms.values(i, 0));
      const int t = static_cast<int>(atoms.values(i, 1));
      if (episode != before) {
        CHECK(t < 20);
        if (episode == 0) offsets.insert(t);
      } else {
        CHECK(t == last + 20);
      }
      CHECK(atoms.values(i, 2) == static_cast<float>(t) / 1000);
      before = episode;
      last = t;
    }
    CHECK(before == 2);
    CHECK((atoms.values.col(0).array() == 0).count() == 5);
  }
  CHECK(offsets.size() == 20);
}

TEST_CASE("the same seed gives the same atoms, an added episode changes no others, stride 1 keeps all",
          "[irl]") {
  const std::vector<Episode> two = {numbered(0, 100), numbered(1, 90)};
  const std::vector<Episode> three = {numbered(0, 100), numbered(1, 90), numbered(2, 80)};
  const ExpertAtoms a = expert_atoms(two, {.stride = 20, .seed = 5});
  const ExpertAtoms b = expert_atoms(three, {.stride = 20, .seed = 5});
  CHECK(a.values == expert_atoms(two, {.stride = 20, .seed = 5}).values);
  CHECK(a.values == b.values.topRows(a.size()));
  CHECK(expert_atoms(three, {.stride = 1}).size() == 270);
}

TEST_CASE("states alone leave the action out, and an episode shorter than K still gives an atom", "[irl]") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const ExpertAtoms atoms =
        expert_atoms({numbered(3, 4)}, {.stride = 20, .state_only = true, .seed = seed});
    CHECK(atoms.size() == 1);
    CHECK(atoms.act_dim == 0);
    CHECK(atoms.values.cols() == 2);
  }
}

TEST_CASE("no steps, a stride of 0 and episodes of different sizes are refused", "[irl]") {
  const std::vector<Episode> empty = {numbered(0, 0)};
  const std::vector<Episode> one = {numbered(0, 9)};
  std::vector<Episode> mixed = {numbered(0, 9), numbered(1, 9)};
  mixed[1].actions.resize(9, 2);
  CHECK_THROWS_WITH(expert_atoms(empty, {}).size(), ContainsSubstring("want episodes with steps"));
  CHECK_THROWS_WITH(expert_atoms(one, {.stride = 0}).size(), ContainsSubstring("K at least 1, found 0"));
  CHECK_THROWS_WITH(expert_atoms(mixed, {}).size(), ContainsSubstring("found episode 1 to differ"));
}

}  // namespace understudy
