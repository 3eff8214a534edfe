// A disk that fails at any one call: nothing that was saved is lost, nothing is put aside without a way back, the
// program says one line and goes on the next time.

#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "datasets/curation/validation.h"
#include "datasets/format/dataset_paths.h"
#include "datasets/format/demonstration_reader.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

namespace fs = std::filesystem;

/// The calls that a run made, those that failed left out.
std::vector<std::string> calls_in(const fs::path& log) {
  std::vector<std::string> lines;
  std::ifstream stream(log);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// A program run in a folder of its own whose `number`-th call fails; 0: none.
struct Trial {
  TemporaryDirectory folder;
  Outcome outcome;
  std::vector<std::string> calls;

  /// `before` goes through, or fails at its `before_number`-th call.
  Trial(const std::string& before, const std::string& command, int number, int error, int before_number = 0) {
    const auto in_folder = [&](std::string text) {
      for (std::size_t at; (at = text.find("DIR")) != std::string::npos;)
        text.replace(at, 3, folder.path().string());
      return text;
    };
    const TemporaryDirectory away;
    const auto failing = [&](const fs::path& log, int at) {
      return "LD_PRELOAD=" UNDERSTUDY_FAIL_CALL " FAIL_UNDER=" + folder.path().string() +
             " FAIL_LOG=" + log.string() + " FAIL_ERRNO=" + std::to_string(error) +
             " FAIL_CALL=" + std::to_string(at);
    };
    if (!before.empty()) {
      const Outcome prepared = run_program(in_folder(before), failing(away / "before", before_number));
      CAPTURE(prepared.errors);
      REQUIRE((prepared.code == 0) == (before_number == 0));
    }
    outcome = run_program(in_folder(command), failing(away / "calls", number));
    calls = calls_in(away / "calls");
  }
};

std::vector<std::string> checksums_of(const fs::path& file) {
  std::vector<std::string> list;
  if (!fs::exists(file)) return list;
  const DemonstrationReader reader(file);
  for (int i = 0; i < reader.size(); ++i) list.push_back(reader.checksum(i));
  return list;
}

/// Parts that had their name, and the folder on the disk, before the run ended.
std::size_t committed(const std::vector<std::string>& calls) {
  return static_cast<std::size_t>(std::count_if(calls.begin(), calls.end(), [](const std::string& call) {
    return call.find(" rename ") != std::string::npos && call.find("/part_") != std::string::npos;
  }));
}

/// Fails each call of `command` in turn. `kept` episodes are there before it.
void fail_each(const std::string& before, const std::string& command, std::size_t kept) {
  const Trial whole(before, command, 0, EIO);
  REQUIRE(whole.outcome.code == 0);
  const std::vector<std::string> all = checksums_of(whole.folder / "d.h5");
  REQUIRE(whole.calls.size() > 20);
  const int calls = static_cast<int>(whole.calls.size());
  for (const int error : {EIO, ENOSPC}) {
    for (int number = 1; number <= calls; ++number) {
      CAPTURE(command, error, number, whole.calls[static_cast<std::size_t>(number) - 1]);
      const Trial trial(before, command, number, error);
      CAPTURE(trial.outcome.output, trial.outcome.errors);
      CHECK(trial.outcome.code >= 0);
      CHECK(trial.outcome.code <= 2);  // no signal
      if (trial.outcome.code != 0) {
        CHECK(trial.outcome.errors.find("understudy: ") != std::string::npos);
      }
      const fs::path file = trial.folder / "d.h5";
      if (fs::exists(DatasetPaths(file).parts) || fs::exists(file)) {
        const Outcome recovered = run_program("data recover " + file.string());
        CAPTURE(recovered.errors);
        CHECK((recovered.code == 0 || !fs::exists(file)));
      }
      const std::vector<std::string> found = checksums_of(file);
      CHECK(found.size() >= kept + std::min(committed(trial.calls), all.size() - kept));
      // What was saved, in its order; after it perhaps the beginning of the episode that was live.
      REQUIRE(found.size() <= all.size());
      const std::size_t saved = std::min(kept + committed(trial.calls), found.size());
      CHECK(std::equal(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(saved), all.begin()));
      CHECK(found.size() <= saved + 1);
      if (fs::exists(file)) CHECK(validate(file).empty());
      CHECK_FALSE(fs::exists(DatasetPaths(file).aside));
    }
  }
}

const std::string kRecord =
    "record --env JointControl --device scripted --headless --episode-seconds 0.2 --keep-failures --out "
    "DIR/d.h5 ";

TEST_CASE("no failing call loses an episode that was saved, while recording or adding", "[slow]") {
  fail_each("", kRecord + "--episodes 3", 0);
  fail_each(kRecord + "--episodes 2", kRecord + "--episodes 2", 2);
}

TEST_CASE("no failing call of a recovery loses an episode, and the next one brings all", "[slow]") {
  // A session that stops where its pack gets its name.
  const std::string session = kRecord + "--episodes 2";
  const Trial whole("", session, 0, EIO);
  const std::vector<std::string> all = checksums_of(whole.folder / "d.h5");
  REQUIRE(all.size() == 2);
  const auto named = std::find_if(whole.calls.begin(), whole.calls.end(), [](const std::string& call) {
    return call.find(" rename ") != std::string::npos && call.ends_with("/d.h5");
  });
  REQUIRE(named != whole.calls.end());
  const int stop = static_cast<int>(named - whole.calls.begin()) + 1;
  const std::string recover = "data recover DIR/d.h5";
  const Trial recovery(session, recover, 0, EIO, stop);
  CAPTURE(recovery.outcome.output, recovery.outcome.errors);
  REQUIRE(recovery.outcome.code == 0);
  REQUIRE(checksums_of(recovery.folder / "d.h5") == all);
  for (const int error : {EIO, ENOSPC}) {
    for (int number = 1; number <= static_cast<int>(recovery.calls.size()); ++number) {
      CAPTURE(error, number, recovery.calls[static_cast<std::size_t>(number) - 1]);
      const Trial trial(session, recover, number, error, stop);
      CAPTURE(trial.outcome.output, trial.outcome.errors);
      CHECK(trial.outcome.code >= 0);
      CHECK(trial.outcome.code <= 2);
      const fs::path file = trial.folder / "d.h5";
      const Outcome again = run_program("data recover " + file.string());
      CAPTURE(again.output, again.errors);
      CHECK(again.code == 0);
      CHECK(checksums_of(file) == all);
      CHECK_FALSE(fs::exists(DatasetPaths(file).aside));
    }
  }
}

TEST_CASE("no failing call in the first moments of a training leaves a folder that cannot be used",
          "[slow]") {
  const std::string cloning =
      "train bc --env JointControl --data DIR/d.h5 --all-episodes --out DIR/run --epochs 1 "
      "--epoch-updates 5 --hidden 8 --eval-episodes 1 --final-episodes 1 ";
  const std::string learning =
      "train ppo --env InvertedPendulum --out DIR/run --steps 64 --rollout 32 --environments 1 --batch 32 "
      "--hidden 8 --eval-every 64 --eval-episodes 1 --final-episodes 1 ";
  const bool clones = GENERATE(true, false);
  const std::string data = clones ? kRecord + "--episodes 3" : "";
  const std::string train = clones ? cloning : learning;
  const Trial whole(data, train, 0, EIO);
  CAPTURE(whole.outcome.errors);
  REQUIRE(whole.outcome.code == 0);
  for (int number = 1; number <= static_cast<int>(whole.calls.size()); ++number) {
    CAPTURE(number, whole.calls[static_cast<std::size_t>(number) - 1]);
    const Trial trial(data, train, number, EIO);
    CAPTURE(trial.outcome.output, trial.outcome.errors);
    CHECK(trial.outcome.code >= 0);
    CHECK(trial.outcome.code <= 2);
    // Either way goes on: from where it stopped, or anew.
    const std::string run = (trial.folder / "run").string();
    const Outcome resumed = run_program("resume " + run);
    std::string again = train + "--force";
    for (std::size_t at; (at = again.find("DIR")) != std::string::npos;)
      again.replace(at, 3, trial.folder.path().string());
    CAPTURE(resumed.errors);
    CHECK((resumed.code == 0 || run_program(again).code == 0));
  }
}

}  // namespace
}  // namespace understudy::tests
