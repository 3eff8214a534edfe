#include "envs/tasks/registry.h"

#include <algorithm>

#include "datasets/types/error.h"
#include "envs/contract/random_actor.h"
#include "envs/rollouts/rollout.h"
#include "tests/support/catch.h"
#include "tests/support/line_task.h"

namespace understudy {
using namespace tests;
namespace {

std::vector<std::string> tasks_with_experts() {
  std::vector<std::string> ids = environment_ids();
  std::erase_if(ids, [](const std::string& id) { return !has_expert(id); });
  return ids;
}

struct Rates {
  int random = 0, expert = 0;
};

Rates successes(const std::string& id, int episodes, std::uint64_t first_seed) {
  const auto env = make_environment(id);
  const auto random = make_random_actor(env->spec().action.size());
  const auto expert = make_expert(id);
  Rates rates;
  for (int i = 0; i < episodes; ++i) {
    const std::uint64_t seed = first_seed + static_cast<std::uint64_t>(i);
    rates.random += rollout(*env, *random, seed).success;
    rates.expert += rollout(*env, *expert, seed).success;
  }
  return rates;
}

TEST_CASE("every task's expert succeeds and chance does not, on 10 seeds") {
  const std::string id = GENERATE(from_range(tasks_with_experts()));
  CAPTURE(id);
  const Rates rates = successes(id, 10, 500);
  CHECK(rates.random == 0);
  CHECK(rates.expert == 10);
}

TEST_CASE("every task's expert succeeds on 95 % of 200 seeds and chance on less than 5 %", "[slow]") {
  const std::string id = GENERATE(from_range(tasks_with_experts()));
  CAPTURE(id);
  const Rates rates = successes(id, 200, 10000);
  CHECK(rates.random < 10);
  CHECK(rates.expert > 190);
}

TEST_CASE("task ids are sorted, unique and what their specs say") {
  const std::vector<std::string> ids = environment_ids();
  CHECK(std::is_sorted(ids.begin(), ids.end()));
  CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
  for (const std::string& id : ids) CHECK(make_environment(id)->spec().id == id);
}

TEST_CASE("an unknown task is refused with the nearest and all known names") {
  CHECK_THROWS_AS(make_environment("drive"), UsageError);
  CHECK_THROWS_WITH(make_environment("Driv"), ContainsSubstring("'Driv'") &&
                                                  ContainsSubstring("did you mean 'Drive'") &&
                                                  ContainsSubstring("known: "));
  CHECK_THROWS_WITH(make_expert("Reech"), ContainsSubstring("did you mean 'Reach'"));
}

TEST_CASE("an expert is a function of the observation: row, history and seed do not matter") {
  const std::string id = GENERATE(from_range(tasks_with_experts()));
  const auto env = make_environment(id);
  const auto expert = make_expert(id), other = make_expert(id);
  const Episode episode = rollout(*env, *expert, 77);
  const Eigen::Index rows = std::min<Eigen::Index>(episode.length(), 50);
  Matrix together(rows, episode.actions.cols());
  other->act(episode.observations.topRows(rows), together);
  CHECK(together == episode.actions.topRows(rows));
}

TEST_CASE("a random actor's row depends on its own seed only and stays within the bounds") {
  const auto a = make_random_actor(2), b = make_random_actor(2);
  a->reset(0, 5);
  a->reset(1, 6);
  b->reset(0, 6);
  const Matrix two = Matrix::Zero(2, 3), one = Matrix::Zero(1, 3);
  Matrix pair(2, 2), single(1, 2);
  for (int t = 0; t < 100; ++t) {
    a->act(two, pair);
    b->act(one, single);
    REQUIRE(pair.row(1) == single.row(0));
    REQUIRE(pair.row(0) != pair.row(1));
    REQUIRE(pair.cwiseAbs().maxCoeff() <= 1);
  }
  CHECK_THROWS_AS(b->act(two, pair), Error);
}

TEST_CASE("a rollout has T actions and T + 1 observations, states in step with them") {
  const auto env = make_environment("Reach");
  const auto expert = make_expert("Reach");
  const Episode episode = rollout(*env, *expert, 41, {.keep_states = true});
  CHECK_NOTHROW(check_shapes(episode, "rollout"));
  CHECK(episode.seed == 41);
  CHECK(episode.observations.rows() == episode.length() + 1);
  CHECK(episode.states.cols() == env->state_dim());
  // Replaying the actions gives the recorded observations and states back, bit for bit.
  Vector o(env->spec().observation.size());
  State s(env->state_dim());
  env->reset(41, o);
  for (int t = 0; t < episode.length(); ++t) {
    REQUIRE(o.transpose() == episode.observations.row(t));
    env->step(episode.actions.row(t).transpose(), o);
    env->read_state(s);
    REQUIRE(s.transpose() == episode.states.row(t + 1));
  }
}

TEST_CASE("a rollout without a TimeLimit says what is missing instead of running for ever") {
  LineTask endless(Flaw::kNone, 10);
  class Still : public Actor {
   public:
    void reset(int, std::uint64_t) override {}
    void act(ConstMatrixRef, MatrixRef actions) override { actions.setZero(); }
  } actor;
  CHECK_THROWS_WITH(rollout(endless, actor, 1), ContainsSubstring("TimeLimit"));
}

TEST_CASE("a wrong action or observation size, or a number that is not finite, is named") {
  const std::string id = GENERATE(from_range(environment_ids()));
  const auto env = make_environment(id);
  Vector o(env->spec().observation.size()), small(1);
  env->reset(1, o);
  Vector action = Vector::Zero(env->spec().action.size());
  CHECK_THROWS_WITH(env->step(Vector::Zero(99), o), ContainsSubstring(id) && ContainsSubstring("found 99"));
  CHECK_THROWS_WITH(env->reset(1, small), ContainsSubstring("found 1"));
  env->reset(1, o);
  const Eigen::Index last = action.size() - 1;
  action[last] = std::nanf("");
  CHECK_THROWS_WITH(env->step(action, o),
                    ContainsSubstring("action entry " + std::to_string(last)) && ContainsSubstring("nan"));
  // The refused action has done nothing: the episode goes on.
  CHECK(env->save_state().actions.rows() == 0);
  CHECK_NOTHROW(env->step(Vector::Zero(action.size()), o));
}

}  // namespace
}  // namespace understudy
