#include "bc/runs/run_directory.h"

#include <optional>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;

TEST_CASE("a run directory serves one training at a time", "[bc]") {
  const TemporaryDirectory scratch;
  std::optional<RunDirectory> training = RunDirectory::create(scratch / "run", false);
  training->write("manifest.json", "{}");
  RunDirectory reading = RunDirectory::open(scratch / "run");
  CHECK_THROWS_WITH(reading.lock(), ContainsSubstring("run: another process is training in it"));
  CHECK_THROWS_WITH(RunDirectory::create(scratch / "run", true), ContainsSubstring("another process"));
  CHECK(content(scratch / "run" / "manifest.json") == "{}");
  std::optional<RunDirectory> copy = training;
  training.reset();
  CHECK_THROWS_WITH(reading.lock(), ContainsSubstring("another process"));
  copy.reset();
  reading.lock();
}

TEST_CASE("a full disk during training names resume as the remedy", "[bc]") {
  const TemporaryDirectory scratch;
  const RunDirectory run = RunDirectory::create(scratch / "run", false);
  CHECK_THROWS_WITH(
      with_resume_remedy(run, []() -> int { throw DiskFullError("last.ckpt: cannot be written"); }),
      "last.ckpt: cannot be written; free some space and continue with `understudy resume " +
          (scratch / "run").string() + "`");
  CHECK(with_resume_remedy(run, [] { return 3; }) == 3);
}

}  // namespace understudy
