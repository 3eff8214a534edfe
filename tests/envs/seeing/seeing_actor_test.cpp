// What an actor that sees is given: the task's own numbers, and what a rig sees at the same moment.

#include "envs/seeing/seeing_actor.h"

#include <algorithm>

#include "datasets/types/error.h"
#include "envs/rendering/camera_rig.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

/// Keeps what it is given, and always acts the same.
class Given final : public Actor {
 public:
  explicit Given(std::vector<Matrix>& given) : given_(given) {}
  void reset(int, std::uint64_t) override {}
  void act(ConstMatrixRef observations, MatrixRef actions) override {
    given_.push_back(observations);
    actions.setConstant(0.3F);
  }

 private:
  std::vector<Matrix>& given_;
};

const Sight kSight{.fields = {"eef_vel", "opening"}, .cameras = {{"front", 20, 16}, {"side", 12, 12}}};

TEST_CASE(
    "an actor sees its fields and then each camera's picture of the moment, as images are rendered later") {
  const auto environment = make_environment("Lift");
  const EnvironmentSpec& spec = environment->spec();
  std::vector<Matrix> given;
  const auto actor = seeing_actor(std::make_unique<Given>(given), kSight, spec.observation);
  const Episode episode = rollout(*environment, *actor, 7, {.keep_states = true});
  REQUIRE(given.size() == static_cast<std::size_t>(episode.length()));
  CHECK(episode.observations.cols() == spec.observation.size());  // the task's own, as ever
  CameraRig rig({.cameras = {{"front", 20, 16}, {"side", 12, 12}}});
  Vector observation(spec.observation.size());
  environment->reset(7, observation);
  for (int t = 0; t < episode.length(); t += 20) {
    CAPTURE(t);
    environment->show_state(episode.states.row(t).transpose());
    std::vector<float> wanted;
    for (const char* field : {"eef_vel", "opening"}) {
      const int from = spec.observation.offset(field), size = field == std::string("opening") ? 1 : 3;
      for (int i = 0; i < size; ++i) wanted.push_back(episode.observations(t, from + i));
    }
    for (const CameraShot& shot : rig.shoot(environment->scene()))
      wanted.insert(wanted.end(), shot.colour.rgb.begin(), shot.colour.rgb.end());
    const Matrix& seen = given[static_cast<std::size_t>(t)];
    REQUIRE(seen.cols() == seen_space(spec.observation, kSight).size());
    CHECK(std::equal(wanted.begin(), wanted.end(), seen.data()));
  }
}

TEST_CASE("a field, a camera or an environment that is not there is named") {
  const auto environment = make_environment("Lift");
  const Space& observation = environment->spec().observation;
  std::vector<Matrix> given;
  const auto made = [&](const Sight& sight) {
    return seeing_actor(std::make_unique<Given>(given), sight, observation);
  };
  CHECK_THROWS_WITH(made({.fields = {"openin"}, .cameras = kSight.cameras}), ContainsSubstring("'openin'"));
  const auto blind = made(kSight);
  Matrix actions(1, 5);
  CHECK_THROWS_WITH(blind->act(Matrix::Zero(1, observation.size()), actions),
                    ContainsSubstring("want one environment to watch, found 0"));
  const auto lost = made({.fields = {"opening"}, .cameras = {{"ankle", 12, 12}}});
  CHECK_THROWS_WITH(rollout(*environment, *lost, 1),
                    ContainsSubstring("ankle") && ContainsSubstring("front"));
}

}  // namespace
}  // namespace understudy
