// GAIL, DAC and FAIRL: which rewards, what ending is worth, and that a run goes on as it was.

#include <algorithm>
#include <cmath>

#include "bc/networks/divergence_error.h"
#include "irl/experts/termination_rates.h"
#include "irl/rewards/adversarial_reward.h"
#include "irl/rewards/sqil_reward.h"
#include "tests/support/catch.h"
#include "tests/support/imitation_fixture.h"

namespace understudy {
using namespace tests;
namespace {

/// A step that terminates with reward r, and TD learning of its value: the answer is r + gamma V(absorbing).
double value_by_td(double reward, double absorbing_reward, double gamma) {
  double value = 0;
  for (int i = 0; i < 2000; ++i) value += 0.1 * (reward + gamma * absorbing_reward / (1 - gamma) - value);
  return value;
}

struct Choice {
  double loop = 0;  ///< value of going round for ever
  double end = 0;   ///< value of ending at once
};

/// In state 0 an agent may loop (a = -1) or end the episode (a = 1); the expert ends. What is each worth
/// after the discriminator has seen both?
Choice loop_or_end(const std::string& form, bool absorbing) {
  AdversarialConfig config{.form = form, .hidden = {16}, .learning_rate = 3e-3, .batch = 64};
  config.absorbing = absorbing;
  const double gamma = 0.99;
  const auto reward = make_adversarial_reward(
      {.expert = scalar_expert({{0, 1, 0, true}, {0, 1, 0, true}}), .gamma = gamma}, config);
  NoDensity none;
  std::vector<Row> rows(64, {0, -1, 0, false});
  for (std::size_t i = 0; i < 16; ++i) rows[i] = {0, 1, 0, true};
  const TransitionBatch agent = scalar_batch(rows);
  for (int i = 0; i < 1500; ++i) reward->learn(agent, none);
  TransitionBatch both = scalar_batch({{0, -1, 0, false}, {0, 1, 0, true}});
  reward->relabel(both, none);
  return {static_cast<double>(both.rewards(0)) / (1 - gamma),
          static_cast<double>(both.rewards(1)) + gamma * reward->absorbing_reward() / (1 - gamma)};
}

}  // namespace

TEST_CASE("the rewards of a logit are those of the papers", "[irl]") {
  CHECK(adversarial_reward("softplus", 0.587787) == Approx(1.029619).epsilon(1e-6));
  CHECK(adversarial_reward("softplus", -1.609438) == Approx(0.182322).epsilon(1e-5));
  CHECK(adversarial_reward("softplus", 0) == Approx(0.693147).epsilon(1e-6));
  CHECK(adversarial_reward("softplus", 1000) == 1000);
  CHECK(adversarial_reward("softplus", -1000) == 0);
  CHECK(adversarial_reward("logit", -1.25) == -1.25);
  CHECK(adversarial_reward("fairl", 1) == Approx(-std::exp(1.0)));
  CHECK(adversarial_reward("fairl", -1) == Approx(std::exp(-1.0)));  // its greatest value
  CHECK(adversarial_reward("fairl", 3) == kLeastFairl);
  CHECK(adversarial_reward("fairl", 1000) == kLeastFairl);
  CHECK_THROWS_WITH(adversarial_reward("logits", 0), ContainsSubstring("did you mean 'logit'"));
}

TEST_CASE("an absorbing state that the agent reaches four times as often is worth log(1/4) / (1 - gamma)",
          "[irl]") {
  // Every agent's step terminates: half its rows are absorbing. Of the expert's two transitions one
  // terminates and counts 1/6 with its absorbing row: 1/6 in 1 + 1/6 + 1/6 is 1/8. log(1/8 / 1/2) =
  // -1.386294; cut off at the termination, the value would be -1.386.
  const auto reward = make_adversarial_reward(
      {.expert = scalar_expert({{0, 0, 0, true}, {0, 0, 0, false}}, 6)}, {.hidden = {4}, .batch = 8});
  NoDensity none;
  CHECK(reward->absorbing_reward() > 0);  // so far only the expert terminates
  reward->learn(scalar_batch(std::vector<Row>(8, {0, 0, 0, true})), none);
  CHECK(reward->absorbing_reward() == Approx(-1.386294).epsilon(1e-6));
  CHECK(value_by_td(reward->absorbing_reward(), reward->absorbing_reward(), 0.99) ==
        Approx(-138.6294).epsilon(1e-6));
}

TEST_CASE("where only the agent terminates, ending is worse by as much as the demonstrations can tell",
          "[irl]") {
  const ExpertTransitions& expert = *scalar_expert(std::vector<Row>(50, {0, 0, 0, false}), 20);
  TerminationRates rates(expert);
  CHECK(rates.absorbing_logit() == 0);  // nobody terminates
  std::vector<std::uint8_t> agent(100, 0);
  std::fill_n(agent.begin(), 25, 1);
  rates.see(agent);
  // A quarter of the agent's steps, 0.2 of its rows, against half a termination in 1000 steps of the expert.
  CHECK(rates.absorbing_logit() == Approx(std::log(0.0005 / 1.0005 / 0.2)));
  // A discriminator that is surer than that: ending is never better than to go on as the agent does.
  CHECK(rates.absorbing_logit(-20) == -20);
  CHECK(rates.absorbing_logit(3) == rates.absorbing_logit());
  for (int i = 0; i < 20'000; ++i) rates.see(std::vector<std::uint8_t>(1000, 0));
  CHECK(rates.absorbing_logit() == 0);  // and forgotten
  const ExpertTransitions& ending = *scalar_expert({{0, 0, 0, true}, {0, 0, 0, false}}, 6);
  TerminationRates ended(ending);
  CHECK(ended.absorbing_logit(-20) == ended.absorbing_logit());  // the expert ends too
}

TEST_CASE("between equals GAIL's absorbing state is worth log 2 / (1 - gamma)", "[irl]") {
  AdversarialConfig config = gail_config();
  config.penalty = 0;
  const auto reward =
      make_adversarial_reward({.expert = scalar_expert({{0.5F, 0, 0, true}, {0.5F, 0, 0, true}})}, config);
  NoDensity none;
  TransitionBatch agent = scalar_batch(std::vector<Row>(64, {0.5F, 0, 0, true}));
  for (int i = 0; i < 300; ++i) reward->learn(agent, none);
  reward->relabel(agent, none);
  CHECK(agent.rewards(0) == Approx(0.693147).margin(1e-3));
  CHECK(value_by_td(static_cast<double>(agent.rewards(0)), reward->absorbing_reward(), 0.99) ==
        Approx(69.3147).margin(0.1));
}

TEST_CASE("without absorbing states positive rewards keep an agent looping; with them it ends as the expert",
          "[irl]") {
  const Choice biased = loop_or_end("softplus", false);
  CHECK(biased.loop > biased.end);
  for (const std::string form : {"softplus", "logit"}) {
    CAPTURE(form);
    const Choice fair = loop_or_end(form, true);
    CHECK(fair.loop < fair.end);
  }
}

TEST_CASE("the expert's actions earn more than others, by every form but FAIRL's for what only it does",
          "[irl]") {
  Rng rng(7);
  const auto form = GENERATE(std::string("softplus"), std::string("logit"));
  AdversarialConfig config{.form = form, .hidden = {32}};
  const auto reward =
      make_adversarial_reward({.expert = as_expert(random_transitions(200, 3, 2, 1, rng))}, config);
  NoDensity none;
  const auto learn = [&] {
    for (int i = 0; i < 300; ++i) reward->learn(random_transitions(256, 3, 2, -1, rng), none);
  };
  learn();
  Metrics beginning;
  reward->report(beginning);
  learn();
  TransitionBatch expert = random_transitions(100, 3, 2, 1, rng);
  TransitionBatch agent = random_transitions(100, 3, 2, -1, rng);
  reward->relabel(expert, none);
  reward->relabel(agent, none);
  CHECK(expert.rewards.mean() > agent.rewards.mean() + 0.5F);
  Metrics metrics;
  reward->report(metrics);
  for (const auto& [name, value] : metrics.values()) {
    CAPTURE(name, value);
    CHECK(std::isfinite(value));
    if (name == "discriminator_agent_accuracy") CHECK(value > 0.75);
    if (name == "discriminator_loss") CHECK(value < 0.6);
  }
}

TEST_CASE("what the discriminator is not to see does not change a reward", "[irl]") {
  Rng rng(8);
  const TransitionBatch data = random_transitions(50, 3, 2, 0, rng);
  for (const bool sees_actions : {true, false}) {
    AdversarialConfig config{.hidden = {8}};
    config.actions = sees_actions;
    config.next_observations = !sees_actions;
    const auto reward = make_adversarial_reward({.expert = as_expert(data)}, config);
    NoDensity none;
    TransitionBatch batch = data;
    reward->relabel(batch, none);
    TransitionBatch other = data;
    (sees_actions ? other.next_observations : other.actions).setConstant(0.3F);
    reward->relabel(other, none);
    CHECK(other.rewards == batch.rewards);
    (sees_actions ? other.actions : other.next_observations).setConstant(0.3F);
    reward->relabel(other, none);
    CHECK(other.rewards != batch.rewards);
  }
}

TEST_CASE("a discriminator that learns on every third batch learns a third as often", "[irl]") {
  Rng rng(9);
  const TransitionBatch data = random_transitions(20, 2, 1, 0, rng);
  AdversarialConfig config{.hidden = {8}, .batch = 20, .every = 3};
  const ImitationProblem problem{.expert = as_expert(data)};
  const auto reward = make_adversarial_reward(problem, config);
  config.every = 1;
  const auto eager = make_adversarial_reward(problem, config);
  NoDensity none;
  for (int i = 0; i < 9; ++i) reward->learn(data, none);
  for (int i = 0; i < 3; ++i) eager->learn(data, none);
  TransitionBatch a = data;
  TransitionBatch b = data;
  reward->relabel(a, none);
  eager->relabel(b, none);
  CHECK(a.rewards == b.rewards);
}

TEST_CASE("a restored discriminator goes on with the same bits", "[irl]") {
  Rng rng(10);
  const ImitationProblem problem{.expert = as_expert(random_transitions(40, 3, 2, 1, rng))};
  const AdversarialConfig config{.hidden = {16}, .batch = 32, .updates = 2, .every = 2};
  const auto reward = make_adversarial_reward(problem, config);
  NoDensity none;
  for (int i = 0; i < 5; ++i) reward->learn(random_transitions(64, 3, 2, -1, rng), none);
  Archive saving;
  reward->serialise(saving);
  ImitationProblem other_seed = problem;
  other_seed.seed = 99;
  const auto restored = make_adversarial_reward(other_seed, config);
  Archive loading(saving.bytes(), "reward");
  restored->serialise(loading);
  loading.finish();
  const TransitionBatch next = random_transitions(64, 3, 2, -1, rng);
  for (int i = 0; i < 4; ++i) {
    reward->learn(next, none);
    restored->learn(next, none);
  }
  TransitionBatch a = next;
  TransitionBatch b = next;
  reward->relabel(a, none);
  restored->relabel(b, none);
  CHECK(a.rewards == b.rewards);
  CHECK(reward->absorbing_reward() == restored->absorbing_reward());
}

TEST_CASE("options out of range and a discriminator that diverges are told in one line", "[irl]") {
  Rng rng(11);
  const ImitationProblem problem{.expert = as_expert(random_transitions(40, 3, 2, 1, rng))};
  CHECK_THROWS_WITH(make_adversarial_reward(problem, {.form = "log"}),
                    ContainsSubstring("--reward-form: want one of softplus, logit, fairl, found 'log'"));
  CHECK_THROWS_WITH(make_adversarial_reward(problem, {.batch = 0}),
                    ContainsSubstring("--reward-batch: want"));
  const auto reward = make_adversarial_reward(problem, {.hidden = {8}});
  NoDensity none;
  TransitionBatch bad = random_transitions(10, 3, 2, 0, rng);
  bad.observations(3, 1) = std::nanf("");
  CHECK_THROWS_AS(reward->learn(bad, none), DivergenceError);
}

TEST_CASE("SQIL makes half of a batch the expert's with reward 1, the rest 0", "[irl]") {
  const auto reward =
      make_sqil_reward({.expert = scalar_expert({{5, 0.5F, 6, false}, {7, 0.7F, 8, true}})}, {});
  NoDensity none;
  TransitionBatch batch = scalar_batch(std::vector<Row>(101, {1, -1, 2, false}), 0.9F);
  batch.rewards.setConstant(3);  // the task's own must not shine through
  reward->relabel(batch, none);
  int ends = 0;
  for (int i = 0; i < 101; ++i) {
    const float o = batch.observations(i, 0);
    const bool terminated = batch.terminated[static_cast<std::size_t>(i)] != 0;
    CHECK(batch.discounts(i) == 0.9F);
    CHECK(batch.rewards(i) == (i < 50 ? 1 : 0));
    CHECK((i < 50) == (o == 5 || o == 7));
    CHECK(terminated == (o == 7));
    CHECK(batch.next_observations(i, 0) == o + 1);
    CHECK(batch.actions(i, 0) == (i < 50 ? o / 10 : -1));
    ends += terminated ? 1 : 0;
  }
  CHECK(ends > 10);  // of 50, chance 1/2 each
  CHECK(ends < 40);
}

TEST_CASE("SQIL's absorbing state is worth the expert's share in terminations", "[irl]") {
  NoDensity none;
  // The expert's transitions stand for 3 steps of which 1 terminates; every second step of the agent does.
  const ImitationProblem problem{.expert = scalar_expert({{5, 0, 6, false}, {7, 0, 8, true}}, 2)};
  const auto reward = make_sqil_reward(problem, {});
  CHECK(reward->absorbing_reward() == 1);  // only the expert's so far
  for (int i = 0; i < 5; ++i) reward->learn(scalar_batch({{1, 0, 1, false}, {1, 0, 1, true}}), none);
  CHECK(reward->absorbing_reward() == Approx((1.0 / 3) / (1.0 / 3 + 0.5)));
  Archive saving;
  reward->serialise(saving);
  const auto restored = make_sqil_reward(problem, {});
  Archive loading(saving.bytes(), "reward");
  restored->serialise(loading);
  loading.finish();
  CHECK(restored->absorbing_reward() == reward->absorbing_reward());
  TransitionBatch a = scalar_batch(std::vector<Row>(20));
  TransitionBatch b = a;
  reward->relabel(a, none);
  restored->relabel(b, none);
  CHECK(a.observations == b.observations);

  const auto paper = make_sqil_reward(problem, {.absorbing = false});
  CHECK(paper->absorbing_reward() == 0);
  const auto endless = make_sqil_reward({.expert = scalar_expert({{5, 0, 6, false}, {7, 0, 8, false}})}, {});
  CHECK(endless->absorbing_reward() == 0);
}

}  // namespace understudy
