// IQ-Learn and ValueDICE on a task: what they learn, that they go on as they were, what they refuse.

#include <algorithm>
#include <cmath>
#include <vector>

#include "bc/policies/mlp_policy.h"
#include "datasets/types/error.h"
#include "irl/values/iq_learn.h"
#include "irl/values/value_dice.h"
#include "tests/support/catch.h"
#include "tests/support/imitation_fixture.h"

namespace understudy {
using namespace tests;
namespace {

/// On a line, x' = x + 0.25 a; 40 steps from x in [-1, 1]. The expert goes to 0.5: a = clamp(2 (0.5 - x)).
float expert_action(float x) {
  return std::clamp(2 * (0.5F - x), -0.95F, 0.95F);
}

class Line {
 public:
  explicit Line(std::uint64_t seed) : rng_(seed) { begin(); }
  float position() const { return x_; }
  Steps step(float action) {
    Steps steps;
    steps.resize(1, 1, 1);
    steps.observations << x_;
    steps.actions << action;
    x_ += 0.25F * action;
    steps.next_observations << x_;
    steps.rewards.setZero();
    steps.terminated[0] = 0;
    steps.truncated[0] = ++t_ == 40;
    steps.streams[0] = 0;
    if (t_ == 40) begin();
    return steps;
  }

 private:
  void begin() {
    x_ = static_cast<float>(rng_.uniform(-1, 1));
    t_ = 0;
  }
  Rng rng_;
  float x_ = 0;
  int t_ = 0;
};

const ExpertTransitions& line_expert() {
  static const ExpertTransitions* expert = [] {
    std::vector<Row> rows;
    Line line(77);
    for (int i = 0; i < 200; ++i) {
      const float x = line.position();
      const float action = expert_action(x);
      const Steps steps = line.step(action);
      rows.push_back({x, action, steps.next_observations(0, 0), false});
    }
    return scalar_expert(rows);
  }();
  return *expert;
}

/// Mean distance of the policy's positions from the expert's at the same time, over
/// 40 steps from four starts.
double distance(const Policy& policy) {
  const Mlp network(mlp_of(policy).spec);
  MlpWorkspace workspace;
  double sum = 0;
  for (const float start : {-1.0F, -0.4F, 0.3F, 1.0F}) {
    float x = start;
    float expert = start;
    for (int t = 0; t < 40; ++t) {
      network.forward(mlp_of(policy).parameters, Matrix::Constant(1, 1, x), workspace);
      x += 0.25F * std::tanh(workspace.outputs()(0, 0));
      expert += 0.25F * expert_action(expert);
      sum += static_cast<double>(std::abs(x - expert)) / 160;
    }
  }
  return sum;
}

/// Trains for so many steps.
void train(OffPolicyLearner& learner, int steps) {
  Line line(5);
  RewardLearner none;
  for (int t = 0; t < steps; ++t) {
    Matrix action(1, 1);
    learner.act(Matrix::Constant(1, 1, line.position()), action);
    learner.observe(line.step(action(0, 0)));
    learner.update(none);
  }
}

}  // namespace

// ValueDICE swings, as games of two players do, and the more so the faster the actor learns: with seeds 1, 2
// and 3 it ends at .03, .07, .007, averaged at .016, .051, .007; with an actor at 1e-4 at 1.2, .04, .2.
TEST_CASE("IQ-Learn and ValueDICE follow the expert's path after 200 of its steps", "[irl][slow]") {
  const RlProblem problem{.obs_dim = 1, .act_dim = 1, .horizon = 40, .seed = 1};
  const OffPolicyConfig off_policy{.batch = 64, .start = 200};
  SECTION("IQ-Learn") {
    const bool least_squares = GENERATE(false, true);
    const auto learner = make_iq_learn(problem,
                                       {.off_policy = off_policy,
                                        .hidden = {32, 32},
                                        .critic_learning_rate = 1e-3,
                                        .actor_learning_rate = 3e-4,
                                        .least_squares = least_squares},
                                       line_expert());
    CHECK(distance(learner->policy()) > 0.3);
    for (int i = 0; i < 4; ++i) train(*learner, 1500);
    CHECK(distance(learner->policy()) < 0.05);
  }
  SECTION("ValueDICE") {
    ValueDiceConfig config{.off_policy = off_policy, .hidden = {32, 32}, .actor_learning_rate = 3e-5};
    config.off_policy.average = 1000;
    config.off_policy.updates_per_step = 3;
    const auto learner = make_value_dice(problem, config, line_expert());
    CHECK(distance(learner->policy()) > 0.3);
    for (int i = 0; i < 4; ++i) train(*learner, 1500);
    CHECK(distance(learner->policy()) < 0.05);
  }
}

TEST_CASE("restored, both go on with the same bits", "[irl]") {
  const RlProblem problem{.obs_dim = 1, .act_dim = 1, .horizon = 40, .seed = 1};
  const OffPolicyConfig off_policy{.batch = 16, .start = 20};
  using Factory = std::unique_ptr<OffPolicyLearner> (*)(const RlProblem&, const OffPolicyConfig&);
  const auto make =
      GENERATE(Factory{[](const RlProblem& p, const OffPolicyConfig& c) {
                 return make_iq_learn(p, {.off_policy = c, .hidden = {8}, .critics = 2}, line_expert());
               }},
               Factory{[](const RlProblem& p, const OffPolicyConfig& c) {
                 return make_value_dice(p, {.off_policy = c, .hidden = {8}}, line_expert());
               }});
  const auto learner = make(problem, off_policy);
  train(*learner, 60);
  Archive saving;
  learner->serialise(saving);
  RlProblem other = problem;
  other.seed = 2;
  const auto restored = make(other, off_policy);
  Archive loading(saving.bytes(), "learner");
  restored->serialise(loading);
  loading.finish();
  train(*learner, 30);
  train(*restored, 30);
  CHECK(learner->updates() == 70);
  CHECK(mlp_of(learner->policy()).parameters == mlp_of(restored->policy()).parameters);
}

TEST_CASE("learners that imitate by values refuse what they cannot learn from", "[irl]") {
  const RlProblem problem{.obs_dim = 1, .act_dim = 1, .horizon = 40};
  CHECK_THROWS_WITH(make_iq_learn(problem, {}, *scalar_expert({{0, 0, 0, false}})),
                    ContainsSubstring("want at least 2 transitions, found 1"));
  CHECK_THROWS_WITH(make_value_dice(problem, {}, *scalar_expert({})), ContainsSubstring("found 0"));
  CHECK_THROWS_WITH(make_iq_learn(problem, {.value_loss = "v1"}, line_expert()),
                    ContainsSubstring("--value-loss: want one of value, value-expert, v0, found 'v1'"));
  CHECK_THROWS_WITH(make_value_dice(problem, {.replay_share = 1}, line_expert()),
                    ContainsSubstring("--replay-share: want a number from 0 to 0.99, found 1"));
}

}  // namespace understudy
