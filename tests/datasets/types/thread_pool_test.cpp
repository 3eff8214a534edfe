#include "datasets/types/thread_pool.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "datasets/types/error.h"
#include "datasets/types/start_thread.h"
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

// Sanitizers reserve memory of their own, which such a limit would take from them.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

/// What `action` throws in a child process whose address space may grow by 64 MiB, "nothing" if it throws
/// nothing, and "killed" if the process ends otherwise.
std::string thrown_with_little_memory(void (*action)()) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    long pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const auto limit =
        static_cast<rlim_t>(pages) * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (64U << 20U);
    const rlimit limits{limit, limit};
    ::setrlimit(RLIMIT_AS, &limits);
    std::string text = "nothing";
    try {
      action();
    } catch (const Error& error) {
      text = error.what();
    }
    const bool written = ::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::_exit(written ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text(4096, '\0');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(::read(ends[0], text.data(), text.size()), 0)));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? text : "killed";
}

TEST_CASE("threads that the system does not start are an error that says how many there were") {
  // A thread's stack takes 8 MiB of the 64.
  const std::string error = thrown_with_little_memory([] { ThreadPool(500); });
  CHECK(error.starts_with("threads: want 500, but the system gave "));
  CHECK(error.ends_with("; lower --threads"));
  CHECK(thrown_with_little_memory([] { ThreadPool(1).run(3, [](int) {}); }) == "nothing");
}

TEST_CASE("a single thread that the system does not start is an error that says what it was for") {
  const std::string error = thrown_with_little_memory([] {
    std::vector<std::thread> threads;
    std::promise<void> end;
    const std::shared_future<void> ended = end.get_future().share();
    try {
      while (true) threads.push_back(start_thread("waiting", [ended] { ended.wait(); }));
    } catch (...) {
      end.set_value();
      for (std::thread& thread : threads) thread.join();
      throw;
    }
  });
  CHECK(error.starts_with("cannot start a thread for waiting ("));
}

#endif

}  // namespace
}  // namespace understudy
