// The reference MDP of the `imitation` library's tests, with the exact answers of dynamic programming done
// apart from this code, and a grid world.

#include "irl/tabular/mce_irl.h"

#include <cmath>

#include "datasets/types/error.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

/// 5 states, 3 actions, 20 steps. State 3 is a trap of reward -20 that leads to 4.
TabularMdp reference_mdp() {
  TabularMdp mdp;
  mdp.transitions.assign(3, Eigen::MatrixXd::Zero(5, 5));
  auto& p = mdp.transitions;
  p[0](0, 1) = p[2](0, 2) = 0.9;
  p[0](0, 2) = p[2](0, 1) = 0.1;
  p[1](0, 3) = 1;
  for (const int s : {1, 2}) {
    p[0](s, 3) = 0.05;
    p[0](s, 4) = 0.95;
    p[1](s, 3) = 1;
    p[2](s, 4) = 1;
  }
  for (auto& action : p) {
    action(3, 4) = 1;
    action(4, 0) = 1;
  }
  mdp.initial = Eigen::VectorXd::Zero(5);
  mdp.initial(0) = mdp.initial(4) = 0.5;
  mdp.horizon = 20;
  return mdp;
}

Eigen::VectorXd reference_reward() {
  Eigen::VectorXd reward(5);
  reward << 1, 2, 2, -20, 3;
  return reward;
}

void check_close(const Eigen::VectorXd& found, const std::vector<double>& want, double tolerance) {
  REQUIRE(found.size() == static_cast<Eigen::Index>(want.size()));
  for (std::size_t i = 0; i < want.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(found(static_cast<Eigen::Index>(i)) - want[i]) < tolerance);
  }
}

/// Best value of any policy from t on, without entropy.
double hard_optimal(const TabularMdp& mdp, const Eigen::VectorXd& reward) {
  Eigen::VectorXd value = reward;
  for (int t = mdp.horizon - 2; t >= 0; --t) {
    Eigen::MatrixXd q(mdp.states(), mdp.actions());
    for (int a = 0; a < mdp.actions(); ++a)
      q.col(a) = reward + mdp.transitions[static_cast<std::size_t>(a)] * value;
    value = q.rowwise().maxCoeff();
  }
  return mdp.initial.dot(value);
}

}  // namespace

TEST_CASE("soft values and policies of the reference MDP are those of dynamic programming", "[irl]") {
  const SoftSolution soft = soft_optimal(reference_mdp(), reference_reward());
  check_close(soft.value.row(0).transpose(), {53.298300, 54.836443, 54.836443, 33.649463, 54.744662}, 1e-6);
  const auto& first = soft.policy[0];
  CHECK(first(0, 0) == Approx(0.5).epsilon(1e-9));
  CHECK(first(0, 1) == Approx(3.122e-10).epsilon(1e-3));
  CHECK(first(0, 2) == Approx(0.5).epsilon(1e-9));
  CHECK(first(1, 0) == Approx(0.248431).epsilon(1e-5));
  CHECK(first(1, 1) == Approx(1.82e-10).epsilon(5e-3));
  CHECK(first(1, 2) == Approx(0.751569).epsilon(1e-5));
  const auto& late = soft.policy[18];
  CHECK(late(1, 0) == Approx(0.240489).epsilon(1e-5));
  CHECK(late(1, 1) == Approx(7.8e-11).epsilon(1e-2));
  CHECK(late(1, 2) == Approx(0.759511).epsilon(1e-5));
  CHECK((soft.policy[19].array() - 1.0 / 3).abs().maxCoeff() < 1e-12);
  for (const auto& policy : soft.policy) CHECK((policy.rowwise().sum().array() - 1).abs().maxCoeff() < 1e-12);
}

TEST_CASE("visits of the reference MDP's soft policy and its return are those of dynamic programming",
          "[irl]") {
  const TabularMdp mdp = reference_mdp();
  const SoftSolution soft = soft_optimal(mdp, reference_reward());
  const Eigen::VectorXd visits = occupancy(mdp, soft.policy);
  check_close(visits, {6.961224, 3.231559, 3.231559, 0.076829, 6.498829}, 1e-6);
  CHECK(visits.sum() == Approx(20.0));
  // With the state after the last action, as the library counts.
  check_close(state_probabilities(mdp, soft.policy).colwise().sum().transpose(),
              {6.998829, 3.397594, 3.397594, 0.405233, 6.800749}, 1e-6);
  CHECK(visits.dot(reference_reward()) == Approx(37.8474).epsilon(2e-6));
  CHECK(hard_optimal(mdp, reference_reward()) == Approx(39.5));
}

TEST_CASE("a discount weighs visits by gamma^t", "[irl]") {
  const TabularMdp mdp = reference_mdp();
  const SoftSolution soft = soft_optimal(mdp, reference_reward(), 0.9);
  const Eigen::VectorXd visits = occupancy(mdp, soft.policy, 0.9);
  CHECK(visits.sum() == Approx((1 - std::pow(0.9, 20)) / 0.1));
}

TEST_CASE("rewards learnt from the reference expert's visits bring those visits and its return back",
          "[irl]") {
  const TabularMdp mdp = reference_mdp();
  const Eigen::VectorXd expert = occupancy(mdp, soft_optimal(mdp, reference_reward()).policy);
  const MceResult learnt =
      mce_irl(mdp, Eigen::MatrixXd::Identity(5, 5), expert, {.learning_rate = 0.1, .iterations = 5000});
  CAPTURE(learnt.iterations, learnt.occupancy_error);
  CHECK(learnt.converged);
  CHECK((learnt.occupancy - expert).cwiseAbs().maxCoeff() < 1e-3);
  for (int t = 0; t < 19; ++t) {
    const auto& policy = learnt.solution.policy[static_cast<std::size_t>(t)];
    CHECK(policy(0, 0) == Approx(policy(0, 2)).epsilon(1e-3));
    CHECK(policy(0, 0) > 2 * policy(0, 1));
    for (const int s : {3, 4}) CHECK((policy.row(s).array() - 1.0 / 3).abs().maxCoeff() < 1e-9);
  }
  CHECK(learnt.occupancy.dot(reference_reward()) >= 19 * 2 * 0.8);
  CHECK(learnt.theta.norm() < 1000);
}

TEST_CASE("in a 5 by 5 grid world 200 steps find a reward whose policy is worth the expert's", "[irl]") {
  const TabularMdp mdp = grid_world({});
  Eigen::VectorXd reward = Eigen::VectorXd::Zero(25);
  reward(24) = 1;   // the far corner
  reward(12) = -1;  // the middle is to be avoided
  const Eigen::VectorXd expert = occupancy(mdp, soft_optimal(mdp, reward).policy);
  const MceResult learnt = mce_irl(mdp, Eigen::MatrixXd::Identity(25, 25), expert,
                                   {.learning_rate = 0.05, .iterations = 200, .tolerance = 1e-3});
  CAPTURE(learnt.iterations, learnt.occupancy_error);
  CHECK(learnt.occupancy_error < 1e-2);
  CHECK(learnt.occupancy.dot(reward) >= 0.98 * expert.dot(reward));
  // A uniform policy is worth far less: the test could fail.
  const TabularPolicy uniform(20, Eigen::MatrixXd::Constant(25, 4, 0.25));
  CHECK(occupancy(mdp, uniform).dot(reward) < 0.3 * expert.dot(reward));
}

TEST_CASE("the gradient of the expert's log-likelihood is its visits less the policy's", "[irl]") {
  const TabularMdp mdp = grid_world({.width = 3, .height = 2, .slip = 0.2, .horizon = 6});
  Eigen::VectorXd reward(6);
  reward << 0.3, -0.2, 0.5, 0.1, 0.9, -0.4;
  // For gamma = 1 that likelihood is expert.R - sum_s p0(s) V_0(s) + const, so dV_0/dR are the visits.
  const auto value = [&](const Eigen::VectorXd& r) {
    return mdp.initial.dot(soft_optimal(mdp, r).value.row(0).transpose());
  };
  const Eigen::VectorXd visits = occupancy(mdp, soft_optimal(mdp, reward).policy);
  for (int s = 0; s < 6; ++s) {
    const Eigen::VectorXd h = 1e-5 * Eigen::VectorXd::Unit(6, s);
    CHECK((value(reward + h) - value(reward - h)) / 2e-5 == Approx(visits(s)).epsilon(1e-7));
  }
}

TEST_CASE("in the grid world a move slips with the probability given and stays inside", "[irl]") {
  const TabularMdp mdp = grid_world({.width = 4, .height = 3, .slip = 0.2});
  // From cell (0, 0): right goes right by 0.8 + 0.05, down by 0.05, and stays when it slips up or left.
  CHECK(mdp.transitions[1](0, 1) == Approx(0.85));
  CHECK(mdp.transitions[1](0, 4) == Approx(0.05));
  CHECK(mdp.transitions[1](0, 0) == Approx(0.1));
}

TEST_CASE("MDPs, visits and settings that make no sense are refused by name", "[irl]") {
  TabularMdp mdp = reference_mdp();
  const Eigen::MatrixXd features = Eigen::MatrixXd::Identity(5, 5);
  const Eigen::VectorXd four = Eigen::VectorXd::Constant(5, 4);
  const Eigen::VectorXd five = Eigen::VectorXd::Constant(5, 5);
  CHECK_THROWS_WITH(mce_irl(mdp, features, five).iterations,
                    ContainsSubstring("want expert visits that sum to 20.000000"));
  CHECK_THROWS_WITH(mce_irl(mdp, features, four, {.discount = 1.5}).iterations,
                    ContainsSubstring("mce discount"));
  mdp.transitions[2](3, 4) = 0.7;
  CHECK_THROWS_WITH(validate(mdp), ContainsSubstring("action 2 from state 3: want probabilities"));
  CHECK_THROWS_WITH(grid_world({.start = 25}).horizon, ContainsSubstring("found start 25 of 5 by 5"));
}

}  // namespace understudy
