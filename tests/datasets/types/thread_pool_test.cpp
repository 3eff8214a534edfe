#include "datasets/types/thread_pool.h"

#include <atomic>
#include <vector>

#include "datasets/types/error.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

TEST_CASE("a loop on a thread pool runs every iteration once, whatever the number of threads") {
  const int threads = GENERATE(1, 2, 5);
  ThreadPool pool(threads);
  CHECK(pool.threads() == threads);
  for (const int count : {0, 1, 3, 1000}) {
    std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
    pool.run(count, [&](int i) { ++calls[static_cast<std::size_t>(i)]; });
    for (const auto& n : calls) REQUIRE(n == 1);
  }
}

TEST_CASE("an exception in a loop on a thread pool comes out of run, and the pool works on") {
  ThreadPool pool(2);
  CHECK_THROWS_WITH(pool.run(100,
                             [](int i) {
                               if (i == 37) throw Error("iteration 37");
                             }),
                    ContainsSubstring("iteration 37"));
  std::atomic<int> sum{0};
  pool.run(10, [&](int i) { sum += i; });
  CHECK(sum == 45);
  CHECK_THROWS_WITH(ThreadPool(-1), ContainsSubstring("found -1"));
}

}  // namespace
}  // namespace understudy
