// Checkpoints whose checksum is right but whose values no learner has ever saved.

#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "datasets/types/error.h"
#include "irl/runs/learners.h"
#include "tests/support/catch.h"
#include "tests/support/imitation_fixture.h"

namespace understudy {
using namespace tests;
namespace {

constexpr int kObs = 3, kAct = 2;

/// Where a field's value begins in an archive's bytes; npos if there is none of the name.
std::size_t value_of(const std::string& bytes, const std::string& field) {
  const auto length = static_cast<std::uint64_t>(field.size());
  std::string head(sizeof length, '\0');
  std::memcpy(head.data(), &length, sizeof length);
  const std::size_t found = bytes.find(head + field);
  return found == std::string::npos ? found : found + head.size() + field.size();
}

template <class T>
std::string raw(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

/// A value that no run saves, written `skip` bytes behind the beginning of a field's value.
struct Foreign {
  std::string field;
  std::size_t skip = 0;
  std::string bytes;
  std::string complaint{};  ///< the field that it shows in, where that is another one
};

/// How many of the values below stand in what `make()` saves, each of which `make()` must refuse by its name.
template <class Make>
int refused(const Make& make) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::uint64_t huge = ~std::uint64_t{0};
  constexpr std::size_t kSize = sizeof(std::uint64_t);  // of vectors and lists comes before their entries
  const Foreign all[] = {{"updates", 0, raw(huge)},
                         {"steps", 0, raw(huge)},
                         {"prefilled", 0, raw(std::uint8_t{2})},
                         {"learner rng", kSize, "x"},
                         {"reward rng", kSize, "-"},
                         {"actor", kSize, raw(nan)},
                         {"critic", kSize, raw(nan)},
                         {"log temperature", kSize, raw(nan)},
                         {"nu", kSize, raw(nan)},
                         {"discriminator", kSize, raw(nan)},
                         {"reward network", kSize, raw(nan)},
                         {"sinkhorn critic", kSize, raw(nan)},
                         {"adam second", kSize, raw(-1.0F)},
                         {"adam steps", 0, raw(huge)},
                         {"replay added", 0, raw(huge)},
                         {"replay added", 0, raw(std::uint64_t{2000}), "replay observations"},
                         {"replay observations", 0, raw(std::int64_t{1})},
                         {"replay reward count", 0, raw(-1)},
                         {"replay reward count", 0, raw(std::numeric_limits<int>::max())},
                         {"replay terminated", kSize, raw(std::uint8_t{7})},
                         {"statistics count", 0, raw(-1.0)},
                         {"statistics mean", 0, raw(std::numeric_limits<double>::infinity())},
                         {"statistics squares", 0, raw(-1.0)},
                         {"normaliser scale", kSize, raw(nan)},
                         {"running return", 0, raw(std::numeric_limits<double>::quiet_NaN())},
                         {"rollout rows", 0, raw(std::int64_t{0}) + raw(std::int64_t{0})},
                         {"agent terminations", 0, raw(-0.5)},
                         {"agent transitions", 0, raw(huge)},
                         {"pwil steps", 0, raw(std::int64_t{5}) + raw(std::int64_t{8})}};
  const auto saved = [&] {
    Archive archive;
    make()->serialise(archive);
    return archive.bytes();
  }();
  int refusals = 0;
  for (const Foreign& foreign : all) {
    const std::size_t value = value_of(saved, foreign.field);
    if (value == std::string::npos) continue;
    INFO(foreign.field);
    std::string bytes = saved;
    bytes.replace(value + foreign.skip, foreign.bytes.size(), foreign.bytes);
    Archive loading(std::move(bytes), "last.ckpt");
    const std::string& complaint = foreign.complaint.empty() ? foreign.field : foreign.complaint;
    CHECK_THROWS_WITH(make()->serialise(loading), ContainsSubstring("last.ckpt: " + complaint + ": want"));
    ++refusals;
  }
  return refusals;
}

Steps some_steps(int count) {
  Steps steps;
  steps.resize(count, kObs, kAct);
  steps.observations.setConstant(0.5F);
  steps.actions.setZero();
  steps.next_observations.setConstant(0.25F);
  steps.rewards.setOnes();
  return steps;
}

}  // namespace

TEST_CASE("every RL learner refuses foreign values in its checkpoint by name", "[irl]") {
  Rng rng(1);
  const ExpertTransitions& expert = *as_expert(random_transitions(20, kObs, kAct, 0, rng));
  const RlProblem problem{.obs_dim = kObs, .act_dim = kAct, .horizon = 50, .steps = 1000};
  for (const RlKind& kind : rl_kinds()) {
    INFO(kind.name);
    const auto make = [&] {
      auto learner = kind.options()->make(problem, &expert);
      Steps step = some_steps(1);
      for (int t = 0; t < 8; ++t) {
        learner->act(step.observations, step.actions);
        learner->observe(step);
      }
      return learner;
    };
    CHECK(refused(make) >= 10);
  }
}

TEST_CASE("every reward learner with a state refuses foreign values in its checkpoint by name", "[irl]") {
  Rng rng(1);
  const ImitationProblem problem{.expert = as_expert(random_transitions(20, kObs, kAct, 0, rng)),
                                 .horizon = 50};
  for (const RewardKind& kind : reward_kinds()) {
    if (kind.name == "otr" || kind.name == "sliced") continue;  // means for reports, and a generator
    INFO(kind.name);
    const auto make = [&] {
      auto reward = kind.options()->make(problem);
      Steps steps = some_steps(8);
      if (!reward->scores_episodes()) reward->score(steps);
      return reward;
    };
    CHECK(refused(make) >= 1);
  }
}

}  // namespace understudy
