// Going back within a live episode, what is noted about a saved one, and what a crash leaves of both.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "datasets/curation/validation.h"
#include "datasets/format/dataset_paths.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/format/masks.h"
#include "datasets/recording/demonstration_writer.h"
#include "datasets/recording/journal.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

using namespace understudy;
using namespace understudy::tests;
namespace fs = std::filesystem;

namespace {

/// Step `number` of a session that never takes the same step twice.
void append_numbered(JournalWriter& writer, int number) {
  const DatasetHeader header = sample_header();
  Vector action = Vector::Constant(header.action.size(), static_cast<float>(number) / 1000);
  writer.append_step(
      {.action = action,
       .reward = static_cast<float>(number),
       .next_observation = Vector::Constant(header.observation.size(), static_cast<float>(number)),
       .next_state = State::Constant(header.state_dim, number),
       .timestamp = static_cast<double>(number),
       .input_age = 0.001});
}

/// Five steps, then two back, and so on: every sixth record goes back. Numbers of the steps that are left.
constexpr int kRound = 6;
void append_record(JournalWriter& writer, std::vector<int>& left, int record) {
  if (record % kRound == kRound - 1) {
    left.resize(left.size() - 2);
    writer.append_rewind(static_cast<int>(left.size()));
  } else {
    append_numbered(writer, record);
    left.push_back(record);
  }
}

std::vector<int> left_after(int records) {
  std::vector<int> left;
  for (int record = 0; record < records; ++record) {
    if (record % kRound == kRound - 1) {
      left.resize(left.size() - 2);
    } else {
      left.push_back(record);
    }
  }
  return left;
}

JournalWriter begun(const fs::path& file) {
  const DatasetHeader header = sample_header();
  return {file, header, 1, Vector::Zero(header.observation.size()), State::Zero(header.state_dim), "kate"};
}

std::vector<int> numbers_of(const Episode& episode) {
  std::vector<int> numbers;
  for (const float reward : episode.rewards) numbers.push_back(static_cast<int>(reward));
  REQUIRE(episode.observations.rows() == episode.length() + 1);
  REQUIRE(episode.states.rows() == episode.length() + 1);
  REQUIRE(episode.info.timestamp.size() == numbers.size());
  for (std::size_t t = 0; t < numbers.size(); ++t) {
    const auto row = static_cast<Eigen::Index>(t);
    REQUIRE(episode.observations(row + 1, 0) == static_cast<float>(numbers[t]));
    REQUIRE(episode.states(row + 1, 0) == numbers[t]);
    REQUIRE(episode.info.timestamp[t] == numbers[t]);
  }
  return numbers;
}

}  // namespace

TEST_CASE("a journal that went back is, cut at any byte, what was appended before and not taken back") {
  const TemporaryDirectory directory;
  std::vector<std::size_t> ends;
  {
    JournalWriter writer = begun(directory / "whole");
    ends.push_back(fs::file_size(directory / "whole"));
    std::vector<int> left;
    for (int record = 0; record < 3 * kRound; ++record) {
      append_record(writer, left, record);
      ends.push_back(fs::file_size(directory / "whole"));
    }
  }
  const std::string bytes = content(directory / "whole");
  for (std::size_t length = ends[0]; length <= bytes.size(); ++length) {
    CAPTURE(length);
    write_content(directory / "cut", bytes.substr(0, length));
    const Journal journal = read_journal(directory / "cut");
    const auto complete =
        std::count_if(ends.begin(), ends.end(), [&](std::size_t end) { return end <= length; });
    REQUIRE(numbers_of(journal.episode) == left_after(static_cast<int>(complete) - 1));
    REQUIRE_FALSE(journal.damaged);
  }
  const Journal journal = read_journal(directory / "whole");
  REQUIRE(recording_from_json(journal.episode.recording, "").rewinds ==
          std::vector<Rewind>{
              {.step = 3, .discarded = 2}, {.step = 6, .discarded = 2}, {.step = 9, .discarded = 2}});
}

TEST_CASE("kill -9 while going back and forth never brings back a step that was taken back") {
  for (int round = 0; round < 25; ++round) {
    const TemporaryDirectory directory;
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      JournalWriter writer = begun(directory / "live");
      std::vector<int> left;
      for (int record = 0;; ++record) {
        append_record(writer, left, record);
        if (::write(ends[1], "r", 1) != 1) ::_exit(1);
      }
    }
    ::close(ends[1]);
    char told = 0;
    int records = ::read(ends[0], &told, 1) == 1 ? 1 : 0;
    std::this_thread::sleep_for(std::chrono::microseconds(200 + 173 * round));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    while (::read(ends[0], &told, 1) == 1) ++records;
    ::close(ends[0]);
    const std::vector<int> found = numbers_of(read_journal(directory / "live").episode);
    CAPTURE(round, records);
    // The record that was under way may or may not have been told.
    REQUIRE((found == left_after(records) || found == left_after(records + 1)));
  }
}

TEST_CASE("the doubt of a policy is recorded at every step, and one that is missing is refused") {
  const TemporaryDirectory directory;
  Rng rng(3);
  const Episode episode = good_episode(sample_header(), 4, rng);
  {
    DemonstrationWriter writer(directory / "demos.h5", sample_header());
    writer.begin_episode(1, episode.observations.row(0).transpose(), episode.states.row(0).transpose(),
                         "kate", "", "{\"policy\":\"p, version 3\"}", true);
    const auto append = [&](int t, std::optional<float> doubt) {
      writer.append_step({.action = episode.actions.row(t).transpose(),
                          .next_observation = episode.observations.row(t + 1).transpose(),
                          .next_state = episode.states.row(t + 1).transpose(),
                          .doubt = doubt});
    };
    append(0, 0.5F);
    append(1, 0.25F);
    REQUIRE_THROWS_WITH(append(2, std::nullopt), ContainsSubstring("infos/doubt: want a finite value"));
    append(2, 0.125F);
    writer.rewind(1);
    append(1, 2.0F);
    writer.commit_episode(
        {.terminated = true, .success = true, .recording = "{\"policy\":\"p, version 3\"}"});
    writer.pack();
  }
  const DemonstrationReader reader(directory / "demos.h5");
  REQUIRE(reader.read(0).info.doubt == std::vector<float>{0.5F, 2.0F});
  REQUIRE(recording_from_json(reader.read(0).recording, "").policy == "p, version 3");
  REQUIRE(validate(directory / "demos.h5").empty());
}

TEST_CASE("going back further than the episode reaches is refused, and the episode stays as it was") {
  const TemporaryDirectory directory;
  Rng rng(4);
  const Episode episode = good_episode(sample_header(), 5, rng);
  DemonstrationWriter writer(directory / "demos.h5", sample_header());
  REQUIRE_THROWS_WITH(writer.rewind(0), ContainsSubstring("no episode is live"));
  append(writer, episode);
  REQUIRE_THROWS_WITH(writer.rewind(6),
                      ContainsSubstring("want a step in [0, 5]") && ContainsSubstring("found 6"));
  REQUIRE(writer.steps() == 5);
  writer.commit_episode({.terminated = true, .success = true});
  writer.pack();
  REQUIRE(DemonstrationReader(directory / "demos.h5").read(0).length() == 5);
}

TEST_CASE(
    "what is said of a saved episode outlives a crash, changes no checksum, and fills the mask of replays") {
  const TemporaryDirectory directory;
  Rng rng(5);
  const fs::path file = directory / "demos.h5";
  const Episode first = good_episode(sample_header(), 5, rng);
  const Episode second = good_episode(sample_header(), 6, rng);
  {
    DemonstrationWriter writer(file, sample_header());
    record(writer, first);
    const int number = writer.last_saved();
    record(writer, second);
    REQUIRE(writer.describe(number, [](RecordingRecord& record) { record.replay_divergence = 0; }));
    REQUIRE(writer.describe(writer.last_saved(), [](RecordingRecord& record) {
      record.note = "slipped";
      record.replay_divergence = 0.5;
    }));
    writer.undo_last();
    REQUIRE_FALSE(writer.describe(number + 1, [](RecordingRecord& record) { record.note = "gone"; }));
    record(writer, second);
    writer.describe(writer.last_saved(), [](RecordingRecord& record) { record.note = "better"; });
  }  // not packed
  recover(file);
  {
    const DemonstrationReader reader(file);
    REQUIRE(reader.size() == 2);
    REQUIRE(reader.mask(kReplayMask) == std::vector<int>{0});
    REQUIRE(recording_from_json(reader.summary(1).recording, "").note == "better");
    REQUIRE(difference(reader.read(1), second) == "");
  }
  REQUIRE(validate(file).empty());
  {
    DemonstrationWriter writer(file, sample_header());
    record(writer, first);
    writer.describe(writer.last_saved(), [](RecordingRecord& record) { record.replay_divergence = 1e-9; });
    writer.pack();
  }
  REQUIRE(DemonstrationReader(file).mask(kReplayMask) == std::vector<int>{0, 2});
}

TEST_CASE("a record comes back from its text, and one that is none is refused with its place") {
  RecordingRecord record{.session = 3, .policy = "p", .note = "\"\n", .idle_head = 2, .idle_tail = 1};
  record.replay_divergence = 0.1;
  add_rewind(record, 10, 30);
  add_rewind(record, 20, 25);
  add_rewind(record, 15, 40);  // the one at 20 is thrown away with the rest
  REQUIRE(record.rewinds ==
          std::vector<Rewind>{{.step = 10, .discarded = 20}, {.step = 15, .discarded = 25}});
  REQUIRE(recording_from_json(to_json(record), "") == record);
  REQUIRE(to_json({}).empty());
  REQUIRE(recording_from_json("", "") == RecordingRecord{});
  REQUIRE_THROWS_WITH(recording_from_json("[1]", "here"), ContainsSubstring("here: want a JSON object"));
  REQUIRE_THROWS_WITH(recording_from_json("{\"rewinds\":[{}]}", "here"), ContainsSubstring("here: want"));
}
