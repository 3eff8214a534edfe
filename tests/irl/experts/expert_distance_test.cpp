// How far an episode is from demonstrations: what counts, and how far these are from themselves.

#include "irl/experts/expert_distance.h"

#include <cmath>

#include "tests/support/catch.h"
#include "tests/support/imitation_fixture.h"

namespace understudy {
using namespace tests;

TEST_CASE("likeness is 1 for the demonstrations themselves and e^-5 one deviation away in every entry",
          "[irl]") {
  // Observations -1 and 1, actions 0: deviations 1, and 1 for what never changes.
  ExpertTransitions& expert = *scalar_expert({{-1, 0}, {1, 0}, {-1, 0}, {1, 0}});
  const ExpertDistance distance(expert);
  const auto same = distance(expert.observations, expert.actions);
  CHECK(same.distance == Approx(0).margin(1e-9));
  CHECK(same.likeness == Approx(1));
  const auto away =
      distance((expert.observations.array() + 1).matrix(), (expert.actions.array() + 1).matrix());
  // Moved by (1, 1): c = sqrt(2) = sqrt(dim).
  CHECK(away.distance == Approx(std::sqrt(2.0)));
  CHECK(away.likeness == Approx(std::exp(-5)));
}

TEST_CASE("where actions are not known nobody's count", "[irl]") {
  ExpertTransitions& expert = *scalar_expert({{-1, 0.5F}, {1, -0.5F}, {-1, 0.5F}, {1, -0.5F}});
  const Matrix others = -expert.actions;
  CHECK(ExpertDistance(expert)(expert.observations, others).distance > 0.5);
  expert.states_only = true;
  CHECK(ExpertDistance(expert)(expert.observations, others).distance == Approx(0).margin(1e-9));
}

TEST_CASE("the reach is W1 between every other atom and the rest", "[irl]") {
  // 0, 1, 2, 3 with deviation sqrt(5 / 4): {0, 2} to {1, 3} is 1 each.
  CHECK(ExpertDistance(*scalar_expert({{0, 0}, {1, 0}, {2, 0}, {3, 0}})).reach() ==
        Approx(1 / std::sqrt(1.25)));
  CHECK(ExpertDistance(*scalar_expert({{0, 0}, {1, 0}, {2, 0}})).reach() == 0);
}

}  // namespace understudy
