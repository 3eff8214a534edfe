// What the sizes that a Variation names do to tasks that have them.

#include <map>

#include "envs/rollouts/rollout.h"
#include "envs/tasks/driving/drive.h"
#include "envs/tasks/manipulation/lift.h"
#include "envs/tasks/pushing/push.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

TEST_CASE("Drive's cones look and stand larger, Reach's hand is further out") {
  const auto task = make_drive();
  Vector observation(drive::kObservationSize);
  State state(task->state_dim());
  const auto height = [&](double size) {
    Variation variation;
    variation.sizes["cone_size"] = size;
    task->vary([variation](std::uint64_t) { return variation; });
    task->reset(3, observation);
    task->read_state(state);
    return state[13 + 2];  // the first cone's centre
  };
  CHECK(height(1.6) - height(1) == Approx(0.6 * 0.25));
  float widest = 0;
  for (const SceneShape& shape : task->scene().shapes) {
    if (shape.kind == ShapeKind::kCone) widest = std::max(widest, shape.size.z());
  }
  height(1.6);
  float larger = 0;
  for (const SceneShape& shape : task->scene().shapes) {
    if (shape.kind == ShapeKind::kCone) larger = std::max(larger, shape.size.z());
  }
  CHECK(larger == Approx(1.6F * widest));

  // A cube of three halves the size lies that much higher above the table, its centre being what is shown.
  const auto lift = make_lift();
  Vector plain(lift->spec().observation.size()), large = plain;
  lift->reset(3, plain);
  Variation variation;
  variation.sizes["cube_size"] = 1.5;
  lift->vary([variation](std::uint64_t) { return variation; });
  lift->reset(3, large);
  CHECK(large[2] - plain[2] == Approx(0.01F).epsilon(1e-3));
}

TEST_CASE(
    "a can and a peg of other sizes stand that much higher, and fit what they go into as that is sized") {
  struct Case {
    const char* task;
    const char* dimension;
    double factor;
    const char* field;  // its third entry is along z
    float higher;       // m
  };
  // Half the height times what it is more: 5 cm each.
  const auto [id, dimension, factor, field, higher] =
      GENERATE(Case{"PickPlace", "can_size", 1.2, "to_can", 0.01F},
               Case{"PegInsert", "peg_length", 1.1, "to_peg", 0.005F});
  const auto task = make_environment(id);
  Vector plain(task->spec().observation.size()), large = plain;
  task->reset(3, plain);
  Variation variation;
  variation.sizes[dimension] = factor;
  task->vary([variation](std::uint64_t) { return variation; });
  task->reset(3, large);
  const int z = task->spec().observation.offset(field) + 2;
  CHECK(large[z] - plain[z] == Approx(higher).epsilon(1e-3));
}

TEST_CASE("a block and its goal have their size, and so does the bar that fingers close on") {
  const auto drawn = [](Environment& task, const char* dimension, double factor) {
    Variation variation;
    variation.sizes[dimension] = factor;
    task.vary([variation](std::uint64_t) { return variation; });
    Vector observation(task.spec().observation.size());
    task.reset(3, observation);
    std::vector<Eigen::Vector3f> sizes;
    for (const SceneShape& shape : task.scene().shapes) sizes.push_back(shape.size);
    return sizes;
  };
  const auto grown = [&](const char* id, const char* dimension, const Eigen::Vector3f& plain,
                         const Eigen::Vector3f& large) {
    const auto task = make_environment(id);
    const auto before = drawn(*task, dimension, 1), after = drawn(*task, dimension, 1.5);
    REQUIRE(before.size() == after.size());
    int found = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (before[i].isApprox(plain, 1e-5F)) found += after[i].isApprox(large, 1e-5F) ? 1 : 100;
    }
    return found;
  };
  // Half sizes of what is drawn: the handle's bar, and the face on the block's bar, 2 mm within its edges.
  CHECK(grown("Drawer", "handle_size", {0.006F, 0.05F, 0.006F}, {0.009F, 0.05F, 0.009F}) == 1);
  CHECK(grown("Push", "block_size", {0.013F, 0.058F, 0.0005F}, {0.0205F, 0.088F, 0.0005F}) == 1);

  using push::tee_coverage, push::tee_distance, push::TeePose;
  const TeePose goal = push::goal_pose();
  TeePose off = goal;
  off.place.x() += 0.01;
  CHECK(tee_coverage(goal, goal, 1.5) == Approx(1));
  CHECK(tee_coverage(off, goal, 2) ==
        Approx(tee_coverage({goal.place + (off.place - goal.place) / 2, off.heading}, goal)));
  CHECK(tee_distance({0.1, 0.2}, 2) == Approx(2 * tee_distance({0.05, 0.1})));
}

TEST_CASE("PickPlace, PegInsert, Push and Drawer can still be solved with other sizes") {
  const auto [id, sizes] = GENERATE(
      std::pair{"PickPlace", std::map<std::string, double>{{"can_size", 0.95}, {"bin_size", 1.2}}},
      std::pair{"PickPlace", std::map<std::string, double>{{"can_size", 1.0}, {"bin_size", 0.8}}},
      std::pair{"PegInsert", std::map<std::string, double>{{"clearance", 0.8}, {"peg_length", 1.1}}},
      std::pair{"PegInsert", std::map<std::string, double>{{"clearance", 1.5}, {"peg_length", 0.95}}},
      std::pair{"Push", std::map<std::string, double>{{"block_size", 0.95}}},
      std::pair{"Push", std::map<std::string, double>{{"block_size", 1.05}}},
      std::pair{"Drawer", std::map<std::string, double>{{"handle_size", 0.8}}},
      std::pair{"Drawer", std::map<std::string, double>{{"handle_size", 1.15}}});
  CAPTURE(id, sizes);
  const auto task = make_environment(id);
  const auto expert = make_expert(id);
  Variation variation;
  for (const auto& [name, factor] : sizes) variation.sizes[name] = factor;
  task->vary([variation](std::uint64_t) { return variation; });
  int successes = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) successes += rollout(*task, *expert, seed).success ? 1 : 0;
  CHECK(successes >= 9);
}

}  // namespace
}  // namespace understudy
