// The action between two observations, learnt from transitions whose action is known.

#include "irl/values/inverse_dynamics.h"

#include <algorithm>

#include "bc/policies/mlp_policy.h"
#include "irl/values/iq_learn.h"
#include "tests/support/catch.h"
#include "tests/support/imitation_fixture.h"

namespace understudy {
using namespace tests;
namespace {

/// x' = x + 0.25 a with random x and a.
TransitionBatch moves(int rows, Rng& rng) {
  std::vector<Row> list;
  for (int i = 0; i < rows; ++i) {
    const auto x = static_cast<float>(rng.uniform(-1, 1));
    const auto a = static_cast<float>(rng.uniform(-1, 1));
    list.push_back({x, a, x + 0.25F * a, false});
  }
  return scalar_batch(list);
}

}  // namespace

TEST_CASE("the action that moves a point is read off where it was and where it is", "[irl]") {
  Rng rng(1);
  InverseDynamics inverse({.obs_dim = 1, .act_dim = 1, .hidden = {32, 32}}, rng);
  double error = 1;
  for (int i = 0; i < 2000; ++i) error = inverse.learn(moves(64, rng), 3e-3);
  CHECK(error < 1e-3);
  const TransitionBatch others = moves(200, rng);
  Matrix found(200, 1);
  inverse.infer(others.observations, others.next_observations, found);
  CHECK((found - others.actions).cwiseAbs().mean() < 0.03F);
  // Beyond what an action can do it is the largest there is.
  Matrix far(1, 1);
  inverse.infer(Matrix::Zero(1, 1), Matrix::Constant(1, 1, 3), far);
  CHECK(far(0, 0) == 1);
}

TEST_CASE("IQ-Learn from states alone does not look at the demonstrated actions", "[irl]") {
  Rng rng(2);
  const TransitionBatch demonstrated = moves(50, rng);
  std::vector<Vector> policies;
  for (const float sign : {1.0F, -1.0F}) {
    ExpertTransitions& expert = *as_expert(demonstrated);
    expert.actions *= sign;
    expert.states_only = true;
    IqLearnConfig config{.hidden = {8}};
    config.off_policy.batch = 16;
    const auto learner =
        make_iq_learn({.obs_dim = 1, .act_dim = 1, .horizon = 10, .seed = 3}, config, expert);
    Rng agent(5);
    for (int i = 0; i < 20; ++i) learner->gradient_step(moves(16, agent), 0);
    policies.push_back(mlp_of(learner->policy()).parameters);
  }
  CHECK(policies[0] == policies[1]);
}

}  // namespace understudy
