// What a child process does to itself is an error here and nothing else.

#include "datasets/storage/guarded.h"

#include <csignal>
#include <vector>

#include "datasets/storage/durable_file.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

TEST_CASE("what is tried in a child comes back: its result, or what it threw") {
  const std::string large(1 << 20, 'x');
  CHECK(read_guarded("file", [&] { return large; }) == large);
  CHECK(read_guarded("file", [] { return std::string(); }).empty());
  CHECK_THROWS_WITH(
      read_guarded("file", []() -> std::string { throw Error("file: row 3: want one, found two"); }),
      ContainsSubstring("file: row 3: want one, found two"));
  CHECK_THROWS_AS(read_guarded("file", []() -> std::string { throw SystemError("file: no permission"); }),
                  SystemError);
}

TEST_CASE("what a child does not survive is one line here") {
  const auto line = [](const std::function<std::string()>& work) {
    try {
      read_guarded("file", work, {.seconds = 1, .bytes = std::uint64_t{64} << 20});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  for (const int signal : {SIGSEGV, SIGABRT, SIGBUS, SIGKILL}) {
    CHECK_THAT(line([signal] {
                 ::raise(signal);
                 return std::string();
               }),
               StartsWith("file: damaged, or made to do harm: reading it crashes the library"));
  }
  CHECK_THAT(line([] {
               for (volatile bool ever = true; ever;) {
               }
               return std::string();
             }),
             ContainsSubstring("does not end"));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // whose own memory has no such limit
  CHECK_THAT(line([] {
               std::vector<std::string> all;
               for (int i = 0; i < 1000; ++i) all.emplace_back(1 << 20, 'x');
               return all.back();
             }),
             ContainsSubstring("takes more than 64 MiB of memory"));
#endif
}

}  // namespace
}  // namespace understudy
