#include "bc/runs/run_directory.h"

#include <filesystem>
#include <optional>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
namespace fs = std::filesystem;

TEST_CASE("a run directory serves one training at a time", "[bc]") {
  const Scratch scratch;
  std::optional<RunDirectory> training = RunDirectory::create(scratch / "run", false);
  training->write("manifest.json", "{}");
  training->write("checkpoints/last.ckpt", "a checkpoint");
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

TEST_CASE("a run killed while it was being made is replaced with force, and resume says so", "[bc]") {
  const Scratch scratch;
  const fs::path run = scratch / "run";
  fs::create_directories(run / ".lock");  // made first, left by a kill
  const auto check = [&] {
    CHECK_THROWS_WITH(RunDirectory::open(run), ContainsSubstring("stopped before its first checkpoint") &&
                                                   ContainsSubstring("--force"));
    CHECK_THROWS_WITH(RunDirectory::check_creatable(run, false),
                      ContainsSubstring("--force") && !ContainsSubstring("resume"));
    CHECK_NOTHROW(RunDirectory::check_creatable(run, true));
  };
  check();
  fs::create_directory(run / "checkpoints");
  check();
  write_content(run / "config.toml.tmp", "half");
  check();
  write_content(run / "config.toml", "epochs = 3\n");
  check();
  write_content(run / "manifest.json", "{}");
  check();
  { const RunDirectory made = RunDirectory::create(run, true); }
  CHECK_FALSE(fs::exists(run / "config.toml"));
  CHECK_FALSE(fs::exists(run / "config.toml.tmp"));
  CHECK_FALSE(fs::exists(run / "manifest.json"));
  // What somebody else keeps under such names is not touched.
  fs::create_directories(scratch / "other" / "checkpoints");
  CHECK_THROWS_WITH(RunDirectory::check_creatable(scratch / "other", true),
                    ContainsSubstring("holds no run"));
  fs::create_directories(scratch / "mixed" / ".lock");
  write_content(scratch / "mixed" / "thesis.tex", "dear");
  CHECK_THROWS_WITH(RunDirectory::check_creatable(scratch / "mixed", true),
                    ContainsSubstring("holds no run"));
}

TEST_CASE("a full disk during training names resume as the remedy", "[bc]") {
  const Scratch scratch;
  const RunDirectory run = RunDirectory::create(scratch / "run", false);
  CHECK_THROWS_WITH(
      with_resume_remedy(run, []() -> int { throw DiskFullError("last.ckpt: cannot be written"); }),
      "last.ckpt: cannot be written; free some space and continue with `understudy resume " +
          (scratch / "run").string() + "`");
  CHECK(with_resume_remedy(run, [] { return 3; }) == 3);
}

}  // namespace understudy
