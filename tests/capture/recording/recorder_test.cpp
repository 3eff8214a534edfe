// The recorder on a task and a device small enough to reason about, into real datasets.

#include "capture/recording/recorder.h"

#include <algorithm>

#include "capture/devices/gamepad.h"
#include "capture/devices/scripted.h"
#include "capture/input/virtual_pad.h"
#include "datasets/format/dataset_paths.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"
#include "envs/contract/episode_seeds.h"
#include "tests/support/catch.h"
#include "tests/support/fake_task.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

using F = Function;

/// Everything a session needs.
struct Bench {
  explicit Bench(std::map<int, std::vector<F>> plan, bool endless = true) : device(std::move(plan)) {
    task.endless = endless;
  }

  RecordingSummary record(RecorderOptions options = {}, RecorderHooks hooks = {}) {
    DemonstrationWriter writer(file(), header_of(task));
    return Recorder(task, device, writer, clock, options, std::move(hooks)).run();
  }
  std::filesystem::path file() const { return folder / "demos.h5"; }

  TemporaryDirectory folder;
  FakeTask task;
  PlannedDevice device;
  PushedClock clock;
};

TEST_CASE("the steps between start and save are the episode, with what was applied and measured") {
  Bench bench({{2, {F::kStart}}, {12, {F::kSaveSuccess}}, {14, {F::kStop}}});
  bench.device.device_lag = 0.004;
  const RecordingSummary summary = bench.record();
  CHECK(summary.saved == 1);
  CHECK(summary.steps == 10);
  CHECK(summary.unfinished_steps == 0);
  const DemonstrationReader reader(bench.file());
  REQUIRE(reader.size() == 1);
  const Episode episode = reader.read(0);
  REQUIRE(episode.length() == 10);
  CHECK(episode.seed == episode_seed(SeedUse::kDemonstration, 1, 0));
  CHECK(episode.success);
  CHECK(episode.truncated);  // the operator cut it
  CHECK_FALSE(episode.terminated);
  CHECK(episode.operator_name == "planned");
  for (int t = 0; t < 10; ++t) {
    CAPTURE(t);
    CHECK(episode.actions(t, 0) == 0.5F);
    CHECK(episode.observations(t, 0) == Approx(0.025 * t).margin(1e-6));
    CHECK(episode.states(t, 0) == Approx(0.025 * t).margin(1e-12));
    const auto row = static_cast<std::size_t>(t);
    CHECK(episode.info.timestamp[row] == Approx(t / 30.0).margin(1e-9));
    CHECK(episode.info.input_age[row] == Approx(0.004).margin(1e-9));
    CHECK(episode.info.overrun[row] == 0);
    CHECK(episode.info.intervention[row] == 1);
    CHECK(episode.info.axes(t, 1) == -0.5F);
    CHECK(episode.info.buttons(t, 0) == 1.0F);
  }
}

TEST_CASE("a pause stands still and leaves no trace in the timestamps") {
  Bench bench(
      {{0, {F::kStart}}, {5, {F::kStart}}, {65, {F::kStart}}, {70, {F::kSaveFailure}}, {71, {F::kStop}}});
  bench.record();
  const Episode episode = DemonstrationReader(bench.file()).read(0);
  REQUIRE(episode.length() == 10);
  CHECK_FALSE(episode.success);
  CHECK(episode.observations(10, 0) == Approx(0.25));
  for (std::size_t t = 0; t < 10; ++t)
    CHECK(episode.info.timestamp[t] == Approx(static_cast<double>(t) / 30).margin(1e-9));
}

TEST_CASE("discarding records the next episode instead and saves nothing") {
  Bench bench(
      {{0, {F::kStart}}, {5, {F::kDiscard}}, {6, {F::kStart}}, {9, {F::kSaveSuccess}}, {10, {F::kStop}}});
  const RecordingSummary summary = bench.record();
  CHECK(summary.attempts == 2);
  CHECK(summary.discards == 1);
  CHECK(summary.saved == 1);
  const DemonstrationReader reader(bench.file());
  REQUIRE(reader.size() == 1);
  CHECK(reader.summary(0).seed == episode_seed(SeedUse::kDemonstration, 1, 1));
  CHECK(reader.summary(0).steps == 3);
  CHECK(bench.device.rumbles == std::vector<RumbleKind>{RumbleKind::kShort, RumbleKind::kLong,
                                                        RumbleKind::kShort, RumbleKind::kDouble});
}

TEST_CASE("undo takes the last saved episode out of the dataset") {
  Bench bench({{0, {F::kStart}},
               {4, {F::kSaveSuccess}},
               {5, {F::kStart}},
               {11, {F::kSaveSuccess}},
               {12, {F::kUndo}},
               {14, {F::kStop}}});
  const RecordingSummary summary = bench.record();
  CHECK(summary.saved == 1);
  CHECK(summary.undone == 1);
  const DemonstrationReader reader(bench.file());
  REQUIRE(reader.size() == 1);
  CHECK(reader.summary(0).steps == 4);
}

TEST_CASE("the end of the task waits for the verdict, and the verdict is the operator's") {
  Bench bench({{0, {F::kStart}}, {60, {F::kSaveFailure}}, {61, {F::kStop}}}, false);
  const RecordingSummary summary = bench.record();
  CHECK(summary.achieved == 1);
  CHECK(summary.failures == 1);
  const DemonstrationReader reader(bench.file());
  const EpisodeSummary episode = reader.summary(0);
  CHECK(episode.terminated);
  CHECK_FALSE(episode.truncated);
  CHECK_FALSE(episode.success);
  CHECK(episode.steps < 45);  // 1 m at 0.025 m a step; nothing is recorded while waiting
  CHECK(std::count(bench.device.states.begin(), bench.device.states.end(), SessionState::kEnded) > 10);
}

TEST_CASE("an episode ends when its time is up") {
  Bench bench({{0, {F::kStart}}, {100, {F::kSaveSuccess}}, {101, {F::kStop}}});
  RecorderOptions options;
  options.episode_seconds = 2;
  bench.record(options);
  const EpisodeSummary episode = DemonstrationReader(bench.file()).summary(0);
  CHECK(episode.steps == 60);
  CHECK(episode.truncated);
}

TEST_CASE("a lost device stops the steps at once and goes on only when start is pressed") {
  Bench bench(
      {{0, {F::kStart}}, {20, {F::kStart}}, {30, {F::kStart}}, {35, {F::kSaveSuccess}}, {36, {F::kStop}}});
  for (int poll = 10; poll < 25; ++poll) bench.device.unplugged.insert(poll);
  bench.record();
  const Episode episode = DemonstrationReader(bench.file()).read(0);
  CHECK(episode.length() == 15);  // polls 0-9 and 30-34
  CHECK(bench.device.states[11] == SessionState::kPaused);
  CHECK(bench.device.states[21] == SessionState::kPaused);  // start was refused while it was away
  CHECK(bench.device.states[27] == SessionState::kPaused);  // back, but nobody pressed start
  CHECK((episode.actions.array() == 0.5F).all());
}

TEST_CASE("a pad pulled out while recording pauses, and nothing it said last is applied again") {
  TemporaryDirectory folder;
  FakeTask task;
  task.endless = true;
  InputEvents events;
  VirtualPad virtual_pad(events);
  Gamepad gamepad(events, make_binding("default", task.spec().action));
  SimulatedClock clock;
  DemonstrationWriter writer(folder / "demos.h5", header_of(task));
  PadPosition position;
  position[PadAxis::kLeftX] = 1;
  int tick = -1;
  std::vector<SessionState> states;
  RecorderHooks hooks;
  Recorder* running = nullptr;
  hooks.tick = [&](const Tick&) {
    states.push_back(running->session().state());
    ++tick;
    position[PadButton::kStart] = tick == 1 || tick == 30;
    position[PadButton::kY] = tick == 40;
    position[PadButton::kB] = tick == 45 || tick == 47;
    if (tick == 11) virtual_pad.unplug();
    if (tick == 20) virtual_pad.plug_in();
    virtual_pad.set(position);
  };
  Recorder recorder(task, gamepad, writer, clock, {}, hooks);
  running = &recorder;
  const RecordingSummary summary = recorder.run();
  CHECK(summary.saved == 1);
  CHECK(states[12] == SessionState::kPaused);
  CHECK(states[29] == SessionState::kPaused);
  const Episode episode = DemonstrationReader(folder / "demos.h5").read(0);
  CHECK(episode.length() == 20);  // ticks 1-10 and 30-39
  CHECK((episode.actions.array() == 1.0F).all());
}

TEST_CASE("an interruption packs what was saved and leaves the live episode to recovery") {
  Bench bench({{0, {F::kStart}}, {5, {F::kSaveSuccess}}, {6, {F::kStart}}});
  int ticks = 0;
  RecorderHooks hooks;
  hooks.interrupted = [&] { return ++ticks > 20; };
  const RecordingSummary summary = bench.record({}, hooks);
  CHECK(summary.interrupted);
  CHECK(summary.unfinished_steps == 14);
  CHECK(DemonstrationReader(bench.file()).size() == 1);
  REQUIRE(has_leftovers(bench.file()));
  const RecoveryReport report = recover(bench.file());
  CHECK(report.episodes_recovered == 1);
  CHECK(report.steps_recovered == 14);
  CHECK(DemonstrationReader(bench.file()).summary(1).recovered);
}

TEST_CASE("a stop before any start makes no file") {
  Bench bench({{3, {F::kStop}}});
  const RecordingSummary summary = bench.record();
  CHECK(summary.attempts == 0);
  CHECK_FALSE(std::filesystem::exists(bench.file()));
}

TEST_CASE("a step that takes too long is marked as overrun, and the rate that is reported is the real one") {
  Bench bench({{0, {F::kStart}}, {10, {F::kSaveSuccess}}, {11, {F::kStop}}});
  int step = 0;
  bench.task.during_step = [&] { bench.clock.push(++step == 4 ? 0.1 : 0.001); };
  const RecordingSummary summary = bench.record();
  const Episode episode = DemonstrationReader(bench.file()).read(0);
  CHECK(episode.info.overrun[2] == 0);
  CHECK(episode.info.overrun[3] == 1);
  CHECK(episode.info.overrun[9] == 0);
  CHECK(summary.overruns >= 1);
  CHECK(summary.rate < 29.0);
}

TEST_CASE("a second session adds episodes that the first did not have") {
  Bench bench({{0, {F::kStart}}, {4, {F::kSaveSuccess}}, {5, {F::kStop}}});
  CHECK(next_episode_index(bench.file(), 1) == 0);
  bench.record();
  CHECK(next_episode_index(bench.file(), 1) == 1);
  CHECK(next_episode_index(bench.file(), 2) == 0);
  PlannedDevice again({{0, {F::kStart}}, {4, {F::kSaveSuccess}}, {5, {F::kStop}}});
  {
    DemonstrationWriter writer(bench.file(), header_of(bench.task));
    RecorderOptions options;
    options.first_index = next_episode_index(bench.file(), 1);
    Recorder(bench.task, again, writer, bench.clock, options).run();
  }
  const DemonstrationReader reader(bench.file());
  REQUIRE(reader.size() == 2);
  CHECK(reader.summary(1).seed == reader.summary(0).seed + 1);
  CHECK_THROWS_AS(next_episode_index(bench.file(), 10000), UsageError);
}

TEST_CASE("a task that fails ends the session with its own line, and saved episodes stay safe") {
  Bench bench({{0, {F::kStart}}, {4, {F::kSaveSuccess}}, {5, {F::kStart}}});
  int steps = 0;
  bench.task.during_step = [&] {
    if (++steps == 8) throw Error("the disk is full");
  };
  CHECK_THROWS_WITH(bench.record(), "the disk is full");
  const RecoveryReport report = recover(bench.file());
  CHECK(report.episodes_recovered == 1);
  CHECK(DemonstrationReader(bench.file()).size() == 2);
}

TEST_CASE("the HUD is told phase, counts, rate, action and message") {
  Bench bench({{1, {F::kStart}}, {6, {F::kSaveSuccess}}, {8, {F::kStop}}});
  std::vector<HudState> shown;
  RecorderHooks hooks;
  hooks.present = [&](const Scene&, const HudState& hud) { shown.push_back(hud); };
  RecorderOptions options;
  options.episodes = 5;
  bench.record(options, hooks);
  REQUIRE(shown.size() == 9);
  CHECK(shown[0].phase == "ready");
  CHECK(shown[0].message == bench.task.spec().summary);
  CHECK(shown[0].wanted == 5);
  CHECK(shown[0].device == "planned device");
  CHECK(shown[3].phase == "recording");
  CHECK(shown[3].action == std::vector<float>{0.5F});
  CHECK(shown[3].episode_seconds == Approx(0.1));
  CHECK(shown[3].rate == Approx(30));
  CHECK(shown[6].saved == 1);
  CHECK(shown[6].message == "saved as success");
}

TEST_CASE("a scripted expert records itself until the goal, as no human") {
  TemporaryDirectory folder;
  FakeTask task;
  ScriptedDevice device(std::make_unique<FakeExpert>(), ScriptedVerdict::kSuccessOnly);
  SimulatedClock clock;
  {
    DemonstrationWriter writer(folder / "demos.h5", header_of(task));
    RecorderOptions options;
    options.episodes = 4;
    const RecordingSummary summary = Recorder(task, device, writer, clock, options).run();
    CHECK(summary.successes == 4);
    CHECK(summary.achieved == 4);
  }
  const DemonstrationReader reader(folder / "demos.h5");
  REQUIRE(reader.size() == 4);
  const Episode episode = reader.read(3);
  CHECK(episode.success);
  CHECK(episode.terminated);
  CHECK(episode.info.intervention[0] == 0);
  CHECK(episode.actions(0, 0) == 1.0F);
}

TEST_CASE("impossible options are usage errors") {
  Bench bench({});
  RecorderOptions options;
  options.episode_seconds = 0;
  CHECK_THROWS_AS(bench.record(options), UsageError);
  options = {};
  options.episodes = -1;
  CHECK_THROWS_AS(bench.record(options), UsageError);
  options = {};
  options.rate = 0.1;
  CHECK_THROWS_AS(bench.record(options), UsageError);
  CHECK_FALSE(std::filesystem::exists(bench.file()));
}

}  // namespace
}  // namespace understudy::tests
