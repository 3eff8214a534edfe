// Whole tasks in other worlds.

#include "datasets/types/error.h"
#include "envs/contract/environment_check.h"
#include "envs/contract/episode_seeds.h"
#include "envs/other_world/other_world.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tests/support/line_task.h"

namespace understudy {
namespace {

WorldMaker world_of(const std::string& kind, const std::string& constants) {
  return other_world(parse_world("world = \"" + kind + "\"\n" + constants, "test"));
}

int successes(const WorldMaker& world, const std::string& id, int episodes) {
  const auto environment = make_environment_in(world, id);
  const auto expert = make_expert(id);
  const EnvironmentSpec& spec = environment->spec();
  Matrix observation(1, spec.observation.size()), action(1, spec.action.size());
  Vector seen(spec.observation.size());
  int good = 0;
  for (int episode = 0; episode < episodes; ++episode) {
    environment->reset(100 + static_cast<std::uint64_t>(episode), seen);
    expert->reset(1, 0);
    StepResult result;
    do {
      observation.row(0) = seen.transpose();
      expert->act(observation, action);
      result = environment->step(action.row(0).transpose(), seen);
    } while (!result.terminated && !result.truncated);
    good += result.success;
  }
  return good;
}

TEST_CASE("every task of the table keeps the contract of Environment in either world") {
  const std::string id = GENERATE("SwingPeg", "Drawer", "Reach", "Push", "Hopper");
  const std::string kind = GENERATE("maximal", "held-out");
  CAPTURE(id, kind);
  const WorldMaker world = world_of(kind, "seed = 3\n");
  CHECK_NOTHROW(check_environment([&] { return make_environment_in(world, id); },
                                  {.seed = 11, .episodes = 1, .steps = 8}));
}

TEST_CASE("a task is the same in another world but for what happens in it") {
  const std::string id = GENERATE("SwingPeg", "Drawer", "Reach", "Push", "Hopper");
  CAPTURE(id);
  const auto own = make_environment(id), other = make_environment_in(world_of("maximal", ""), id);
  const EnvironmentSpec &a = own->spec(), &b = other->spec();
  CHECK(a.id == b.id);
  CHECK(a.observation == b.observation);
  CHECK(a.action == b.action);
  CHECK(a.horizon == b.horizon);
  CHECK(a.success == b.success);
  Vector start(a.observation.size()), there(a.observation.size());
  own->reset(5, start);
  other->reset(5, there);
  // The same episode: whatever the seed draws, it starts where it does.
  CHECK((start - there).cwiseAbs().maxCoeff() < 2e-3F);
}

TEST_CASE("the own world without constants is the toolkit's to the last bit, and forces change it") {
  const std::string id = GENERATE("SwingPeg", "Push", "Hopper");
  CAPTURE(id);
  const auto trace = [&](const std::unique_ptr<Environment>& environment) {
    const EnvironmentSpec& spec = environment->spec();
    Vector seen(spec.observation.size()), action = Vector::Constant(spec.action.size(), 0.4F);
    std::vector<float> all;
    environment->reset(9, seen);
    for (int t = 0; t < 25; ++t) {
      all.insert(all.end(), seen.data(), seen.data() + seen.size());
      if (environment->step(action, seen).terminated) break;
    }
    return all;
  };
  const std::vector<float> own = trace(make_environment(id));
  CHECK(trace(make_environment_in(world_of("own", ""), id)) == own);
  CHECK(trace(make_environment_in(world_of("own", "[forces]\npushes = 2\n"), id)) != own);
}

TEST_CASE("experts manage without disturbances in a world of rigid bodies as in their own") {
  const std::string id = GENERATE("SwingPeg", "Drawer", "Reach", "Push");
  CAPTURE(id);
  CHECK(successes(world_of("maximal", ""), id, 4) >= 3);
}

TEST_CASE("a task that simulates itself has no other world") {
  const WorldMaker world = world_of("maximal", "");
  CHECK_THROWS_WITH(world(std::make_unique<tests::LineTask>()),
                    ContainsSubstring("task 'Line' simulates itself and has no other world"));
}

}  // namespace
}  // namespace understudy
