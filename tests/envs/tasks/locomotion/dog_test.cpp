#include "envs/tasks/locomotion/dog.h"

#include <cmath>

#include "envs/robots/urdf.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

TEST_CASE("a Dog that is asked for nothing else stands in its stance and gets its command's share") {
  const auto env = make_environment("Dog");
  Vector o(50), none = Vector::Zero(12);
  env->reset(4, o);
  const Vector command = o.segment<3>(9);
  CHECK(command[0] >= 0);
  StepResult step;
  for (int t = 0; t < 150; ++t) {
    step = env->step(none, o);
    REQUIRE_FALSE(step.terminated);
  }
  CHECK(o.segment<3>(0).norm() < 0.05F);                  // stands still
  CHECK(o[8] < -0.99F);                                   // level
  CHECK(o.segment<12>(14).cwiseAbs().maxCoeff() < 0.3F);  // near its stance
  CHECK(o.segment<3>(9) == command);
  // Standing earns what the tracking terms give for no motion, the half of the feet that should
  // be down, less the torques.
  const double still = std::exp(-double{command.head<2>().squaredNorm()} / 0.25) +
                       0.5 * std::exp(-double{command[2] * command[2]} / 0.25) + 0.125;
  CHECK(double{step.reward} < still);
  CHECK(double{step.reward} > still - 0.1);
}

TEST_CASE(
    "a Dog that stretches its left legs and folds its right ones falls over, and that ends the episode") {
  const auto env = make_environment("Dog");
  Vector o(50), lean(12);
  for (int leg = 0; leg < 4; ++leg)
    lean.segment<3>(3 * leg) << 1, (leg % 2 == 0 ? -1 : 1), (leg % 2 == 0 ? 1 : -1);
  env->reset(4, o);
  StepResult result;
  int steps = 0;
  for (; steps < 200 && !result.terminated; ++steps) result = env->step(lean, o);
  CHECK(result.terminated);
  CHECK(result.cause == "fell");
  CHECK(steps > 5);
}

TEST_CASE("the Dog's clock turns twice a second") {
  const auto env = make_environment("Dog");
  Vector o(50), none = Vector::Zero(12);
  env->reset(1, o);
  CHECK(o[13] == 1);
  for (int t = 0; t < 25; ++t) env->step(none, o);
  CHECK(o[12] == Approx(0).margin(1e-6));
  CHECK(o[13] == Approx(1));
  for (int t = 0; t < 5; ++t) env->step(none, o);
  CHECK(o[12] == Approx(std::sin(2 * M_PI * 0.2)).margin(1e-6));
}

TEST_CASE("the Dog weighs 9.4 kg") {
  CHECK(read_model("dog").mass() == Approx(5 + 4 * (0.5 + 0.5 + 0.1)));
}

}  // namespace
}  // namespace understudy
