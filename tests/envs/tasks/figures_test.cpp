// What a person reads beside the picture.

#include <algorithm>
#include <cmath>

#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

double figure(const Scene& scene, const std::string& name) {
  for (const SceneFigure& one : scene.figures) {
    if (one.name == name) return one.value;
  }
  FAIL("no figure '" + name + "'");
  return 0;
}

bool all_good(const Scene& scene) {
  return std::all_of(scene.figures.begin(), scene.figures.end(),
                     [](const SceneFigure& one) { return one.good(); });
}

TEST_CASE("when an expert has done a task every figure that judges says so, and at the start not all do") {
  const std::string id = GENERATE("Reach", "Lift", "Drawer", "PickPlace", "PegInsert", "SwingPeg", "Push",
                                  "Land", "Drive", "DriveTraffic", "Crowd");
  CAPTURE(id);
  const auto environment = make_environment(id);
  const auto expert = make_expert(id);
  Episode episode;
  for (std::uint64_t seed = 1; seed <= 5 && !episode.success; ++seed) {
    episode = rollout(*environment, *expert, seed, {.keep_states = true});
  }
  REQUIRE(episode.success);
  CHECK(all_good(environment->scene()));
  Vector observation(environment->spec().observation.size());
  environment->reset(episode.seed, observation);
  CHECK_FALSE(all_good(environment->scene()));
  // A replay shows the same as the episode did.
  environment->show_state(episode.states.row(episode.length()).transpose());
  CHECK(all_good(environment->scene()));
  CHECK(environment->scene().contacts.empty());
}

TEST_CASE("figures are what the observation says, in a person's units") {
  const auto look = [](const std::string& id, int steps) {
    struct Moment {
      std::unique_ptr<Environment> environment;
      Vector observation;
    } moment{make_environment(id), {}};
    moment.observation.resize(moment.environment->spec().observation.size());
    moment.environment->reset(4, moment.observation);
    const auto expert = make_expert(id);
    expert->reset(0, 4);
    Matrix actions(1, moment.environment->spec().action.size());
    StepResult result;
    for (int i = 0; i < steps && !result.terminated; ++i) {
      expert->act(moment.observation.transpose(), actions);
      result = moment.environment->step(actions.row(0).transpose(), moment.observation);
    }
    return moment;
  };
  const auto at = [](const auto& moment, const char* field, int entry = 0) {
    return double{moment.observation[moment.environment->spec().observation.offset(field) + entry]};
  };
  SECTION("Lift") {
    const auto now = look("Lift", 45);
    CHECK(figure(now.environment->scene(), "lifted") == Approx(100 * at(now, "lifted")).margin(1e-3));
  }
  SECTION("Land") {
    const auto now = look("Land", 60);
    const Scene& scene = now.environment->scene();
    CHECK(figure(scene, "height") == Approx(-at(now, "to_pad", 2)).margin(1e-3));
    CHECK(figure(scene, "sink rate") == Approx(-at(now, "velocity", 2)).margin(1e-3));
    CHECK(figure(scene, "off the pad") ==
          Approx(std::hypot(at(now, "to_pad", 0), at(now, "to_pad", 1))).margin(1e-3));
  }
  SECTION("Drive") {
    const auto now = look("Drive", 150);
    const Scene& scene = now.environment->scene();
    CHECK(figure(scene, "speed") ==
          Approx(3.6 * std::hypot(at(now, "speed"), at(now, "slip"))).epsilon(0.01));
    const double offset = at(now, "lateral_offset");
    CHECK(figure(scene, offset > 0 ? "left of the middle" : "right of the middle") ==
          Approx(std::abs(offset)).margin(1e-3));
    CHECK(figure(scene, "lap") > 10);
    CHECK(figure(scene, "lap") < 60);
  }
  SECTION("Drawer") {
    const auto now = look("Drawer", 80);
    CHECK(figure(now.environment->scene(), "open") == Approx(20 - 100 * at(now, "left")).margin(1e-3));
  }
  SECTION("PegInsert") {
    const auto now = look("PegInsert", 60);
    CHECK(figure(now.environment->scene(), "tip beside the hole") ==
          Approx(1000 * std::hypot(at(now, "tip_to_hole", 0), at(now, "tip_to_hole", 1))).margin(1e-2));
  }
  SECTION("SwingPeg") {
    const auto now = look("SwingPeg", 30);
    CHECK(figure(now.environment->scene(), "tip over the hole") ==
          Approx(-100 * at(now, "tip_to_hole", 2)).margin(1e-2));
  }
  SECTION("Push") {
    const auto now = look("Push", 60);
    const Scene& scene = now.environment->scene();
    CHECK(figure(scene, "off the goal") ==
          Approx(1000 * std::hypot(at(now, "block", 0), at(now, "block", 1))).margin(1e-2));
    CHECK(std::cos(figure(scene, "turned") * 3.14159265 / 180) == Approx(at(now, "turn")).margin(1e-4));
  }
  SECTION("Crowd") {
    const auto now = look("Crowd", 60);
    const Scene& scene = now.environment->scene();
    CHECK(figure(scene, "to the goal") ==
          Approx(std::hypot(at(now, "goal", 0), at(now, "goal", 1))).margin(1e-3));
    CHECK(figure(scene, "speed") ==
          Approx(std::hypot(at(now, "velocity", 0), at(now, "velocity", 1))).margin(1e-3));
  }
}

TEST_CASE("a hand that holds a cube touches it on two sides; before it touches nothing") {
  const auto environment = make_environment("Lift");
  const auto expert = make_expert("Lift");
  Vector observation(environment->spec().observation.size());
  environment->reset(2, observation);
  CHECK(environment->scene().contacts.empty());
  expert->reset(0, 2);
  Matrix actions(1, environment->spec().action.size());
  StepResult result;
  for (int i = 0; i < 200 && !result.success; ++i) {
    expert->act(observation.transpose(), actions);
    result = environment->step(actions.row(0).transpose(), observation);
  }
  REQUIRE(result.success);
  const Scene& scene = environment->scene();
  REQUIRE(scene.contacts.size() == 2);
  // The fingers press on faces 4 cm apart.
  CHECK((scene.contacts[0] - scene.contacts[1]).norm() == Approx(0.04).margin(0.01));
}

}  // namespace
}  // namespace understudy
