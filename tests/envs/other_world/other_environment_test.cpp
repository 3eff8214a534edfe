// Actuators and sensors of other worlds, around a task that shows what reached it.

#include "envs/other_world/other_environment.h"

#include <cmath>
#include <numeric>

#include "tests/support/catch.h"

namespace understudy {
namespace {

/// Its observation is the action that reached it, as two lengths; it ends never.
class Mirror final : public Environment {
 public:
  Mirror() {
    spec_.id = "Mirror";
    spec_.observation = Space({{"a", 1, "m", -5, 5, "first"}, {"b", 1, "m", -5, 5, "second"}});
    spec_.action = Space({{"a", 1, "-", -1, 1, "first"}, {"b", 1, "-", -1, 1, "second"}});
  }
  const EnvironmentSpec& spec() const override { return spec_; }
  void reset(std::uint64_t seed, VectorRef observation) override {
    seed_ = seed;
    observation.setZero();
  }
  StepResult step(ConstVectorRef action, VectorRef observation) override {
    observation = action;
    return {};
  }
  Snapshot save_state() const override { return {.seed = seed_, .actions = {}}; }
  void restore_state(const Snapshot& snapshot, VectorRef observation) override {
    reset(snapshot.seed, observation);
  }
  int state_dim() const override { return 1; }
  void read_state(StateRef state) const override { state.setZero(); }
  void show_state(ConstStateRef) override {}
  const Scene& scene() override { return scene_; }
  double engine_seconds() const override { return 0; }

 private:
  EnvironmentSpec spec_;
  std::uint64_t seed_ = 0;
  Scene scene_;
};

OtherEnvironment in_world(const std::string& constants) {
  const WorldFile file = parse_world("world = \"maximal\"\n" + constants, "test");
  return {std::make_unique<Mirror>(), make_form(file), file};
}

/// What is seen of `count` steps of the actions (t % 2, 0.5), in each step.
std::vector<Vector> seen(OtherEnvironment& environment, int count, std::uint64_t seed = 3) {
  Vector observation(2), action(2);
  std::vector<Vector> all;
  environment.reset(seed, observation);
  for (int t = 0; t < count; ++t) {
    action << static_cast<float>(t % 2), 0.5F;
    environment.step(action, observation);
    all.push_back(observation);
  }
  return all;
}

TEST_CASE("a world without constants shows what is and does what it is told") {
  OtherEnvironment environment = in_world("");
  const auto all = seen(environment, 10);
  for (int t = 0; t < 10; ++t) {
    CHECK(all[static_cast<std::size_t>(t)][0] == static_cast<float>(t % 2));
    CHECK(all[static_cast<std::size_t>(t)][1] == 0.5F);
  }
}

TEST_CASE("the share of entries that arrive a step late is the delay's, each entry for itself") {
  OtherEnvironment environment = in_world("[actuators]\ndelay = 0.3\n");
  constexpr int kSteps = 5000;
  const auto all = seen(environment, kSteps);
  double late = 0;
  for (int t = 1; t < kSteps; ++t) {
    const float value = all[static_cast<std::size_t>(t)][0];
    CHECK((value == 0 || value == 1));
    late += value != static_cast<float>(t % 2);
  }
  // Four deviations of a share of 5000: 0.026.
  CHECK(late / kSteps == Approx(0.3).margin(0.026));
}

TEST_CASE("noise has its deviation and no mean, a bias has no deviation within an episode") {
  OtherEnvironment noisy = in_world("[sensors]\nlength_noise = 0.01\n");
  constexpr int kSteps = 4000;
  double sum = 0, squares = 0;
  for (const Vector& observation : seen(noisy, kSteps)) {
    const double error = double{observation[1]} - 0.5;
    sum += error;
    squares += error * error;
  }
  CHECK(std::abs(sum / kSteps) < 4 * 0.01 / std::sqrt(kSteps));
  CHECK(std::sqrt(squares / kSteps) == Approx(0.01).epsilon(4 / std::sqrt(2.0 * kSteps)));

  OtherEnvironment biased = in_world("[sensors]\nlength_bias = 0.01\n");
  squares = 0;
  constexpr int kEpisodes = 2000;
  for (int episode = 0; episode < kEpisodes; ++episode) {
    const auto all = seen(biased, 2, static_cast<std::uint64_t>(episode));
    CHECK(all[0][1] == all[1][1]);
    squares += std::pow(double{all[0][1]} - 0.5, 2);
  }
  CHECK(std::sqrt(squares / kEpisodes) == Approx(0.01).epsilon(4 / std::sqrt(2.0 * kEpisodes)));
}

TEST_CASE("what a sensor rounds to are whole steps, and never more than half of one away") {
  OtherEnvironment environment = in_world("[sensors]\nlength_noise = 0.05\nlength_step = 0.02\n");
  OtherEnvironment exact = in_world("[sensors]\nlength_noise = 0.05\n");
  const auto rounded = seen(environment, 200), all = seen(exact, 200);
  for (std::size_t t = 0; t < all.size(); ++t) {
    const double steps = rounded[t][1] / 0.02;
    CHECK(steps == Approx(std::round(steps)).margin(1e-4));
    CHECK(std::abs(rounded[t][1] - all[t][1]) <= 0.01 + 1e-6);
  }
}

TEST_CASE("a field that drops out stays what it was for so many steps in the mean") {
  OtherEnvironment environment = in_world("[sensors]\nlength_noise = 0.01\ndrop = 0.02\ndrop_steps = 5\n");
  constexpr int kSteps = 20000;
  const auto all = seen(environment, kSteps);
  int frozen = 0, times = 0;
  bool before = false;
  for (int t = 1; t < kSteps; ++t) {
    const auto at = static_cast<std::size_t>(t);
    const bool now = all[at][1] == all[at - 1][1];
    frozen += now;
    times += now && !before;
    before = now;
  }
  // It begins in 2 % of the steps in which it is not frozen, and an exponential length that is rounded, at least 1, has
  // the mean 5.10.
  CHECK(double(frozen) / times == Approx(5.1).epsilon(0.15));
  CHECK(times == Approx(0.02 * (kSteps - frozen)).epsilon(0.2));
}

TEST_CASE("an action is cut at its saturation after its gain") {
  OtherEnvironment environment = in_world("[actuators]\nsaturation = 0.4\n");
  for (const Vector& observation : seen(environment, 4)) CHECK(observation[1] == 0.4F);
  OtherEnvironment spread = in_world("[actuators]\ngain_spread = 0.2\n");
  double squares = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed)
    squares += std::pow(std::log(seen(spread, 1, seed)[0][1] / 0.5), 2);
  CHECK(std::sqrt(squares / 1000) == Approx(0.2).epsilon(0.1));
}

TEST_CASE("the same seed gives the same bits, and a snapshot goes on where it was taken") {
  const std::string constants = "seed = 5\n";
  OtherEnvironment environment = in_world(constants), other = in_world(constants);
  const auto all = seen(environment, 30), again = seen(other, 30);
  for (std::size_t t = 0; t < all.size(); ++t) CHECK(all[t] == again[t]);
  const auto first = seen(other, 12);
  const Snapshot snapshot = other.save_state();
  seen(other, 5, 77);
  Vector observation(2), action(2);
  other.restore_state(snapshot, observation);
  CHECK(observation == first.back());
  for (int t = 12; t < 30; ++t) {
    action << static_cast<float>(t % 2), 0.5F;
    other.step(action, observation);
    CHECK(observation == all[static_cast<std::size_t>(t)]);
  }
}

}  // namespace
}  // namespace understudy
