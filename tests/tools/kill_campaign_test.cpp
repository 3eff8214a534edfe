// kill -9 at random moments of real-time recordings by the real program.

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "datasets/format/demonstration_reader.h"
#include "datasets/types/rng.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

namespace fs = std::filesystem;

/// Starts a real-time recording by the synthetic operator as a process of its own.
pid_t start_recording(const std::string& file, int seed) {
  const pid_t child = fork();
  if (child != 0) return child;
  const int nowhere = open("/dev/null", O_RDWR);
  for (const int stream : {0, 1, 2}) dup2(nowhere, stream);
  setenv("SDL_VIDEODRIVER", "dummy", 1);
  const std::string number = std::to_string(seed);
  execl(UNDERSTUDY_PROGRAM, "understudy", "record", "--env", "Reach", "--device", "synthetic", "--realtime",
        "--episodes", "1000", "--seed", number.c_str(), "--out", file.c_str(), nullptr);
  _exit(127);
}

double seconds(const timespec& time) {
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

/// What lay on the disk when the process died.
struct Remains {
  int saved = 0;  ///< episodes whose saving had finished
  double live_seconds =
      -1;  ///< s from the birth of the live episode's journal to the kill; -1: none was live
};

Remains look(const std::string& file, double killed_at) {
  Remains remains;
  if (!fs::exists(file + ".parts")) return remains;
  for (const auto& entry : fs::directory_iterator(file + ".parts")) {
    const std::string extension = entry.path().extension();
    if (extension == ".h5") ++remains.saved;
    if (extension == ".journal") {
      struct statx status = {};
      REQUIRE(statx(AT_FDCWD, entry.path().c_str(), 0, STATX_BTIME, &status) == 0);
      REQUIRE((status.stx_mask & STATX_BTIME) != 0);
      const timespec born = {status.stx_btime.tv_sec, static_cast<long>(status.stx_btime.tv_nsec)};
      remains.live_seconds = killed_at - seconds(born);
    }
  }
  return remains;
}

TEST_CASE("a hundred killed recordings lose no saved episode and at most the last second of the live one",
          "[slow]") {
  constexpr int kRecordings = 100;
  constexpr int kAtOnce = 10;
  const TemporaryDirectory folder;
  Rng rng(11);
  int saved = 0;
  int live = 0;
  double worst_loss = 0;
  for (int first = 0; first < kRecordings; first += kAtOnce) {
    struct Recording {
      pid_t process = 0;
      double kill_after = 0;  // s
      std::string file;
      Remains remains;
    };
    std::vector<Recording> recordings(kAtOnce);
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kAtOnce; ++i) {
      recordings[i].file = folder / ("demos" + std::to_string(first + i) + ".h5");
      recordings[i].kill_after = rng.uniform(0.3, 14.0);
      recordings[i].process = start_recording(recordings[i].file, first + i);
    }
    std::sort(recordings.begin(), recordings.end(),
              [](const Recording& a, const Recording& b) { return a.kill_after < b.kill_after; });
    for (Recording& recording : recordings) {
      std::this_thread::sleep_until(start + std::chrono::duration<double>(recording.kill_after));
      kill(recording.process, SIGKILL);
      timespec now = {};
      clock_gettime(CLOCK_REALTIME, &now);
      int status = 0;
      waitpid(recording.process, &status, 0);
      REQUIRE(WIFSIGNALED(status));  // it was still recording
      recording.remains = look(recording.file, seconds(now));
    }
    for (const Recording& recording : recordings) {
      const Remains& remains = recording.remains;
      CAPTURE(recording.file, recording.kill_after, remains.saved, remains.live_seconds);
      if (remains.saved == 0 && remains.live_seconds < 0) continue;  // killed before the first episode began
      const Outcome recovered = run_program("data recover " + recording.file);
      CAPTURE(recovered.errors, recovered.output);
      REQUIRE(recovered.code == 0);
      if (!fs::exists(recording.file)) {  // killed before the live episode's first step
        CHECK(remains.saved == 0);
        CHECK(remains.live_seconds < 1);
        continue;
      }
      CHECK(run_program("data validate " + recording.file).code == 0);

      const DemonstrationReader reader(recording.file);
      int kept = 0;
      double live_kept = 0;
      for (int i = 0; i < reader.size(); ++i) {
        const EpisodeSummary summary = reader.summary(i);
        if (!summary.recovered) {
          ++kept;
          CHECK(summary.success);
          continue;
        }
        live_kept = reader.read(i).info.timestamp.back();
      }
      CHECK(kept == remains.saved);
      saved += kept;
      if (remains.live_seconds >= 0) {
        ++live;
        worst_loss = std::max(worst_loss, remains.live_seconds - live_kept);
        CHECK(remains.live_seconds - live_kept < 1);
      }
    }
  }
  WARN(kRecordings << " recordings killed, " << saved << " saved episodes all kept, " << live
                   << " live episodes, at most " << worst_loss << " s of one lost");
  // The operator records for less than half of the time, and thinks, waits and saves in the rest: enough of
  // both kinds of moment must have been hit for the claim to mean anything.
  CHECK(saved > 25);
  CHECK(live > 25);
}

}  // namespace
}  // namespace understudy::tests
