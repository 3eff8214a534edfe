// Shards and ranks: sums whose bits do not depend on how many ranks there are, and what ranks tell each other.

#include "bc/parallel/shards.h"

#include <mutex>

#include "bc/cloning/cloning.h"
#include "bc/networks/blas.h"
#include "bc/runs/rank_agreement.h"
#include "datasets/types/error.h"
#include "datasets/types/random_matrix.h"
#include "tests/support/catch.h"
#include "tests/support/thread_ranks.h"

namespace understudy::tests {
namespace {

/// Numbers of very different sizes, so that every order of summing them has bits of its own.
void fill(int shard, Vector& numbers, Figures& figures) {
  Rng rng(static_cast<std::uint64_t>(shard) + 1);
  for (float& number : numbers)
    number = static_cast<float>(rng.normal() * std::pow(10.0, rng.uniform(-4, 4)));
  figures = {static_cast<double>(shard), rng.normal() * 1e9, 1, 0};
}

struct Sum {
  Vector numbers = Vector::Zero(37);
  Figures figures{};
  bool operator==(const Sum& other) const { return numbers == other.numbers && figures == other.figures; }
};

Sum sum_by(int shards, const std::shared_ptr<Ranks>& ranks) {
  Sum sum;
  Shards(shards, ranks).sum(fill, sum.numbers, sum.figures);
  return sum;
}

TEST_CASE("a sum over shards has the same bits on every rank, however many ranks there are") {
  for (const int shards : {1, 2, 3, 5, 8, 16, 21}) {
    const Sum alone = sum_by(shards, single_rank());
    CHECK(alone.figures[0] == shards * (shards - 1) / 2.0);  // 0 + 1 + ...
    CHECK(alone.figures[2] == shards);
    for (int count = 2; count <= std::min(shards, 6); ++count) {
      CAPTURE(shards, count);
      std::mutex mutex;
      int same = 0;
      run_ranks(count, [&](const std::shared_ptr<Ranks>& ranks) {
        const Sum sum = sum_by(shards, ranks);
        const std::lock_guard lock(mutex);
        same += sum == alone ? 1 : 0;
      });
      CHECK(same == count);
    }
  }
}

TEST_CASE("shards are summed as a binary tree and not one after the other") {
  // (1e8 + 1) + (-1e8 + 1): floats near 1e8 are 8 apart, so both ones are lost; from left to right the last is kept.
  Vector total = Vector::Zero(1);
  Figures figures{};
  Shards(4).sum(
      [](int shard, Vector& numbers, Figures&) {
        constexpr float kSummands[] = {1e8F, 1, -1e8F, 1};
        numbers(0) = kSummands[shard];
      },
      total, figures);
  CHECK(total(0) == 0);
}

TEST_CASE("a rank exchanges whole subtrees of its block") {
  // Blocks [0, 5), [5, 10) and [10, 16) of a tree over 16.
  const std::vector<ShardRange> known{{0, 4}, {4, 5}, {5, 6}, {6, 8}, {8, 10}, {10, 12}, {12, 16}};
  CHECK(Shards::exchanged(16, 3) == known);
  CHECK(Shards::exchanged(16, 4) == std::vector<ShardRange>{{0, 4}, {4, 8}, {8, 12}, {12, 16}});
  CHECK(Shards::exchanged(16, 1) == std::vector<ShardRange>{{0, 16}});
  // Four vectors of 100 floats, and four doubles beside each.
  CHECK(Shards::exchanged_bytes(16, 4, 100) == 4 * (400 + 32));
}

TEST_CASE("every row belongs to one shard and every shard to one rank") {
  const Shards shards(5);
  int next = 0;
  for (int shard = 0; shard < 5; ++shard) {
    const ShardRange rows = shards.rows(12, shard);
    CHECK(rows.first == next);
    CHECK((rows.count() == 2 || rows.count() == 3));
    next = rows.end;
  }
  CHECK(next == 12);
  run_ranks(2, [](const std::shared_ptr<Ranks>& ranks) {
    const Shards split(5, ranks);
    if (split.rows_of(12, 0) != ShardRange{0, 4} || split.rows_of(12, 1) != ShardRange{4, 12})
      throw Error("want rows 0-4 and 4-12");
  });
}

TEST_CASE("a shard's random numbers depend on seed, update and shard") {
  const std::uint64_t bits = Shards::rng(1, 2, 3).bits();
  CHECK(Shards::rng(1, 2, 3).bits() == bits);
  CHECK(Shards::rng(2, 2, 3).bits() != bits);
  CHECK(Shards::rng(1, 3, 3).bits() != bits);
  CHECK(Shards::rng(1, 2, 4).bits() != bits);
}

TEST_CASE("ranks hear each other's words and wishes") {
  std::mutex mutex;
  int right = 0;
  run_ranks(3, [&](const std::shared_ptr<Ranks>& ranks) {
    ranks->raise(std::uint64_t{1} << ranks->rank());
    const auto words = ranks->all_gather(std::string(static_cast<std::size_t>(ranks->rank()), 'x'));
    std::string told = ranks->first() ? "from the first" : "not heard";
    ranks->broadcast(told);
    const std::lock_guard lock(mutex);
    right += words == std::vector<std::string>{"", "x", "xx"} && told == "from the first" &&
                     ranks->raised() == 7 && ranks->name(2) == "rank 2 on host h2"
                 ? 1
                 : 0;
  });
  CHECK(right == 3);
}

/// What each rank ends with.
std::vector<std::string> endings(int count, const std::function<void(Ranks&)>& work) {
  std::vector<std::string> lines(static_cast<std::size_t>(count), "fine");
  run_ranks(count, [&](const std::shared_ptr<Ranks>& ranks) {
    try {
      work(*ranks);
    } catch (const Error& error) {
      lines[static_cast<std::size_t>(ranks->rank())] = error.what();
    }
  });
  return lines;
}

TEST_CASE("what fails on one rank ends all, and the first says where it was") {
  const auto failing = [](int rank) {
    return [rank](Ranks& ranks) {
      together(ranks, [&] {
        if (rank < 0 || ranks.rank() == rank) throw Error("demo.h5: no such file");
      });
    };
  };
  CHECK(endings(3, failing(2)) ==
        std::vector<std::string>{"rank 2 on host h2: demo.h5: no such file", "", ""});
  CHECK(endings(2, failing(-1)) == std::vector<std::string>{"demo.h5: no such file", ""});
  CHECK(endings(2, failing(7)) == std::vector<std::string>{"fine", "fine"});
}

TEST_CASE("ranks with other options, data or numbers are named before they train") {
  const auto differing = [](int rank, RankTraits traits) {
    return [rank, traits](Ranks& ranks) {
      const RankTraits usual{.options = "seed = 1\nbatch = 64\n", .data = "da", .numbers = "12"};
      agree_on_traits(ranks, ranks.rank() == rank ? traits : usual);
    };
  };
  const auto options = endings(2, differing(1, {"seed = 1\nbatch = 32\n", "da", "12"}));
  CHECK(
      options[0] ==
      "rank 1 on host h1: want the options of rank 0, batch = 64, found batch = 32; start all ranks with the "
      "same command");
  CHECK(options[1].empty());
  CHECK_THAT(
      endings(3, differing(2, {"seed = 1\nbatch = 64\n", "db", "12"}))[0],
      ContainsSubstring("rank 2 on host h2: want the demonstrations (SHA-256) of rank 0, da, found db"));
  CHECK_THAT(endings(2, differing(1, {"seed = 1\nbatch = 64\n", "da", "13"}))[0],
             ContainsSubstring("want the numbers of rank 0, 12, found 13"));
  CHECK(endings(2, differing(-1, {})) == std::vector<std::string>{"fine", "fine"});
  CHECK_THAT(endings(2, [](Ranks& ranks) { want_same_numbers(ranks, std::to_string(ranks.rank())); })[0],
             ContainsSubstring("rank 1 on host h1: want the numbers of rank 0, found others"));
}

TEST_CASE("more ranks than shards are refused with the number to give") {
  run_ranks(3, [](const std::shared_ptr<Ranks>& ranks) {
    try {
      want_shards(*ranks, 2);
    } catch (const UsageError& error) {
      if (std::string(error.what()) ==
          "--shards: want at least one for each of 3 ranks, found 2; train with --shards 3, or start fewer "
          "processes")
        return;
    }
    throw Error("want a UsageError that says --shards 3");
  });
}

CloningPairs pairs_of(std::uint64_t seed) {
  CloningPairs pairs{Matrix(200, 3), Matrix(200, 2)};
  Rng rng(seed);
  fill_normal(rng, pairs.observations);
  fill_normal(rng, pairs.actions);
  pairs.actions = pairs.actions.cwiseMax(-1.0F).cwiseMin(1.0F);
  for (int i = 0; i < 200; ++i) pairs.weights.push_back(0.5F + static_cast<float>(rng.uniform()));
  return pairs;
}

Vector cloned(CloningConfig config, int updates, const std::shared_ptr<Ranks>& ranks) {
  Cloning cloning(std::move(config), pairs_of(1), nullptr, nullptr, ranks);
  for (int i = 0; i < updates; ++i) cloning.update();
  return mlp_of(cloning.policy()).parameters;
}

TEST_CASE("cloning in shards has the same bits for any number of ranks, noise and weights included") {
  set_blas_threads(1);
  CloningConfig config{.hidden = {16, 16}, .batch = 50, .shards = 4};
  config.observation_noise = 0.1;
  config.likelihood = GENERATE(Likelihood::kMse, Likelihood::kGaussian);
  const Vector alone = cloned(config, 20, single_rank());
  for (int count = 2; count <= 4; ++count) {
    CAPTURE(count);
    std::mutex mutex;
    int same = 0;
    run_ranks(count, [&](const std::shared_ptr<Ranks>& ranks) {
      const Vector parameters = cloned(config, 20, ranks);
      const std::lock_guard lock(mutex);
      same += parameters == alone ? 1 : 0;
    });
    CHECK(same == count);
  }
}

TEST_CASE("a batch in shards has the gradient of the whole batch") {
  // But for rounding: parameters are of order 0.1 to 1 with a float's 6e-8 of that, and Adam's first steps of size 1e-3
  // depend on the sign of each entry, of which those near 0 may differ; 1e-4 is a tenth of one step.
  set_blas_threads(1);
  CloningConfig config{.hidden = {16}, .batch = 50};
  const Vector whole = cloned(config, 1, single_rank());
  config.shards = 7;
  const Vector split = cloned(config, 1, single_rank());
  CHECK((whole - split).cwiseAbs().maxCoeff() < 1e-4F);
  CHECK(split != whole);  // else shards would not be what was computed
}

}  // namespace
}  // namespace understudy::tests
