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

TEST_CASE("a fraction of nothing holds nothing out, and one out of range is refused") {
  REQUIRE(split_masks({0, 1, 2}, {.valid_fraction = 0}).valid.empty());
  REQUIRE_THROWS_AS(split_masks({0, 1, 2}, {.valid_fraction = 1}), Error);
  REQUIRE_THROWS_AS(split_masks({0, 1, 2}, {.valid_fraction = -0.1}), Error);
}
