#include "envs/tasks/manipulation/pick_place.h"

#include <algorithm>

#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using namespace pick_place;

TEST_CASE("the fields of PickPlace's observation are where the header says") {
  const Space space = make_pick_place()->spec().observation;
  CHECK(space.size() == kObservationSize);
  CHECK(space.offset("to_can") == kToCan);
  CHECK(space.offset("can_to_bin") == kCanToBin);
  CHECK(space.offset("opening") == kOpening);
  CHECK(space.offset("eef_vel") == kEefVel);
}

TEST_CASE("the can stands still until it is touched") {
  const auto env = make_pick_place();
  Vector o(kObservationSize);
  env->reset(3, o);
  const Vector start = o;
  for (int t = 0; t < 60; ++t) env->step(Vector::Zero(4), o);
  CHECK((o - start).cwiseAbs().maxCoeff() < 1e-3F);
}

TEST_CASE("the can in the bin is not enough: the hand has to be clear of it") {
  const auto env = make_environment("PickPlace");
  const auto expert = make_expert("PickPlace");
  const Episode episode = rollout(*env, *expert, GENERATE(21, 22, 23));
  REQUIRE(episode.success);
  const auto inside = [&](int t) {
    const auto way = episode.observations.row(t).segment<3>(kCanToBin);
    // Below the rim: 8 cm less the floor's 6 mm.
    return std::abs(way[0]) < 0.1F && std::abs(way[1]) < 0.1F && -way[2] < 0.074F;
  };
  const auto distance = [&](int t) { return episode.observations.row(t).segment<3>(kToCan).norm(); };
  const int last = episode.length();
  CHECK(inside(last));
  CHECK(distance(last) > 0.08F);
  CHECK(inside(last - 1));
  CHECK(distance(last - 1) <= 0.08F);
  // A carried can pays more than a can on the table, and success pays most.
  CHECK(*std::max_element(episode.rewards.begin(), episode.rewards.end() - 1) > -0.5F);
  CHECK(*std::max_element(episode.rewards.begin(), episode.rewards.end() - 1) < -0.29F);
  CHECK(episode.rewards.back() == 0);
}

}  // namespace
}  // namespace understudy
