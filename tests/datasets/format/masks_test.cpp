#include "datasets/format/masks.h"

#include <algorithm>
#include <numeric>

#include "datasets/types/error.h"
#include "tests/support/catch.h"

using namespace understudy;

TEST_CASE("a split is a partition, with at least one episode on each side from two on") {
  const auto count = GENERATE(0, 1, 2, 3, 9, 10, 57, 200);
  const auto seed = GENERATE(0, 1, 12345);
  CAPTURE(count, seed);
  std::vector<int> episodes(static_cast<std::size_t>(count));
  std::iota(episodes.begin(), episodes.end(), 5);
  const Masks masks =
      split_masks(episodes, {.valid_fraction = 0.1, .seed = static_cast<std::uint64_t>(seed)});
  std::vector<int> both = masks.train;
  both.insert(both.end(), masks.valid.begin(), masks.valid.end());
  std::sort(both.begin(), both.end());
  REQUIRE(both == episodes);
  REQUIRE(std::is_sorted(masks.train.begin(), masks.train.end()));
  REQUIRE(std::is_sorted(masks.valid.begin(), masks.valid.end()));
  if (count >= 2) {
    REQUIRE(masks.valid.size() == std::max<std::size_t>(1, static_cast<std::size_t>((count + 5) / 10)));
    REQUIRE(!masks.train.empty());
  } else {
    REQUIRE(masks.valid.empty());
  }
}

TEST_CASE("the seed decides the split and nothing else does") {
  std::vector<int> episodes(100);
  std::iota(episodes.begin(), episodes.end(), 0);
  REQUIRE(split_masks(episodes, {.seed = 1}).valid == split_masks(episodes, {.seed = 1}).valid);
  REQUIRE(split_masks(episodes, {.seed = 1}).valid != split_masks(episodes, {.seed = 2}).valid);
}

TEST_CASE("masks that a dataset has itself chosen are made anew, those of others go on") {
  const std::vector<int> usable{0, 1, 2, 4};
  const Masks own = split_masks(usable);
  const std::vector<int> more{0, 1, 2, 4, 5, 6};
  const Masks again = split_masks(more);
  NamedMasks masks{{"train", own.train}, {"valid", own.valid}, {"better", {3, 4}}};
  CHECK(continued_masks(masks, usable, 5, more) ==
        NamedMasks{{"train", again.train}, {"valid", again.valid}, {"better", {3, 4}}});
  // Somebody's own choice: kept, and what is new is split and added.
  masks = {{"train", {0, 1}}, {"valid", {2}}, {"better", {4}}};
  const NamedMasks gone_on = continued_masks(masks, usable, 4, more);
  const Masks fresh = split_masks({4, 5, 6});
  std::vector<int> train{0, 1};
  std::vector<int> valid{2};
  train.insert(train.end(), fresh.train.begin(), fresh.train.end());
  valid.insert(valid.end(), fresh.valid.begin(), fresh.valid.end());
  // Episode 4 was undone, and with it all that "better" held.
  CHECK(gone_on == NamedMasks{{"train", train}, {"valid", valid}});
}

TEST_CASE("a fraction of nothing holds nothing out, and one out of range is refused") {
  REQUIRE(split_masks({0, 1, 2}, {.valid_fraction = 0}).valid.empty());
  REQUIRE_THROWS_AS(split_masks({0, 1, 2}, {.valid_fraction = 1}), Error);
  REQUIRE_THROWS_AS(split_masks({0, 1, 2}, {.valid_fraction = -0.1}), Error);
}
