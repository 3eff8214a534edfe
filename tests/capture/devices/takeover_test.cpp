// A policy drives and a hand takes over: what is done, what is noted, and that nothing jumps.

#include "capture/devices/takeover.h"

#include "capture/devices/synthetic.h"
#include "capture/recording/recorder.h"
#include "datasets/format/demonstration_reader.h"
#include "tests/support/catch.h"
#include "tests/support/fake_task.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

using F = Function;

/// Always does the same.
class Steady : public Actor {
 public:
  explicit Steady(float action) : action_(action) {}
  void reset(int, std::uint64_t) override {}
  void act(ConstMatrixRef, MatrixRef actions) override { actions.setConstant(action_); }

 private:
  float action_;
};

DrivingPolicy steady(float action, std::string name = "steady, version 1") {
  return {.actor = std::make_unique<Steady>(action), .name = std::move(name)};
}

/// 40 steps of a policy that pushes by 0.8; a hand that is at rest or pushes by `hand` takes over from 10 to 25.
Episode taken_over(float hand, DrivingPolicy policy) {
  TemporaryDirectory folder;
  FakeTask task;
  task.endless = true;
  task.judge_nothing();
  auto planned = std::make_unique<PlannedDevice>(
      std::map<int, std::vector<F>>{{0, {F::kStart}}, {40, {F::kSaveSuccess}}, {41, {F::kStop, F::kStop}}},
      hand);
  for (int poll = 10; poll < 25; ++poll) planned->holding.insert({poll, F::kTakeOver});
  Takeover device(std::move(planned), std::move(policy));
  SimulatedClock clock;
  {
    DemonstrationWriter writer(folder / "demos.h5", header_of(task));
    Recorder(task, device, writer, clock, {}).run();
  }
  return DemonstrationReader(folder / "demos.h5").read(0);
}

TEST_CASE("a hand at rest that takes over begins with the policy's action and is itself within 0.3 s") {
  const Episode episode = taken_over(0, steady(0.8F));
  REQUIRE(episode.length() == 40);
  for (int t = 0; t < 40; ++t) {
    CAPTURE(t);
    // 30 Hz: 0.3 s are 9 steps, to the hand from step 10 on and back to the policy from 25 on.
    const double faded = t < 10   ? 0
                         : t < 25 ? std::min(1.0, (t - 10) / 9.0)
                                  : 1 - std::min(1.0, (t - 25) / 9.0);
    CHECK(episode.actions(t, 0) == Approx(0.8 * (1 - faded)).margin(1e-6));
    CHECK(episode.info.intervention[static_cast<std::size_t>(t)] == (t >= 10 && t < 25 ? 1 : 0));
  }
}

TEST_CASE("no hand-over moves an action by more than the fading does, wherever the hand is") {
  for (const float hand : {-1.0F, -0.3F, 0.5F, 1.0F}) {
    const Episode episode = taken_over(hand, steady(0.8F));
    const float most = std::abs(0.8F - hand) / 9 + 1e-5F;
    for (int t = 1; t < 40; ++t) CHECK(std::abs(episode.actions(t, 0) - episode.actions(t - 1, 0)) <= most);
    CHECK(episode.actions(24, 0) == Approx(hand));
  }
}

TEST_CASE("the file has the policy's doubt at every step, and which version drove") {
  DrivingPolicy policy = steady(0.8F);
  policy.doubt = [](ConstVectorRef observation) { return 2 * observation[0]; };
  const Episode episode = taken_over(0, std::move(policy));
  REQUIRE(episode.info.doubt.size() == 40);
  for (int t = 0; t < 40; ++t)
    CHECK(episode.info.doubt[static_cast<std::size_t>(t)] == 2 * episode.observations(t, 0));
  CHECK(recording_from_json(episode.recording, "").policy == "steady, version 1");
  CHECK(taken_over(0, steady(0.8F)).info.doubt == std::vector<float>(40, 0.0F));
}

TEST_CASE("another policy drives from the next episode on, and the HUD says who does") {
  TemporaryDirectory folder;
  FakeTask task;
  task.endless = true;
  task.judge_nothing();
  auto planned = std::make_unique<PlannedDevice>(std::map<int, std::vector<F>>{{0, {F::kStart}},
                                                                               {5, {F::kSaveSuccess}},
                                                                               {6, {F::kStart}},
                                                                               {12, {F::kSaveSuccess}},
                                                                               {13, {F::kStop, F::kStop}}});
  planned->holding.insert({8, F::kTakeOver});
  Takeover device(std::move(planned), steady(0.25F));
  SimulatedClock clock;
  std::vector<std::string> drivers;
  {
    DemonstrationWriter writer(folder / "demos.h5", header_of(task));
    RecorderHooks hooks;
    int episodes = 0;
    hooks.before_episode = [&] {
      if (++episodes == 2) device.set_policy(steady(-0.25F, "steady, version 2"));
    };
    hooks.present = [&](const Scene&, const HudState& hud) { drivers.push_back(hud.driver); };
    Recorder(task, device, writer, clock, {}, hooks).run();
  }
  const DemonstrationReader reader(folder / "demos.h5");
  CHECK((reader.read(0).actions.array() == 0.25F).all());
  CHECK(reader.read(1).actions(0, 0) == -0.25F);
  CHECK(recording_from_json(reader.read(1).recording, "").policy == "steady, version 2");
  CHECK(drivers[2] == "steady, version 1");
  CHECK(drivers[7] == "steady, version 2");
  CHECK(drivers[8] == "you");
}

TEST_CASE("the synthetic operator corrects a policy that goes astray, and lets one that does well drive") {
  const auto share_corrected = [](std::unique_ptr<Actor> policy) {
    TemporaryDirectory folder;
    FakeTask task;
    InputEvents events;
    SyntheticConfig config;
    config.faults = {.noise = 0};
    auto hand = std::make_unique<SyntheticOperator>(events, make_binding("default", task.spec().action),
                                                    task.spec(), std::make_unique<FakeExpert>(), 30, config);
    Takeover device(std::move(hand), {.actor = std::move(policy), .name = "policy"});
    SimulatedClock clock;
    RecorderOptions options;
    options.episodes = 3;
    options.give_up = 3;
    {
      DemonstrationWriter writer(folder / "demos.h5", header_of(task));
      Recorder(task, device, writer, clock, options).run();
    }
    const DemonstrationReader reader(folder / "demos.h5");
    double corrected = 0;
    double steps = 0;
    for (int i = 0; i < reader.size(); ++i) {
      const Episode episode = reader.read(i);
      CHECK(episode.success);
      steps += episode.length();
      for (const auto held : episode.info.intervention) corrected += held;
    }
    return corrected / steps;
  };
  CHECK(share_corrected(std::make_unique<FakeExpert>()) < 0.1);
  const double astray = share_corrected(std::make_unique<Steady>(-1.0F));
  CHECK(astray > 0.3);  // it takes 0.2 s to notice, and a second or so to bring it home
  CHECK(astray < 1);
}

}  // namespace
}  // namespace understudy::tests
