#include "datasets/recording/journal.h"

#include "datasets/format/demonstration_reader.h"
#include "datasets/recording/recovery.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

using namespace understudy;
using namespace understudy::tests;
namespace fs = std::filesystem;

namespace {

/// The bytes of a journal of `episode`, ended or live, and where each record ends.
struct Recorded {
  std::string bytes;
  std::vector<std::size_t> ends;  ///< after the beginning, after each step, after the end
};

Recorded record_journal(const Episode& episode, const fs::path& file) {
  Recorded recorded;
  JournalWriter writer(file, sample_header(), episode.seed, episode.observations.row(0).transpose(),
                       episode.states.row(0).transpose(), episode.operator_name, episode.variation);
  recorded.ends.push_back(fs::file_size(file));
  for (Eigen::Index t = 0; t < episode.actions.rows(); ++t) {
    const auto i = static_cast<std::size_t>(t);
    writer.append_step({.action = episode.actions.row(t).transpose(),
                        .reward = episode.rewards[i],
                        .next_observation = episode.observations.row(t + 1).transpose(),
                        .next_state = episode.states.row(t + 1).transpose(),
                        .timestamp = episode.info.timestamp[i],
                        .input_age = episode.info.input_age[i],
                        .overrun = episode.info.overrun[i] != 0,
                        .intervention = episode.info.intervention[i] != 0,
                        .axes = episode.info.axes.row(t).transpose(),
                        .buttons = episode.info.buttons.row(t).transpose()});
    recorded.ends.push_back(fs::file_size(file));
  }
  writer.append_end(
      {.terminated = episode.terminated, .truncated = episode.truncated, .success = episode.success});
  recorded.ends.push_back(fs::file_size(file));
  recorded.bytes = content(file);
  return recorded;
}

/// Whether `found` is `whole` cut after `steps` steps.
bool is_prefix(const Episode& found, const Episode& whole, int steps) {
  return found.length() == steps && found.observations == whole.observations.topRows(steps + 1) &&
         found.actions == whole.actions.topRows(steps) && found.states == whole.states.topRows(steps + 1) &&
         std::equal(found.rewards.begin(), found.rewards.end(), whole.rewards.begin()) &&
         std::equal(found.info.timestamp.begin(), found.info.timestamp.end(), whole.info.timestamp.begin());
}

}  // namespace

TEST_CASE("a journal cut at any byte gives back every complete step before it and nothing else") {
  const TemporaryDirectory directory;
  Rng rng(1);
  const Episode episode = good_episode(sample_header(), 6, rng);
  const Recorded recorded = record_journal(episode, directory / "whole");
  const fs::path cut = directory / "cut";
  for (std::size_t length = 0; length <= recorded.bytes.size(); ++length) {
    CAPTURE(length);
    write_content(cut, recorded.bytes.substr(0, length));
    const Journal journal = read_journal(cut);
    const auto complete = std::count_if(recorded.ends.begin(), recorded.ends.end(),
                                        [&](std::size_t end) { return end <= length; });
    REQUIRE(journal.begun == (complete >= 1));
    REQUIRE(journal.ended == (length == recorded.bytes.size()));
    REQUIRE_FALSE(journal.damaged);
    if (complete >= 1) {
      REQUIRE(
          is_prefix(journal.episode, episode, static_cast<int>(std::min<std::ptrdiff_t>(complete - 1, 6))));
    }
  }
}

TEST_CASE("a journal with any one byte changed never gives back a step that was not recorded") {
  const TemporaryDirectory directory;
  Rng rng(2);
  const Episode episode = good_episode(sample_header(), 5, rng);
  const Recorded recorded = record_journal(episode, directory / "whole");
  const fs::path changed = directory / "changed";
  for (std::size_t at = 0; at < recorded.bytes.size(); ++at) {
    CAPTURE(at);
    std::string bytes = recorded.bytes;
    bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1 + rng.below(255)));
    write_content(changed, bytes);
    const Journal journal = read_journal(changed);
    const auto intact =
        std::count_if(recorded.ends.begin(), recorded.ends.end(), [&](std::size_t end) { return end <= at; });
    REQUIRE(journal.begun == (intact >= 1));
    REQUIRE_FALSE(journal.ended);
    if (intact >= 1) REQUIRE(is_prefix(journal.episode, episode, static_cast<int>(intact) - 1));
    // Whole steps lie behind the damage: that has to be noticed, or they would vanish in silence.
    if (intact >= 1 && intact < 6) REQUIRE(journal.damaged);
  }
}

TEST_CASE("zeros behind the last step, as a power cut leaves them, are not damage") {
  const TemporaryDirectory directory;
  Rng rng(3);
  const Episode episode = good_episode(sample_header(), 4, rng);
  const Recorded recorded = record_journal(episode, directory / "whole");
  write_content(directory / "padded", recorded.bytes.substr(0, recorded.ends[3]) + std::string(4096, '\0'));
  const Journal journal = read_journal(directory / "padded");
  REQUIRE(is_prefix(journal.episode, episode, 3));
  REQUIRE_FALSE(journal.damaged);
}

TEST_CASE("every cut of a live journal becomes a recovered episode that the masks leave out") {
  const TemporaryDirectory directory;
  Rng rng(4);
  const Episode saved = good_episode(sample_header(), 8, rng);
  const Episode live = good_episode(sample_header(), 3, rng);
  const Recorded recorded = record_journal(live, directory / "journal");
  const fs::path file = directory / "demos.h5";
  {
    DemonstrationWriter writer(file, sample_header());
    record(writer, saved);
    writer.pack();
  }
  const std::string base = content(file);
  const fs::path parts = file.string() + ".parts";
  for (const std::size_t record_end : recorded.ends) {
    for (const std::size_t length : {record_end - 1, record_end, record_end + 1}) {
      if (length > recorded.bytes.size()) continue;
      CAPTURE(length);
      write_content(file, base);
      fs::create_directory(parts);
      write_content(parts / "live_000000.journal", recorded.bytes.substr(0, length));
      const RecoveryReport report = recover(file);
      const bool ended = length == recorded.bytes.size();
      const auto complete = std::count_if(recorded.ends.begin(), recorded.ends.end(),
                                          [&](std::size_t end) { return end <= length; });
      const int steps = static_cast<int>(std::clamp<std::ptrdiff_t>(complete - 1, 0, 3));
      REQUIRE_FALSE(fs::exists(parts));
      const DemonstrationReader reader(file);
      REQUIRE(difference(reader.read(0), saved) == "");
      if (steps == 0) {
        REQUIRE(report.empty());
        REQUIRE(reader.size() == 1);
        continue;
      }
      REQUIRE(reader.size() == 2);
      REQUIRE(is_prefix(reader.read(1), live, steps));
      const EpisodeSummary summary = reader.summary(1);
      REQUIRE(summary.recovered == !ended);
      REQUIRE(summary.success == ended);
      REQUIRE(summary.truncated == !ended);
      REQUIRE(report.episodes_recovered == (ended ? 0 : 1));
      REQUIRE(report.steps_recovered == (ended ? 0 : steps));
      REQUIRE(report.parts_packed == (ended ? 1 : 0));
      REQUIRE(reader.mask("train").size() + reader.mask("valid").size() == (ended ? 2 : 1));
    }
  }
}

TEST_CASE("a journal damaged in the middle is kept aside, and what precedes the damage is recovered") {
  const TemporaryDirectory directory;
  Rng rng(5);
  const Episode live = good_episode(sample_header(), 6, rng);
  Recorded recorded = record_journal(live, directory / "journal");
  recorded.bytes[recorded.ends[2] + 20] ^= 1;
  const fs::path file = directory / "demos.h5";
  fs::create_directory(file.string() + ".parts");
  write_content(file.string() + ".parts/live_000000.journal", recorded.bytes);
  const RecoveryReport report = recover(file);
  REQUIRE(report.steps_recovered == 2);
  REQUIRE(is_prefix(DemonstrationReader(file).read(0), live, 2));
  REQUIRE(content(file.string() + ".aside/damaged_live_000000.journal") == recorded.bytes);
  REQUIRE(report.notes.size() == 2);
  REQUIRE_THAT(report.notes[1], ContainsSubstring("damaged after 2 steps"));
}
