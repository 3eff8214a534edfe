// Policies that plan or remember, as actors and in files.

#include "bc/policies/sequence_policy.h"

#include "bc/policies/script_actor.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/integrator.h"
#include "tests/support/sequence_policies.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

TEST_CASE("without dice a policy acts as its TorchScript does, step by step") {
  const std::string kind = GENERATE("feedforward", "ensemble", "recurrent", "transformer", "act", "stream");
  const bool at_once = GENERATE(false, true);
  CAPTURE(kind, at_once);
  DesignConfig config = small(kind);
  if (kind == "act" && at_once) {
    config.ensemble = 0;
    config.executed = 7;
  }
  const Policy policy = random_sequence_policy(kind, config);
  const auto fast = policy_actor(policy);
  const auto slow = script_actor(policy);
  Rng rng(5);
  for (int episode = 0; episode < 2; ++episode) {
    for (int row = 0; row < 2; ++row) fast->reset(row, 1);
    slow->reset(0, 1);
    for (int step = 0; step < 45; ++step) {
      const Matrix observations = random_rows(2, rng);
      Matrix a(2, kAct), b(2, kAct);
      fast->act(observations, a);
      slow->act(observations, b);
      CAPTURE(episode, step, a, b);
      REQUIRE((a - b).cwiseAbs().maxCoeff() < 1e-5F);
      REQUIRE(a.cwiseAbs().maxCoeff() <= 1.0F);
    }
  }
}

TEST_CASE("a row's actions are its own: by its seed and its observations, whatever the others do") {
  const std::string kind = GENERATE("feedforward", "recurrent", "diffusion", "flow");
  CAPTURE(kind);
  DesignConfig config = small(kind);
  config.head.name = "gmm";
  const Policy policy = random_sequence_policy(kind, config);
  Rng rng(7);
  std::vector<Matrix> seen;
  for (int step = 0; step < 20; ++step) seen.push_back(random_rows(3, rng));
  const auto alone = policy_actor(policy), among = policy_actor(policy);
  alone->reset(0, 11);
  for (int row = 0; row < 3; ++row) among->reset(row, row == 1 ? 11 : 20 + static_cast<std::uint64_t>(row));
  bool differs = false;
  for (const Matrix& observations : seen) {
    Matrix a(1, kAct), b(3, kAct);
    alone->act(observations.row(1), a);
    among->act(observations, b);
    REQUIRE((a.row(0).array() == b.row(1).array()).all());
    differs = differs || (b.row(0).array() != b.row(1).array()).any();
  }
  CHECK(differs);
  // Another episode begins anew.
  alone->reset(0, 11);
  Matrix again(1, kAct), first(1, kAct);
  alone->act(seen[0].row(1), again);
  among->reset(1, 11);
  Matrix others(3, kAct);
  among->act(seen[0], others);
  CHECK((again.row(0).array() == others.row(1).array()).all());
}

TEST_CASE("every kind comes back from its file bit for bit") {
  const TemporaryDirectory folder;
  for (const std::string& kind : design_names()) {
    CAPTURE(kind);
    const Policy policy = random_sequence_policy(kind, small(kind));
    save_policy(policy, folder / "policy.pt");
    const Policy loaded = load_policy(folder / "policy.pt");
    CHECK(loaded.network->kind() == kind);
    CHECK(loaded.network->description() == policy.network->description());
    CHECK(loaded.observation_history == policy.observation_history);
    CHECK(loaded.planned_actions == policy.planned_actions);
    const auto& before = dynamic_cast<const SequencePolicy&>(*policy.network);
    const auto& after = dynamic_cast<const SequencePolicy&>(*loaded.network);
    CHECK((before.parameters().array() == after.parameters().array()).all());
  }
}

TEST_CASE("a policy with another window than its network is refused") {
  Policy policy = random_sequence_policy("transformer", small("transformer"));
  policy.observation_history = 3;
  CHECK_THROWS_WITH(check_policy(policy, "here"), ContainsSubstring("here: ") &&
                                                      ContainsSubstring("history of 10") &&
                                                      ContainsSubstring("found 3"));
}

}  // namespace
}  // namespace understudy
