// Synthetic operators by number: who they are, how they differ, and that files say who drove.

#include "capture/devices/operators.h"

#include <cmath>
#include <set>
#include <tuple>

#include "capture/devices/synthetic.h"
#include "capture/recording/recorder.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/recording/recovery.h"
#include "envs/tasks/pushing/push.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tests/support/fake_task.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

struct Session {
  OperatorTurns turns;
  int episodes = 1;
  std::uint64_t seed = 1;
  double until = 1e9;  ///< s, then it is interrupted
};

/// Records into `file`, going on where it ends.
RecordingSummary record(const std::filesystem::path& file, const std::string& id, const Session& session) {
  const auto task = make_environment(id);
  const EnvironmentSpec& spec = task->spec();
  InputEvents events;
  SyntheticConfig config;
  config.keep_failures = true;
  SyntheticOperator device(
      events, make_binding(spec.layout, spec.action), spec,
      [&](const ExpertStyle& style) { return make_expert(id, style); }, session.turns, spec.control_rate,
      config);
  SimulatedClock clock;
  RecorderOptions options;
  options.episodes = session.episodes;
  options.seed = session.seed;
  options.first_index = next_episode_index(file, session.seed);
  options.rate = spec.control_rate;
  RecorderHooks hooks;
  hooks.interrupted = [&] { return clock.now() > session.until; };
  DemonstrationWriter writer(file, header_of(*task));
  return Recorder(*task, device, writer, clock, options, hooks).run();
}

std::vector<std::string> drivers(const std::filesystem::path& file) {
  const DemonstrationReader reader(file);
  std::vector<std::string> names;
  for (int i = 0; i < reader.size(); ++i) names.push_back(reader.summary(i).operator_name);
  return names;
}

/// Operator 1's style and faults with a hand that trembles otherwise.
void record_again(const std::filesystem::path& file, const std::string& id, const Session& session) {
  const auto task = make_environment(id);
  const EnvironmentSpec& spec = task->spec();
  const OperatorTraits traits = operator_traits(1, spec);
  InputEvents events;
  SyntheticConfig config;
  config.keep_failures = true;
  config.faults = traits.faults;
  SyntheticOperator device(events, make_binding(spec.layout, spec.action), spec,
                           make_expert(id, traits.style), spec.control_rate, config);
  SimulatedClock clock;
  DemonstrationWriter writer(file, header_of(*task));
  Recorder(*task, device, writer, clock,
           {.episodes = session.episodes, .seed = session.seed, .rate = spec.control_rate})
      .run();
}

/// Mean distance [m] between two episodes of one seed at the same step, as long as both go on, of `size` entries of
/// the observation from `entry` on.
double distance(const Episode& a, const Episode& b, int entry, int size) {
  const Eigen::Index rows = std::min(a.observations.rows(), b.observations.rows());
  const Matrix apart =
      a.observations.block(0, entry, rows, size) - b.observations.block(0, entry, rows, size);
  return double{apart.rowwise().norm().mean()};
}

TEST_CASE("the same number is the same operator, other numbers are others") {
  const EnvironmentSpec spec = make_environment("Lift")->spec();
  std::set<std::vector<double>> all;
  for (int number = 1; number <= kMostOperators; ++number) {
    const OperatorTraits traits = operator_traits(number, spec);
    const OperatorTraits again = operator_traits(number, spec);
    const ExpertStyle& style = traits.style;
    CHECK(style.side == again.style.side);
    CHECK(style.side * (number % 2 == 1 ? 1 : -1) >= 0.6);
    CHECK(std::abs(style.side) <= 1);
    CHECK(std::abs(style.boldness) <= 1);
    CHECK(std::abs(style.grip) <= 1);
    CHECK((style.pace >= 0.38 && style.pace <= 0.41));
    CHECK((traits.faults.noise >= 0.05 && traits.faults.noise <= 0.085));
    CHECK((traits.faults.look_rate >= 0 && traits.faults.look_rate <= 0.1));
    validate(traits.faults);
    all.insert({style.side, style.boldness, style.grip, style.pace, traits.faults.noise});
  }
  CHECK(all.size() == kMostOperators);
}

TEST_CASE("number 0 is the default operator, and there are none below it or beyond the last") {
  const EnvironmentSpec spec = make_environment("Lift")->spec();
  CHECK(operator_traits(0, spec).style.side == 0);
  CHECK(operator_traits(0, spec).faults.look_rate == 0);
  CHECK(operator_traits(0, spec).style.pace == operator_style().pace);
  CHECK_THROWS_WITH(operator_traits(-1, spec), "operator: want a number from 1 to 1000, found -1");
  CHECK_THROWS_WITH(operator_traits(1001, spec), "operator: want a number from 1 to 1000, found 1001");
}

TEST_CASE("nobody lets go of a wheel to look again") {
  const EnvironmentSpec wheel = make_environment("Drive")->spec(), arm = make_environment("Lift")->spec();
  for (int number = 1; number <= 20; ++number) {
    CHECK(operator_traits(number, wheel).faults.look_rate == 0);
    CHECK(operator_traits(number, arm).faults.look_rate > 0);
  }
}

TEST_CASE("the same operator and seed record the same bits, another operator others") {
  const TemporaryDirectory folder;
  const auto once = [&](const std::string& name, int number) {
    record(folder / name, "Reach", {.turns = {.first = number, .count = 1}, .episodes = 2});
    return DemonstrationReader(folder / name).read(1);
  };
  const Episode first = once("first.h5", 3), second = once("second.h5", 3), other = once("other.h5", 4);
  CHECK(first.operator_name == "synthetic-3");
  CHECK(other.operator_name == "synthetic-4");
  CHECK(first.seed == other.seed);
  CHECK(first.observations == second.observations);
  CHECK(first.actions == second.actions);
  CHECK(first.info.axes == second.info.axes);
  CHECK(first.info.timestamp == second.info.timestamp);
  CHECK(first.actions.row(5) != other.actions.row(5));
}

TEST_CASE("operators who take turns record what each would alone, and go on in turn when added to") {
  const TemporaryDirectory folder;
  const auto file = folder / "mixed.h5";
  record(file, "Reach", {.turns = {.first = 1, .count = 3}, .episodes = 4, .seed = 7});
  CHECK(drivers(file) ==
        std::vector<std::string>{"synthetic-1", "synthetic-2", "synthetic-3", "synthetic-1"});
  record(folder / "alone.h5", "Reach", {.turns = {.first = 2, .count = 1}, .episodes = 2, .seed = 7});
  CHECK(DemonstrationReader(file).read(1).actions ==
        DemonstrationReader(folder / "alone.h5").read(1).actions);
  record(file, "Reach", {.turns = {.first = 1, .count = 3}, .episodes = 2, .seed = 7});
  CHECK(drivers(file) == std::vector<std::string>{"synthetic-1", "synthetic-2", "synthetic-3", "synthetic-1",
                                                  "synthetic-2", "synthetic-3"});
}

TEST_CASE("an episode that was cut still says who drove once it is recovered") {
  const TemporaryDirectory folder;
  const auto file = folder / "demos.h5";
  record(file, "Reach", {.turns = {.first = 8, .count = 1}});
  const RecordingSummary cut = record(file, "Reach", {.turns = {.first = 9, .count = 1}, .until = 1.5});
  REQUIRE(cut.unfinished_steps > 0);
  REQUIRE(recover(file).episodes_recovered == 1);
  CHECK(drivers(file) == std::vector<std::string>{"synthetic-8", "synthetic-9"});
  CHECK(DemonstrationReader(file).summary(1).recovered);
}

TEST_CASE("two operators go other ways, by more than one of them differs from one day to the next") {
  // Measured, in m: Crowd 2.3 to 0.50, DriveTraffic 0.96 to 0.15.
  const auto [id, field, size] =
      GENERATE(std::tuple{"Crowd", "goal", 2}, std::tuple{"DriveTraffic", "lateral_offset", 1});
  CAPTURE(id);
  const TemporaryDirectory folder;
  constexpr int kEpisodes = 6;
  record(folder / "one.h5", id, {.turns = {.first = 1, .count = 1}, .episodes = kEpisodes});
  record(folder / "two.h5", id, {.turns = {.first = 2, .count = 1}, .episodes = kEpisodes});
  record_again(folder / "again.h5", id, {.turns = {}, .episodes = kEpisodes});
  const DemonstrationReader one(folder / "one.h5"), two(folder / "two.h5"), again(folder / "again.h5");
  const int entry = one.header().observation.offset(field);
  double between = 0, within = 0;
  for (int i = 0; i < kEpisodes; ++i) {
    between += distance(one.read(i), two.read(i), entry, size) / kEpisodes;
    within += distance(one.read(i), again.read(i), entry, size) / kEpisodes;
  }
  CAPTURE(between, within);
  CHECK(between > 2 * within);
}

TEST_CASE(
    "operator 1 pushes the block from its left side more than operator 2 does, until the last corrections") {
  const TemporaryDirectory folder;
  const auto share_on_left = [&](int number) {
    const auto file = folder / std::to_string(number);
    record(file, "Push", {.turns = {.first = number, .count = 1}, .episodes = 10});
    const DemonstrationReader reader(file);
    int pushing = 0, on_left = 0;
    for (int i = 0; i < reader.size(); ++i) {
      const Matrix o = reader.read(i).observations;
      for (Eigen::Index t = 0; t + 1 < o.rows(); ++t) {
        const auto moved = (o.block<1, 2>(t + 1, push::kBlock) - o.block<1, 2>(t, push::kBlock)).norm();
        if (moved < 3e-4F || o.block<1, 2>(t, push::kBlock).norm() < 0.07F) continue;
        ++pushing;
        on_left += o(t, push::kPusherInBlock + 1) > 0 ? 1 : 0;
      }
    }
    return static_cast<double>(on_left) / pushing;
  };
  const double left = share_on_left(1), right = share_on_left(2);
  CAPTURE(left, right);
  CHECK(left > right + 0.1);
}

}  // namespace
}  // namespace understudy::tests
