// A kind of policy that the program does not have, through everything that policies go through.

#include "bc/policies/policy_kinds.h"

#include "bc/policies/mlp_policy.h"
#include "bc/policies/policy_archive.h"
#include "datasets/types/error.h"
#include "envs/rollouts/evaluation.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tests/support/linear_recurrent_policy.h"
#include "tests/support/script_file.h"
#include "tests/support/temporary_directory.h"

namespace understudy {

using namespace tests;

namespace {

/// As plugins do it: once, before anything is loaded.
const bool kAdded = [] {
  add_policy_kind(linear_recurrent_policy_kind());
  return true;
}();

EnvironmentSpec pendulum() {
  return make_environment("InvertedPendulum")->spec();
}

Matrix random_observations(int rows, int columns, std::uint64_t seed) {
  Rng rng(seed);
  Matrix observations(rows, columns);
  for (float& value : observations.reshaped()) value = static_cast<float>(rng.normal());
  return observations;
}

/// Actions of one row over an episode of these observations. `[steps, act_dim]`
Matrix alone(const Policy& policy, const Matrix& observations) {
  const auto actor = policy_actor(policy);
  Matrix actions(observations.rows(), policy.action.size());
  actor->reset(0, 0);
  for (Eigen::Index step = 0; step < observations.rows(); ++step)
    actor->act(observations.row(step), actions.row(step));
  return actions;
}

}  // namespace

TEST_CASE("a recurrent policy's rows have a state each, which reset begins anew", "[bc]") {
  const Policy policy = random_recurrent_policy(pendulum(), 6, 3);
  constexpr int kSteps = 12;
  constexpr int kLater = 5;  // the middle row begins anew then
  const auto actor = policy_actor(policy);
  const Matrix first = random_observations(kSteps, policy.observation.size(), 10);
  const Matrix middle = random_observations(kSteps, policy.observation.size(), 11);
  const Matrix last = random_observations(kSteps, policy.observation.size(), 12);
  Matrix actions(3, policy.action.size());
  Matrix by_row[3];
  for (Matrix& row : by_row) row.resize(kSteps, policy.action.size());
  for (int row = 0; row < 3; ++row) actor->reset(row, 0);
  for (int step = 0; step < kSteps; ++step) {
    if (step == kLater) actor->reset(1, 0);
    Matrix observations(3, policy.observation.size());
    observations.row(0) = first.row(step);
    observations.row(1) = middle.row(step < kLater ? step : step - kLater);
    observations.row(2) = last.row(step);
    actor->act(observations, actions);
    for (int row = 0; row < 3; ++row) by_row[row].row(step) = actions.row(row);
  }
  CHECK(by_row[0] == alone(policy, first));
  CHECK(by_row[2] == alone(policy, last));
  CHECK(by_row[1].topRows(kLater) == alone(policy, middle.topRows(kLater)));
  CHECK(by_row[1].bottomRows(kSteps - kLater) == alone(policy, middle.topRows(kSteps - kLater)));
  // It does remember: the same observation again gives another action.
  const Matrix twice = Matrix::Zero(2, policy.observation.size());
  actor->reset(0, 0);
  actor->act(twice.row(0), actions.row(0));
  actor->act(twice.row(1), actions.row(1));
  CHECK(actions.row(0) != actions.row(1));
}

TEST_CASE("a recurrent policy comes back from its file and acts like its TorchScript over an episode",
          "[bc]") {
  const TemporaryDirectory scratch;
  const Policy policy = random_recurrent_policy(pendulum(), 6, 3);
  save_policy(policy, scratch / "policy.pt");
  const Policy back = load_policy(scratch / "policy.pt");
  CHECK(back.network->kind() == "linear_recurrent");
  const Matrix seen = random_observations(30, policy.observation.size(), 1);
  CHECK(alone(back, seen) == alone(policy, seen));

  const auto actor = policy_actor(back);
  const auto script = script_in_file(scratch / "policy.pt");
  Matrix ours(4, policy.action.size());
  Matrix scripted(4, policy.action.size());
  for (int episode = 0; episode < 2; ++episode) {  // the second shows that both forget the first
    for (int row = 0; row < 4; ++row) {
      actor->reset(row, 0);
      script->reset(row, 0);
    }
    for (int step = 0; step < 20; ++step) {
      const Matrix observations =
          random_observations(4, policy.observation.size(), static_cast<std::uint64_t>(100 + step));
      actor->act(observations, ours);
      script->act(observations, scripted);
      CHECK((ours - scripted).cwiseAbs().maxCoeff() < 1e-5F);
      CHECK(ours.cwiseAbs().maxCoeff() > 1e-3F);
    }
  }
}

TEST_CASE("a recurrent policy is evaluated like any other, whatever the threads", "[bc]") {
  const Policy policy = random_recurrent_policy(pendulum(), 6, 3);
  const auto lengths = [&](int threads) {
    EvaluationOptions options;
    options.episodes = 12;
    options.threads = threads;
    std::vector<int> steps;
    for (const EpisodeOutcome& outcome : evaluate(
             "InvertedPendulum", [&] { return policy_actor(policy); }, options)) {
      steps.push_back(outcome.length);
    }
    return steps;
  };
  const std::vector<int> one = lengths(1);
  CHECK(one.size() == 12);
  CHECK(lengths(3) == one);
}

TEST_CASE("a recurrent policy comes back from a checkpoint", "[bc]") {
  Policy policy = random_recurrent_policy(pendulum(), 6, 3);
  Archive saving;
  serialise_policy(saving, policy);
  Policy back;
  Archive loading(saving.bytes(), "a.ckpt");
  serialise_policy(loading, back);
  loading.finish();
  const Matrix observations = random_observations(30, policy.observation.size(), 1);
  CHECK(alone(back, observations) == alone(policy, observations));
}

TEST_CASE("who needs an MLP says so when the policy is of another kind", "[bc]") {
  CHECK_THROWS_WITH(mlp_of(random_recurrent_policy(pendulum(), 6, 3)),
                    ContainsSubstring("an MLP, found one of kind linear_recurrent"));
  CHECK_THROWS_WITH(mlp_of(Policy()), ContainsSubstring("an MLP, found none"));
}

TEST_CASE("a kind of policy has one name, and unknown ones are refused with those known", "[bc]") {
  CHECK(policy_kind("mlp").name == "mlp");
  CHECK_THROWS_WITH(policy_kind("perceptron"),
                    ContainsSubstring("known: mlp, ") && ContainsSubstring(", linear_recurrent"));
  CHECK_THROWS_WITH(add_policy_kind(mlp_policy_kind()), ContainsSubstring("mlp: want a name of its own"));
}

}  // namespace understudy
