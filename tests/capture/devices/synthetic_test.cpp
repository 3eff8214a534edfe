// The synthetic operator end to end: virtual pad, binding, action, task, journal, dataset.

#include "capture/devices/synthetic.h"

#include "capture/recording/recorder.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tests/support/fake_task.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

RecordingSummary record(const std::filesystem::path& file, Environment& task, std::unique_ptr<Actor> expert,
                        RecorderOptions options, SyntheticConfig config = {}) {
  InputEvents events;
  SyntheticOperator device(events, make_binding(task.spec().layout, task.spec().action), task.spec(),
                           std::move(expert), options.rate, config);
  SimulatedClock clock;
  DemonstrationWriter writer(file, header_of(task));
  return Recorder(task, device, writer, clock, options).run();
}

/// Never gets anywhere.
class Idler : public Actor {
 public:
  void reset(int, std::uint64_t) override {}
  void act(ConstMatrixRef, MatrixRef actions) override { actions.setZero(); }
};

TEST_CASE("the synthetic operator records the goal through SDL and judges by what it sees") {
  TemporaryDirectory folder;
  FakeTask task;
  RecorderOptions options;
  options.episodes = 5;
  const RecordingSummary summary = record(folder / "demos.h5", task, std::make_unique<FakeExpert>(), options);
  CHECK(summary.saved == 5);
  CHECK(summary.successes == 5);
  CHECK(summary.rate == Approx(30).epsilon(1e-9));
  CHECK(summary.overruns == 0);
  const DemonstrationReader reader(folder / "demos.h5");
  REQUIRE(reader.size() == 5);
  for (int i = 0; i < 5; ++i) {
    const Episode episode = reader.read(i);
    CHECK(episode.success);
    CHECK(episode.terminated);
    CHECK(episode.operator_name == "synthetic");
    CHECK(episode.info.intervention[0] == 1);
    CHECK(episode.info.axes.cols() == static_cast<int>(kPadAxes));
    CHECK(episode.info.buttons.cols() == static_cast<int>(kPadButtons));
  }
}

TEST_CASE("recorded actions are what the recorded axes say under the binding") {
  TemporaryDirectory folder;
  const auto task = make_environment("Drive");
  RecorderOptions options;
  options.episodes = 1;
  options.episode_seconds = 3;
  SyntheticConfig config;
  config.keep_failures = true;
  record(folder / "demos.h5", *task, make_expert("Drive"), options, config);
  const Episode episode = DemonstrationReader(folder / "demos.h5").read(0);
  REQUIRE(episode.length() == 90);
  CHECK_FALSE(episode.success);  // nobody completes a lap in three seconds
  const Binding binding = make_binding(task->spec().layout, task->spec().action);
  for (int t = 0; t < episode.length(); ++t) {
    PadPosition position;
    for (std::size_t i = 0; i < kPadAxes; ++i) {
      position.axes[i] = double{episode.info.axes(t, static_cast<Eigen::Index>(i))};
    }
    const Vector action = action_of(binding, shape(position, binding.response));
    CHECK((action - episode.actions.row(t).transpose()).cwiseAbs().maxCoeff() < 1e-6F);
  }
  CHECK(episode.actions.cwiseAbs().maxCoeff() > 0.2F);
}

TEST_CASE("the same seed records the same bits, another seed others") {
  TemporaryDirectory folder;
  const auto once = [&](const std::string& name, std::uint64_t seed) {
    const auto task = make_environment("Reach");
    RecorderOptions options;
    options.episodes = 3;
    options.seed = seed;
    record(folder / name, *task, make_expert("Reach"), options);
    return DemonstrationReader(folder / name).read(2);
  };
  const Episode first = once("first.h5", 1);
  const Episode second = once("second.h5", 1);
  const Episode other = once("other.h5", 2);
  CHECK(first.seed == second.seed);
  CHECK((first.observations.array() == second.observations.array()).all());
  CHECK((first.actions.array() == second.actions.array()).all());
  CHECK((first.info.axes.array() == second.info.axes.array()).all());
  CHECK((first.info.buttons.array() == second.info.buttons.array()).all());
  CHECK(first.info.timestamp == second.info.timestamp);
  CHECK(first.info.input_age == second.info.input_age);
  CHECK_FALSE((first.observations.rows() == other.observations.rows() &&
               (first.observations.array() == other.observations.array()).all()));
}

TEST_CASE("failed episodes are discarded by holding the button, or saved as failures when asked") {
  TemporaryDirectory folder;
  FakeTask task;
  task.endless = true;
  InputEvents events;
  SyntheticConfig config;
  RecorderOptions options;
  options.episode_seconds = 1;
  SECTION("discarded") {
    SyntheticOperator device(events, make_binding("default", task.spec().action), task.spec(),
                             std::make_unique<Idler>(), 30, config);
    SimulatedClock clock;
    DemonstrationWriter writer(folder / "demos.h5", header_of(task));
    RecorderHooks hooks;
    hooks.interrupted = [&] { return clock.now() > 20; };
    const RecordingSummary summary = Recorder(task, device, writer, clock, options, hooks).run();
    CHECK(summary.discards >= 5);
    CHECK(summary.saved == 0);
    CHECK(summary.achieved == 0);
  }
  SECTION("saved as failures") {
    config.keep_failures = true;
    options.episodes = 2;
    SyntheticOperator device(events, make_binding("default", task.spec().action), task.spec(),
                             std::make_unique<Idler>(), 30, config);
    SimulatedClock clock;
    DemonstrationWriter writer(folder / "demos.h5", header_of(task));
    const RecordingSummary summary = Recorder(task, device, writer, clock, options).run();
    CHECK(summary.failures == 2);
    CHECK_FALSE(DemonstrationReader(folder / "demos.h5").summary(0).success);
  }
}

TEST_CASE("a binding that leaves the operator without a needed button is refused at once") {
  FakeTask task;
  InputEvents events;
  Binding binding = make_binding("default", task.spec().action);
  std::erase_if(binding.buttons, [](const ButtonRow& row) { return row.function == Function::kStart; });
  CHECK_THROWS_WITH(SyntheticOperator(events, binding, task.spec(), std::make_unique<FakeExpert>(), 30),
                    ContainsSubstring("no button calls 'start'"));
}

TEST_CASE("a session gives up after so many failures in a row, and not before") {
  TemporaryDirectory folder;
  FakeTask task;
  task.endless = true;
  InputEvents events;
  RecorderOptions options;
  options.episode_seconds = 1;
  options.give_up = 3;
  SyntheticOperator device(events, make_binding("default", task.spec().action), task.spec(),
                           std::make_unique<Idler>(), 30);
  SimulatedClock clock;
  DemonstrationWriter writer(folder / "demos.h5", header_of(task));
  const RecordingSummary summary = Recorder(task, device, writer, clock, options).run();
  CHECK(summary.gave_up);
  CHECK(summary.finished == 3);
  CHECK(summary.discards == 3);
}

TEST_CASE("human faults cost the operator time but rarely the goal, in every task with an expert", "[slow]") {
  for (const std::string& id : environment_ids()) {
    const auto task = make_environment(id);
    if (!has_expert(id) || task->spec().action.size() > static_cast<int>(kAnalogControls)) continue;
    CAPTURE(id);
    TemporaryDirectory folder;
    RecorderOptions options;
    options.episodes = 40;
    SyntheticConfig config;
    config.keep_failures = true;
    const RecordingSummary summary =
        record(folder / "demos.h5", *task, make_expert(id, operator_style()), options, config);
    CHECK(summary.achieved >= 0.9 * summary.finished);
  }
}

}  // namespace
}  // namespace understudy::tests
