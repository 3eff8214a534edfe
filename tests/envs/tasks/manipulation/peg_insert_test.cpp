#include "envs/tasks/manipulation/peg_insert.h"

#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using namespace peg_insert;

TEST_CASE("the fields of PegInsert's observation are where the header says") {
  const Space space = make_peg_insert()->spec().observation;
  CHECK(space.size() == kObservationSize);
  CHECK(space.offset("to_peg") == kToPeg);
  CHECK(space.offset("peg_turn") == kPegTurn);
  CHECK(space.offset("tip_to_hole") == kTipToHole);
  CHECK(space.offset("hole_turn") == kHoleTurn);
  CHECK(space.offset("lean") == kLean);
  CHECK(space.offset("opening") == kOpening);
  CHECK(space.offset("eef_vel") == kEefVel);
}

TEST_CASE("the peg stands still until it is touched") {
  const auto env = make_peg_insert();
  Vector o(kObservationSize);
  env->reset(3, o);
  const Vector start = o;
  for (int t = 0; t < 60; ++t) env->step(Vector::Zero(5), o);
  CHECK((o - start).cwiseAbs().maxCoeff() < 1e-3F);
}

TEST_CASE("the peg goes in upright, in line with the hole and within its play, 4 cm deep") {
  const auto env = make_environment("PegInsert");
  const auto expert = make_expert("PegInsert");
  const Episode episode = rollout(*env, *expert, GENERATE(21, 22, 23));
  REQUIRE(episode.success);
  CHECK(episode.terminated);
  const auto end = episode.observations.row(episode.length());
  CHECK(end[kTipToHole + 2] >= 0.04F);
  CHECK(episode.observations(episode.length() - 1, kTipToHole + 2) < 0.04F);
  // 1.5 mm of play to each side, 2.1 mm along the diagonal, and what contacts give way.
  CHECK(end.segment<2>(kTipToHole).norm() < 0.0025F);
  CHECK(end.segment<2>(kLean).norm() < 0.05F);
  CHECK(end[kHoleTurn + 1] > 0.8F);
  for (std::size_t t = 0; t + 1 < episode.rewards.size(); ++t) CHECK(episode.rewards[t] < 0);
  CHECK(episode.rewards.back() == 0);
}

}  // namespace
}  // namespace understudy
