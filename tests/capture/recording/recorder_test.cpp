// The recorder on a task and a device small enough to reason about, into real datasets.

#include "capture/recording/recorder.h"

#include <algorithm>

#include "capture/devices/gamepad.h"
#include "capture/devices/scripted.h"
#include "capture/input/virtual_pad.h"
#include "datasets/format/dataset_paths.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/format/masks.h"
#include "datasets/types/error.h"
#include "envs/contract/episode_seeds.h"
#include "tests/support/catch.h"
#include "tests/support/fake_task.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

using F = Function;

const std::vector<F> kStopTwice{F::kStop, F::kStop};

/// Everything a session needs.
struct Bench {
  explicit Bench(std::map<int, std::vector<F>> plan, bool endless = true) : device(std::move(plan)) {
    task.endless = endless;
    if (endless) task.judge_nothing();
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
  Bench bench({{2, {F::kStart}}, {12, {F::kSaveSuccess}}, {14, kStopTwice}});
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
      {{0, {F::kStart}}, {5, {F::kStart}}, {65, {F::kStart}}, {70, {F::kSaveFailure}}, {71, kStopTwice}});
  bench.record();
  const Episode episode = DemonstrationReader(bench.file()).read(0);
  REQUIRE(episode.length() == 10);
  CHECK_FALSE(episode.success);
  CHECK(episode.observations(10, 0) == Approx(0.25));
  for (std::size_t t = 0; t < 10; ++t)
    CHECK(episode.info.timestamp[t] == Approx(static_cast<double>(t) / 30).margin(1e-9));
}

TEST_CASE("discarding offers the same start again, as often as it takes, and saves nothing") {
  Bench bench(
      {{0, {F::kStart}}, {5, {F::kDiscard}}, {6, {F::kStart}}, {9, {F::kSaveSuccess}}, {10, kStopTwice}});
  RecorderOptions options;
  options.same_start = true;
  const RecordingSummary summary = bench.record(options);
  CHECK(summary.attempts == 2);
  CHECK(summary.discards == 1);
  CHECK(summary.saved == 1);
  const DemonstrationReader reader(bench.file());
  REQUIRE(reader.size() == 1);
  CHECK(reader.summary(0).seed == episode_seed(SeedUse::kDemonstration, 1, 0));
  CHECK(bench.device.seeds[1] == bench.device.seeds[0]);
  CHECK(reader.summary(0).steps == 3);
  CHECK(bench.device.rumbles == std::vector<RumbleKind>{RumbleKind::kShort, RumbleKind::kLong,
                                                        RumbleKind::kShort, RumbleKind::kDouble});
}

TEST_CASE("another start is offered before an episode and instead of one, and for programs after a discard") {
  Bench bench({{0, {F::kNext}},
               {1, {F::kStart}},
               {5, {F::kNext}},
               {6, {F::kStart}},
               {8, {F::kDiscard}},
               {9, kStopTwice}});
  const RecordingSummary summary = bench.record();
  CHECK(summary.discards == 2);
  std::vector<std::uint64_t> wanted;
  for (const std::uint64_t index : {0, 1, 2, 3}) {
    wanted.push_back(episode_seed(SeedUse::kDemonstration, 1, index));
  }
  CHECK(bench.device.seeds == wanted);
}

TEST_CASE("undo takes the last saved episode out of the dataset") {
  Bench bench({{0, {F::kStart}},
               {4, {F::kSaveSuccess}},
               {5, {F::kStart}},
               {11, {F::kSaveSuccess}},
               {12, {F::kUndo}},
               {14, kStopTwice}});
  const RecordingSummary summary = bench.record();
  CHECK(summary.saved == 1);
  CHECK(summary.undone == 1);
  const DemonstrationReader reader(bench.file());
  REQUIRE(reader.size() == 1);
  CHECK(reader.summary(0).steps == 4);
}

TEST_CASE("the end of the task waits for the verdict, and the verdict is the operator's") {
  Bench bench({{0, {F::kStart}}, {60, {F::kSaveFailure}}, {61, kStopTwice}}, false);
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
  Bench bench({{0, {F::kStart}}, {100, {F::kSaveSuccess}}, {101, kStopTwice}});
  RecorderOptions options;
  options.episode_seconds = 2;
  bench.record(options);
  const EpisodeSummary episode = DemonstrationReader(bench.file()).summary(0);
  CHECK(episode.steps == 60);
  CHECK(episode.truncated);
}

TEST_CASE("an operator who asks for it has 30 s more, before the time is up and after") {
  for (const int asked : {10, 80}) {
    std::map<int, std::vector<F>> plan{
        {0, {F::kStart}}, {asked, {F::kExtend}}, {1200, {F::kSaveSuccess}}, {1201, kStopTwice}};
    if (asked == 80) plan[100] = {F::kStart};
    Bench bench(plan);
    RecorderOptions options;
    options.episode_seconds = 2;
    double left = 0;
    std::string ended;
    RecorderHooks hooks;
    hooks.present = [&](const Scene&, const HudState& hud) {
      if (hud.phase == "recording") left = hud.seconds_left;
      if (hud.phase == "judge") ended = hud.ended;
    };
    bench.record(options, hooks);
    const Episode episode = DemonstrationReader(bench.file()).read(0);
    CAPTURE(asked);
    CHECK(episode.length() == 32 * 30);
    CHECK(left == Approx(1 / 30.0));  // before the last step
    CHECK(ended == "time is up");
    for (std::size_t t = 1; t < episode.info.timestamp.size(); ++t)
      CHECK(episode.info.timestamp[t] - episode.info.timestamp[t - 1] == Approx(1 / 30.0).margin(1e-9));
  }
}

TEST_CASE("a checkpoint is returned to, then the one before, and what was taken back is in no file") {
  // Marks at 4 and 8 steps; from 12 back to 8, where two more are taken; from 10 back to 8, and at once to 4.
  Bench bench({{0, {F::kStart}},
               {4, {F::kCheckpoint}},
               {8, {F::kCheckpoint}},
               {12, {F::kRewind}},
               {20, {F::kStart}},
               {22, {F::kRewind}},
               {23, {F::kRewind}},
               {30, {F::kStart}},
               {36, {F::kSaveSuccess}},
               {37, kStopTwice}});
  bench.record();
  const DemonstrationReader reader(bench.file());
  const Episode episode = reader.read(0);
  REQUIRE(episode.length() == 10);
  for (int t = 0; t <= 10; ++t) CHECK(episode.states(t, 0) == Approx(0.025 * t).margin(1e-12));
  for (std::size_t t = 0; t < 10; ++t)
    CHECK(episode.info.timestamp[t] == Approx(static_cast<double>(t) / 30).margin(1e-9));
  const RecordingRecord record = recording_from_json(episode.recording, "");
  CHECK(record.rewinds == std::vector<Rewind>{{.step = 4, .discarded = 4}});
}

TEST_CASE("without a checkpoint there is nothing to return to, and the episode goes on as it was") {
  Bench bench({{0, {F::kStart}}, {4, {F::kRewind}}, {8, {F::kSaveSuccess}}, {9, kStopTwice}});
  std::vector<std::string> messages;
  RecorderHooks hooks;
  hooks.present = [&](const Scene&, const HudState& hud) { messages.push_back(hud.message); };
  bench.record({}, hooks);
  CHECK(DemonstrationReader(bench.file()).read(0).length() == 8);
  CHECK_THAT(messages[4], ContainsSubstring("no earlier checkpoint"));
}

TEST_CASE("a session that is cut after a return to a checkpoint is recovered without what was taken back") {
  Bench bench({{0, {F::kStart}}, {4, {F::kCheckpoint}}, {9, {F::kRewind}}, {10, {F::kStart}}});
  int ticks = 0;
  RecorderHooks hooks;
  hooks.interrupted = [&] { return ++ticks > 13; };
  bench.record({}, hooks);
  recover(bench.file());
  const Episode episode = DemonstrationReader(bench.file()).read(0);
  CHECK(episode.length() == 7);
  CHECK(episode.states(7, 0) == Approx(0.025 * 7));
  CHECK(recording_from_json(episode.recording, "").rewinds ==
        std::vector<Rewind>{{.step = 4, .discarded = 5}});
}

TEST_CASE("the file says who, which session, what note, and for how long nobody moved anything") {
  Bench bench({{0, {F::kStart}}, {9, {F::kSaveSuccess}}, {10, kStopTwice}});
  bench.device.idle = {0, 1, 2, 7, 8};
  RecorderOptions options;
  options.operator_name = "Ada";
  options.note = "left hand";
  options.session = next_session(bench.file());
  bench.record(options);
  const Episode episode = DemonstrationReader(bench.file()).read(0);
  CHECK(episode.operator_name == "Ada");
  CHECK(recording_from_json(episode.recording, "") ==
        RecordingRecord{.session = 1, .note = "left hand", .idle_head = 3, .idle_tail = 2});
  CHECK(next_session(bench.file()) == 2);
}

TEST_CASE("a note that is typed after an episode is kept with it") {
  Bench bench({{0, {F::kStart}}, {5, {F::kSaveSuccess}}, {6, {F::kNote}}, {12, kStopTwice}});
  bench.device.typed = {{7, "tho"}, {8, "\be"}, {9, " peg slipped\n"}, {10, "ignored"}};
  bench.record();
  CHECK(recording_from_json(DemonstrationReader(bench.file()).read(0).recording, "").note ==
        "the peg slipped");
}

TEST_CASE("the last episode is shown again as it was, and the next one begins as if nothing had been shown") {
  Bench bench({{0, {F::kStart}},
               {5, {F::kSaveSuccess}},
               {6, {F::kReplay}},
               {20, {F::kStart}},
               {25, {F::kSaveSuccess}},
               {26, kStopTwice}});
  std::vector<double> shown;
  RecorderHooks hooks;
  hooks.present = [&](const Scene&, const HudState& hud) {
    State state(2);
    bench.task.read_state(state);
    if (hud.phase == "replay") shown.push_back(state[0]);
  };
  bench.record({}, hooks);
  REQUIRE(shown.size() == 6);
  for (std::size_t t = 0; t < 6; ++t) CHECK(shown[t] == Approx(0.025 * static_cast<double>(t)).margin(1e-12));
  const Episode second = DemonstrationReader(bench.file()).read(1);
  CHECK(second.length() == 5);
  CHECK(second.states(0, 0) == 0);
}

TEST_CASE("saved episodes are simulated again, and the file says which came out the same") {
  Bench bench({{0, {F::kStart}},
               {5, {F::kSaveSuccess}},
               {6, {F::kStart}},
               {12, {F::kSaveSuccess}},
               {13, kStopTwice}});
  bool drifts = false;  // in the second episode something happens that no action explains
  bench.task.during_step = [&] { bench.task.drift = drifts ? 0.25 : 0; };
  ReplayGate gate([] {
    auto task = std::make_unique<FakeTask>();
    task->endless = true;
    return task;
  });
  RecorderHooks hooks;
  hooks.gate = &gate;
  hooks.episode_over = [&](const RecordingSummary&) { drifts = true; };
  const RecordingSummary summary = bench.record({}, hooks);
  CHECK(summary.replayed == 2);
  CHECK(summary.replays_the_same == 1);
  const DemonstrationReader reader(bench.file());
  CHECK(recording_from_json(reader.read(0).recording, "").replay_divergence == 0.0);
  CHECK(recording_from_json(reader.read(1).recording, "").replay_divergence == Approx(0.25 * 6));
  CHECK(reader.mask(kReplayMask) == std::vector<int>{0});
}

TEST_CASE("the button that takes over goes to the next camera where there is no policy to take over from") {
  Bench bench({{0, {F::kTakeOver}}, {1, {F::kCamera}}, {2, kStopTwice}});
  int cameras = 0;
  RecorderHooks hooks;
  hooks.view = [&](Function function) { cameras += function == Function::kCamera ? 1 : 0; };
  bench.record({}, hooks);
  CHECK(cameras == 2);
}

TEST_CASE("a lost device stops the steps at once and goes on only when start is pressed") {
  Bench bench(
      {{0, {F::kStart}}, {20, {F::kStart}}, {30, {F::kStart}}, {35, {F::kSaveSuccess}}, {36, kStopTwice}});
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
  task.judge_nothing();
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
  Bench bench({{3, kStopTwice}});
  const RecordingSummary summary = bench.record();
  CHECK(summary.attempts == 0);
  CHECK_FALSE(std::filesystem::exists(bench.file()));
}

TEST_CASE("a step that takes too long is marked as overrun, and the rate that is reported is the real one") {
  Bench bench({{0, {F::kStart}}, {10, {F::kSaveSuccess}}, {11, kStopTwice}});
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
  Bench bench({{0, {F::kStart}}, {4, {F::kSaveSuccess}}, {5, kStopTwice}});
  CHECK(next_episode_index(bench.file(), 1) == 0);
  bench.record();
  CHECK(next_episode_index(bench.file(), 1) == 1);
  CHECK(next_episode_index(bench.file(), 2) == 0);
  PlannedDevice again({{0, {F::kStart}}, {4, {F::kSaveSuccess}}, {5, kStopTwice}});
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
  Bench bench({{1, {F::kStart}}, {6, {F::kSaveSuccess}}, {8, kStopTwice}});
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
