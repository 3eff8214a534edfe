// Returning to a checkpoint in every task that a person can drive.

#include <algorithm>

#include "capture/devices/device.h"
#include "capture/input/bindings.h"
#include "capture/recording/recorder.h"
#include "capture/recording/rewindable_environment.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/types/rng.h"
#include "envs/contract/episode_seeds.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tests/support/fake_task.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

/// Takes the actions of a list in turn, and presses what it was told to before one of them.
class ActionList : public Device {
 public:
  ActionList(Matrix actions, std::map<Eigen::Index, std::vector<Function>> before)
      : list_(std::move(actions)), before_(std::move(before)) {}

  std::string kind() const override { return "list"; }
  std::string description() const override { return "list of actions"; }
  void poll(const OperatorView& view) override { state_ = view.state; }
  std::vector<Function> take_functions() override {
    if (state_ == SessionState::kReady) return {done_ ? Function::kStop : Function::kStart};
    if (state_ == SessionState::kPaused) return {Function::kStart};
    // What ended before it was to go back goes back all the same.
    if (state_ == SessionState::kEnded && !before_.empty()) next_ = before_.begin()->first;
    const auto pressed = before_.extract(next_);
    if (!pressed.empty()) return pressed.mapped();
    done_ = next_ == list_.rows() || state_ == SessionState::kEnded;
    return done_ ? std::vector<Function>{Function::kSaveFailure} : std::vector<Function>{};
  }
  bool connected() const override { return true; }
  const RawInput& raw() const override { return raw_; }
  void reset(int, std::uint64_t) override {}
  void act(ConstMatrixRef, MatrixRef actions) override { actions = list_.row(next_++); }

 private:
  Matrix list_;
  std::map<Eigen::Index, std::vector<Function>> before_;
  Eigen::Index next_ = 0;
  bool done_ = false;
  SessionState state_ = SessionState::kReady;
  RawInput raw_;
};

Episode recorded(RewindableEnvironment& task, const std::filesystem::path& file, ActionList& device) {
  SimulatedClock clock;
  RecorderHooks hooks;
  hooks.checkpoint = [&] { task.mark(); };
  {
    DemonstrationWriter writer(file, header_of(task));
    Recorder(task, device, writer, clock, {}, hooks).run();
  }
  return DemonstrationReader(file).read(0);
}

/// Steps that `actions` make of an episode before it ends by itself.
Eigen::Index steps_survived(const std::string& id, const Matrix& actions) {
  const auto task = make_environment(id);
  Vector observation(task->spec().observation.size());
  task->reset(episode_seed(SeedUse::kDemonstration, 1, 0), observation);
  for (Eigen::Index t = 0; t < actions.rows(); ++t) {
    const StepResult result = task->step(actions.row(t).transpose(), observation);
    if (result.terminated || result.success) return t;
  }
  return actions.rows();
}

TEST_CASE("in every task an episode that was taken back goes on bit for bit as one that never went astray") {
  for (const std::string& id : environment_ids()) {
    RewindableEnvironment task([&] { return make_environment(id); });
    const Space& space = task.spec().action;
    if (space.size() > static_cast<int>(kAnalogControls)) continue;
    CAPTURE(id);
    TemporaryDirectory folder;
    Rng rng(11);
    Matrix actions(60, space.size());
    for (float& entry : actions.reshaped()) entry = static_cast<float>(rng.uniform(-0.6, 0.6));
    // Where something falls over the mark is set early enough.
    const Eigen::Index mark = std::min<Eigen::Index>(25, steps_survived(id, actions) / 2);
    const Eigen::Index astray = 15;
    REQUIRE(mark > 0);
    ActionList taken_back(actions, {{mark, {Function::kCheckpoint}}, {mark + astray, {Function::kRewind}}});
    const Episode returned = recorded(task, folder / "returned.h5", taken_back);
    const Eigen::Index after = actions.rows() - mark - astray;
    Matrix kept(mark + after, space.size());
    kept << actions.topRows(mark), actions.bottomRows(after);
    ActionList direct(kept, {});
    const Episode straight = recorded(task, folder / "straight.h5", direct);
    REQUIRE(returned.length() == straight.length());
    CHECK(returned.length() > mark);
    CHECK((returned.actions.array() == straight.actions.array()).all());
    CHECK((returned.observations.array() == straight.observations.array()).all());
    CHECK((returned.states.array() == straight.states.array()).all());
    CHECK(returned.rewards == straight.rewards);
    CHECK(returned.terminated == straight.terminated);
    const std::vector<Rewind> rewinds = recording_from_json(returned.recording, "").rewinds;
    REQUIRE(rewinds.size() == 1);
    CHECK(rewinds[0].step == mark);
    CHECK(rewinds[0].discarded > 0);
  }
}

TEST_CASE(
    "worlds that were brought to a moment beforehand are those that the actions lead to, mark by mark") {
  RewindableEnvironment task([] { return make_environment("Push"); });
  const auto plain = make_environment("Push");
  const int act_dim = task.spec().action.size();
  Rng rng(4);
  Vector observation(task.spec().observation.size());
  Vector wanted = observation;
  State state(task.state_dim());
  State wanted_state = state;
  task.reset(7, observation);
  std::vector<Snapshot> marks;
  for (int t = 0; t < 120; ++t) {
    if (t % 20 == 5) {  // six of them: more than are kept
      task.mark();
      marks.push_back(task.save_state());
    }
    Vector action(act_dim);
    for (float& entry : action) entry = static_cast<float>(rng.uniform(-1, 1));
    task.step(action, observation);
  }
  // Backwards, the last one twice, and each time some steps astray.
  for (std::size_t i : {5U, 5U, 4U, 3U, 2U, 1U, 0U}) {
    CAPTURE(i);
    task.restore_state(marks[i], observation);
    plain->restore_state(marks[i], wanted);
    task.read_state(state);
    plain->read_state(wanted_state);
    CHECK(observation == wanted);
    CHECK(state == wanted_state);
    for (int t = 0; t < 30; ++t) {
      const Vector action = Vector::Constant(act_dim, t % 2 == 0 ? 0.9F : -0.4F);
      task.step(action, observation);
      plain->step(action, wanted);
    }
    CHECK(observation == wanted);
  }
}

}  // namespace
}  // namespace understudy::tests
