#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "datasets/curation/validation.h"
#include "datasets/format/dataset_paths.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/recording/dataset_session.h"
#include "datasets/recording/demonstration_writer.h"
#include "datasets/types/error.h"
#include "datasets/types/rng_streams.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

using namespace understudy;
using namespace understudy::tests;
namespace fs = std::filesystem;

namespace {

/// What the child tells its parent through a pipe right after each call returned.
enum Progress : char { kStep = 's', kSaved = 'c', kUndone = 'u' };

/// Episode `i` of the child's endless session; the parent generates the same.
Episode scripted_episode(int i) {
  Rng rng = Rng::stream(99, RngStream{static_cast<std::uint64_t>(i)});
  return good_episode(sample_header(), 4 + static_cast<int>(rng.below(40)), rng);
}

/// Records until it is killed, packing now and then.
[[noreturn]] void record_forever(const fs::path& file, int first, int pipe) {
  const auto tell = [pipe](Progress what) {
    if (::write(pipe, &what, 1) != 1) ::_exit(3);
  };
  try {
    DemonstrationWriter writer(file, sample_header());
    for (int i = first;; ++i) {
      const Episode episode = scripted_episode(i);
      writer.begin_episode(episode.seed, episode.observations.row(0).transpose(),
                           episode.states.row(0).transpose(), episode.operator_name, episode.variation);
      for (Eigen::Index t = 0; t < episode.actions.rows(); ++t) {
        const auto k = static_cast<std::size_t>(t);
        writer.append_step({.action = episode.actions.row(t).transpose(),
                            .reward = episode.rewards[k],
                            .next_observation = episode.observations.row(t + 1).transpose(),
                            .next_state = episode.states.row(t + 1).transpose(),
                            .timestamp = episode.info.timestamp[k],
                            .input_age = episode.info.input_age[k],
                            .overrun = episode.info.overrun[k] != 0,
                            .intervention = episode.info.intervention[k] != 0,
                            .axes = episode.info.axes.row(t).transpose(),
                            .buttons = episode.info.buttons.row(t).transpose()});
        tell(kStep);
      }
      writer.commit_episode({.terminated = true, .truncated = false, .success = true});
      tell(kSaved);
      if (i % 3 == 2) writer.pack();
    }
  } catch (...) {
    ::_exit(2);
  }
}

struct Killed {
  int saved = 0;  ///< episodes whose commit returned
  int steps = 0;  ///< steps of the live one whose append returned
};

/// Runs record_forever in a child, kills it after `delay`, and returns what it had been told was safe.
Killed record_and_kill(const fs::path& file, int first, std::chrono::microseconds delay) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    record_forever(file, first, ends[1]);
  }
  ::close(ends[1]);
  // The clock starts with the first step, so that slow machines also get somewhere.
  Killed killed;
  char what = 0;
  if (::read(ends[0], &what, 1) == 1) killed.steps = 1;
  std::this_thread::sleep_for(delay);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  while (::read(ends[0], &what, 1) == 1) {
    if (what == kSaved) {
      ++killed.saved;
      killed.steps = 0;
    } else {
      ++killed.steps;
    }
  }
  ::close(ends[0]);
  REQUIRE(WIFSIGNALED(status));
  return killed;
}

}  // namespace

TEST_CASE("kill -9 at random moments loses no saved episode and no step that was accepted") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  Rng rng(7);
  std::vector<Episode> expected;
  int next = 0;
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round);
    const Killed killed = record_and_kill(file, next, std::chrono::microseconds(rng.below(150000)));
    const RecoveryReport report = recover(file);
    const DemonstrationReader reader(file);
    CAPTURE(killed.saved, killed.steps, report.parts_packed, report.episodes_recovered);

    // One more may have been saved than the parent was told of.
    const int added = reader.size() - static_cast<int>(expected.size());
    REQUIRE(added >= killed.saved + (killed.steps > 0 ? 1 : 0));
    REQUIRE(added <= killed.saved + 1);
    for (int i = 0; i < killed.saved; ++i) expected.push_back(scripted_episode(next + i));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      REQUIRE(difference(reader.read(static_cast<int>(i)), expected[i]) == "");
    }
    if (added > killed.saved) {
      const Episode last = reader.read(reader.size() - 1);
      REQUIRE(last.length() >= killed.steps);
      const Episode whole = scripted_episode(next + killed.saved);
      REQUIRE(last.actions == whole.actions.topRows(last.length()));
      REQUIRE(reader.summary(reader.size() - 1).recovered == !last.success);
      expected.push_back(last);
    }
    REQUIRE(validate(file) == std::vector<std::string>{});
    REQUIRE(listing(directory.path()) == std::vector<std::string>{"demos.h5"});
    next += 1000;
  }
}

TEST_CASE("a crash at any point of a pack leaves the dataset as if it had been finished or not begun") {
  // Every state a crash can leave is built by hand: the files before and after each step of the pack.
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  const fs::path parts = file.string() + ".parts";
  Rng rng(8);
  std::vector<Episode> episodes;
  for (int i = 0; i < 4; ++i) episodes.push_back(good_episode(sample_header(), 5, rng));
  // The re-recorded episode is the undone one over again, which checksums alone cannot tell apart.
  const bool same_again = GENERATE(false, true);
  CAPTURE(same_again);
  {
    DemonstrationWriter writer(file, sample_header());
    record(writer, episodes[0]);
    record(writer, episodes[1]);
    writer.pack();
  }
  const std::string old_file = content(file);
  std::string manifest;
  std::vector<std::string> part_bytes;
  {
    DemonstrationWriter writer(file, sample_header());
    REQUIRE(writer.undo_last());
    if (same_again) {
      record(writer, episodes[1]);
    } else {
      record(writer, episodes[2]);
      record(writer, episodes[3]);
    }
    manifest = content(parts / "session.json");
    for (const int number : numbered_files(parts, "part", ".h5")) {
      part_bytes.push_back(content(DatasetPaths(file).part(number)));
    }
    writer.pack();
  }
  const std::string new_file = content(file);
  const std::vector<Episode> expected = same_again
                                            ? std::vector<Episode>{episodes[0], episodes[1]}
                                            : std::vector<Episode>{episodes[0], episodes[2], episodes[3]};

  // The manifest's target is the identity of the new file: its own base in a session begun on it.
  std::string target;
  {
    DemonstrationWriter writer(file, sample_header());
    record(writer, episodes[0]);
    const std::string begun = content(parts / "session.json");
    const std::size_t at = begun.find("\"base\":\"") + 8;
    target = begun.substr(at, 64);
    REQUIRE(writer.undo_last());
  }
  recover(file);
  std::string with_target = manifest;
  with_target.replace(with_target.find("\"target\":\"") + 10, 0, target);

  const auto rebuild = [&](const std::string& dataset, const std::string& session, std::size_t first_part) {
    fs::remove_all(parts);
    write_content(file, dataset);
    fs::create_directory(parts);
    if (!session.empty()) write_content(parts / "session.json", session);
    for (std::size_t i = first_part; i < part_bytes.size(); ++i) {
      write_content(DatasetPaths(file).part(static_cast<int>(i)), part_bytes[i]);
    }
  };
  const auto require_expected = [&] {
    recover(file);
    const DemonstrationReader reader(file);
    REQUIRE(reader.size() == static_cast<int>(expected.size()));
    for (int i = 0; i < reader.size(); ++i) {
      REQUIRE(difference(reader.read(i), expected[static_cast<std::size_t>(i)]) == "");
    }
    REQUIRE_FALSE(fs::exists(parts));
  };
  SECTION("while the new file was being written") {
    rebuild(old_file, manifest, 0);
    write_content(parts / "pack.tmp", new_file.substr(0, new_file.size() / 2));
    require_expected();
  }
  SECTION("before the rename") {
    rebuild(old_file, with_target, 0);
    write_content(parts / "pack.tmp", new_file);
    require_expected();
  }
  SECTION("after the rename") {
    rebuild(new_file, with_target, 0);
    require_expected();
  }
  SECTION("with the first part removed") {
    rebuild(new_file, with_target, 1);
    require_expected();
  }
  SECTION("with all parts removed") {
    rebuild(new_file, with_target, part_bytes.size());
    require_expected();
  }
  SECTION("with the manifest removed as well") {
    rebuild(new_file, "", part_bytes.size());
    require_expected();
  }
}

TEST_CASE("a crash between saving a part and removing its journal does not save the episode twice") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  Rng rng(9);
  const Episode episode = good_episode(sample_header(), 5, rng);
  const fs::path journal = file.string() + ".parts/live_000000.journal";
  {
    DemonstrationWriter writer(file, sample_header());
    append(writer, episode);
    fs::copy_file(journal, directory / "copy");
    writer.commit_episode({.terminated = true, .truncated = false, .success = true});
    fs::copy_file(directory / "copy", journal);
  }
  const RecoveryReport report = recover(file);
  REQUIRE(report.parts_packed == 1);
  REQUIRE(report.episodes_recovered == 0);
  REQUIRE(DemonstrationReader(file).size() == 1);
}

TEST_CASE("a damaged part is kept aside and named, and the others are packed") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  Rng rng(10);
  std::vector<Episode> episodes;
  {
    DemonstrationWriter writer(file, sample_header());
    for (int i = 0; i < 3; ++i) {
      episodes.push_back(good_episode(sample_header(), 30, rng));
      record(writer, episodes.back());
    }
  }
  const fs::path part = DatasetPaths(file).part(1);
  const std::string whole = content(part);
  std::string bytes = whole;
  SECTION("cut short") {
    bytes.resize(bytes.size() / 2);
  }
  SECTION("not HDF5 at all") {
    bytes = "gone";
  }
  SECTION("empty") {
    bytes.clear();
  }
  SECTION("with a changed value") {
    // The stored checksum itself: the content no longer matches it.
    const std::string checksum = DemonstrationReader(part).checksum(0);
    const std::size_t at = bytes.find(checksum);
    REQUIRE(at != std::string::npos);
    bytes[at] = bytes[at] == 'a' ? 'b' : 'a';
  }
  write_content(part, bytes);
  const RecoveryReport report = recover(file);
  REQUIRE(report.parts_packed == 2);
  REQUIRE(report.notes.size() == 1);
  REQUIRE_THAT(report.notes[0], ContainsSubstring("part_000001.h5") && ContainsSubstring("moved to"));
  REQUIRE(content(file.string() + ".aside/damaged_part_000001.h5") == bytes);
  const DemonstrationReader reader(file);
  REQUIRE(reader.size() == 2);
  REQUIRE(difference(reader.read(0), episodes[0]) == "");
  REQUIRE(difference(reader.read(1), episodes[2]) == "");
  REQUIRE(recover(file).empty());
  // Somebody finds what it was: it comes back.
  write_content(file.string() + ".aside/damaged_part_000001.h5", whole);
  const RecoveryReport again = recover(file);
  REQUIRE(again.parts_packed == 1);
  REQUIRE_THAT(again.notes.at(0), ContainsSubstring("whole after all, brought back"));
  REQUIRE(difference(DemonstrationReader(file).read(2), episodes[1]) == "");
  REQUIRE(listing(directory.path()) == std::vector<std::string>{"demos.h5"});
}

TEST_CASE("a part that the system does not give is no damaged part: nothing is changed") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  Rng rng(10);
  {
    DemonstrationWriter writer(file, sample_header());
    for (int i = 0; i < 2; ++i) record(writer, good_episode(sample_header(), 30, rng));
  }
  const auto parts = listing(DatasetPaths(file).parts);
  {
    // Another program, an editor of HDF5 files say, holds it.
    const FileDescriptor held(::open(DatasetPaths(file).part(1).c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(::flock(held.get(), LOCK_EX) == 0);
    REQUIRE_THROWS_AS(recover(file), SystemError);
    REQUIRE_THROWS_WITH(recover(file), ContainsSubstring("part_000001.h5: cannot be opened"));
    REQUIRE(listing(DatasetPaths(file).parts) == parts);
    REQUIRE_FALSE(fs::exists(DatasetPaths(file).aside));
  }
  REQUIRE(recover(file).parts_packed == 2);
}

TEST_CASE("parts outlive the loss or replacement of the dataset file they were to be added to") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  Rng rng(11);
  const Episode first = good_episode(sample_header(), 5, rng);
  const Episode second = good_episode(sample_header(), 5, rng);
  {
    DemonstrationWriter writer(file, sample_header());
    record(writer, first);
    writer.pack();
  }
  {
    DemonstrationWriter writer(file, sample_header());
    record(writer, second);
  }
  fs::remove(file);
  REQUIRE(recover(file).parts_packed == 1);
  REQUIRE(difference(DemonstrationReader(file).read(0), second) == "");
}

TEST_CASE("parts of another task are not mixed in but refused and kept") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  Rng rng(12);
  {
    DemonstrationWriter writer(file, sample_header());
    record(writer, good_episode(sample_header(), 5, rng));
  }
  DatasetHeader other = sample_header();
  other.environment_id = "Elsewhere";
  {
    DemonstrationWriter writer(directory / "other.h5", other);
    record(writer, good_episode(other, 5, rng));
    writer.pack();
  }
  fs::rename(directory / "other.h5", file);
  REQUIRE_THROWS_WITH(recover(file), ContainsSubstring("want task \"Elsewhere\", found \"Sample\""));
  REQUIRE(has_leftovers(file));
}

TEST_CASE("recovering where there is nothing says so") {
  const TemporaryDirectory directory;
  REQUIRE_THROWS_WITH(recover(directory / "no.h5"), ContainsSubstring("no such file"));
  REQUIRE(listing(directory.path()).empty());
}
