// What a child process does to itself is an error here and nothing else.

#include "datasets/storage/guarded.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <vector>

#include "datasets/storage/durable_file.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_directory.h"

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

TEST_CASE("what a child prints goes nowhere, but for what is meant to be seen") {
  const tests::TemporaryDirectory scratch;
  const std::string file = (scratch / "stderr").string();
  const FileDescriptor before(::dup(STDERR_FILENO));
  const FileDescriptor caught(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  ::dup2(caught.get(), STDERR_FILENO);
  read_guarded("file", [] {
    std::fprintf(stderr, "a library's complaint\n");
    print_from_guarded([] { std::fprintf(stderr, "3/4 episodes\n"); });
    std::fprintf(stderr, "another\n");
    return std::string();
  });
  print_from_guarded([] { std::fprintf(stderr, "outside\n"); });
  ::dup2(before.get(), STDERR_FILENO);
  CHECK(tests::content(file) == "3/4 episodes\noutside\n");
}

}  // namespace
}  // namespace understudy
