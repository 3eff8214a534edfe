// Whatever a user gets wrong, the program answers with one line that helps, and loses nothing.

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

/// One line on stderr that holds `text`, exit code `code`, nothing on stdout.
void check_refusal(const Outcome& outcome, int code, const std::string& text) {
  CAPTURE(outcome.output, outcome.errors);
  CHECK(outcome.code == code);
  CHECK_THAT(outcome.errors, ContainsSubstring(text));
  CHECK(std::count(outcome.errors.begin(), outcome.errors.end(), '\n') == 1);
  CHECK(outcome.output.empty());
}

/// A small recorded dataset, made once for all tests of this file.
const std::string& dataset(const std::string& task) {
  static const TemporaryDirectory folder;
  static std::string reach;
  static std::string drive;
  std::string& path = task == "Reach" ? reach : drive;
  if (path.empty()) {
    path = folder / (task + ".h5");
    const Outcome outcome =
        run_program("record --env " + task + " --device synthetic --episodes 3 --seed 1 --out " + path);
    if (outcome.code != 0) throw std::runtime_error("recording failed: " + outcome.errors);
  }
  return path;
}

std::string train(const std::string& data, const std::string& task, const std::string& out) {
  return "train bc --data " + data + " --env " + task + " --out " + out +
         " --epochs 2 --eval-episodes 2 --final-episodes 2 --hidden 16";
}

TEST_CASE("every command prints its help, with tasks of more joints than a pad has sticks on the list") {
  for (const std::string command :
       {"", "envs", "record", "play", "eval", "train bc", "bench env", "data images", "data distance"}) {
    CAPTURE(command);
    const Outcome help = run_program(command + " --help");
    CHECK(help.code == 0);
    CHECK(help.errors.empty());
    CHECK_THAT(help.output, ContainsSubstring("Usage"));
  }
}

TEST_CASE("no command, an unknown command and an unknown option each get one line and code 2") {
  check_refusal(run_program(""), 2, "understudy --help");
  check_refusal(run_program("recrod"), 2, "did you mean 'record'?");
  check_refusal(run_program("train bd"), 2, "did you mean 'bc'?");
  check_refusal(run_program("eval random --env Reach --episods 3"), 2, "--episodes");
  check_refusal(run_program("eval random --env Reach --episodes many"), 2, "episodes");
}

TEST_CASE("an unknown task lists the known ones and suggests the nearest, in every command") {
  const TemporaryDirectory folder;
  for (const std::string command :
       {"envs Driv", "eval random --env Driv", "record --env Driv --device synthetic --out ",
        "train bc --env Driv --out "}) {
    std::string line = command;
    if (command.ends_with("--out ")) line += folder / "out";
    if (command.starts_with("train")) line += " --data " + dataset("Drive");
    check_refusal(run_program(line), 2, "did you mean 'Drive'?");
  }
  CHECK_FALSE(std::filesystem::exists(folder / "out"));
}

TEST_CASE("without a pad recording ends before anything is made") {
  const TemporaryDirectory folder;
  check_refusal(
      run_program("record --env Drive --device gamepad --headless --out " + (folder / "demos.h5").string()),
      1, "gamepad");
  CHECK(std::filesystem::is_empty(std::filesystem::path(folder / "x").parent_path()));
}

TEST_CASE("without a display the keyboard session says so before anything is made") {
  const TemporaryDirectory folder;
  const Outcome outcome =
      run_program("record --env Drive --device keyboard --out " + (folder / "demos.h5").string(),
                  "unset SDL_VIDEODRIVER;");
  check_refusal(outcome, 1, "display");
  // The key presses come from the window: --headless alone would be refused next.
  CHECK(outcome.errors.find("--device gamepad --headless") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "demos.h5"));
}

TEST_CASE("each kind of unusable dataset is named for what it is") {
  const TemporaryDirectory folder;
  const std::string out = folder / "run";
  check_refusal(run_program(train(folder / "none.h5", "Reach", out)), 1, "none.h5");

  const std::string text = folder / "text.h5";
  std::ofstream(text) << "not a dataset\n";
  check_refusal(run_program(train(text, "Reach", out)), 1, "HDF5");

  const std::string empty = folder / "empty.h5";
  std::ofstream(empty).close();
  check_refusal(run_program(train(empty, "Reach", out)), 1, "empty.h5");

  const std::string truncated = folder / "truncated.h5";
  std::filesystem::copy_file(dataset("Reach"), truncated);
  std::filesystem::resize_file(truncated, std::filesystem::file_size(truncated) / 2);
  check_refusal(run_program(train(truncated, "Reach", out)), 1, "truncated.h5");

  check_refusal(run_program(train(dataset("Drive"), "Reach", out)), 1, "Drive");
  CHECK_FALSE(std::filesystem::exists(out));
}

TEST_CASE("a policy of another task, a file that is no policy and a missing one are refused") {
  const TemporaryDirectory folder;
  const std::string run = folder / "run";
  const Outcome trained = run_program(train(dataset("Reach"), "Reach", run));
  CAPTURE(trained.errors);
  REQUIRE(trained.code == 0);
  check_refusal(run_program("eval " + run + "/policy.pt --env Drive"), 1, "policy.pt");
  check_refusal(run_program("eval " + dataset("Reach") + " --env Reach"), 1, "Reach.h5");
  check_refusal(run_program("eval " + (folder / "none.pt").string() + " --env Reach"), 1, "none.pt");

  SECTION("and output that exists is not overwritten") {
    const std::string before = content(run + "/policy.pt");
    check_refusal(run_program(train(dataset("Reach"), "Reach", run)), 1, "--force");
    CHECK(content(run + "/policy.pt") == before);
  }
}

TEST_CASE("recording into a dataset of another task is refused and leaves it untouched") {
  const std::string before = content(dataset("Reach"));
  check_refusal(run_program("record --env Drive --device synthetic --episodes 1 --out " + dataset("Reach")),
                1, "Reach");
  CHECK(content(dataset("Reach")) == before);
}

TEST_CASE("a full disk ends recording with one line and keeps every saved episode") {
  const TemporaryDirectory folder;
  const std::string path = folder / "demos.h5";
  REQUIRE(run_program("record --env Reach --device synthetic --episodes 2 --seed 1 --out " + path).code == 0);
  const std::string before = content(path);
  // The limit on file size (in 512-byte blocks) stands in for a full disk: writes beyond it fail.
  const Outcome outcome = run_program(
      "record --env Reach --device synthetic --episodes 20 --seed 1 --out " + path, "ulimit -f 16;");
  CAPTURE(outcome.errors);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.errors, ContainsSubstring("demos.h5"));
  CHECK(content(path) == before);
  CHECK(run_program("data recover " + path).code == 0);
  CHECK(run_program("data validate " + path).code == 0);
}

}  // namespace
}  // namespace understudy::tests
