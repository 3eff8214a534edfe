#include "envs/tasks/locomotion/hopper.h"

#include <cmath>

#include "envs/contract/task_list.h"
#include "envs/tasks/locomotion/walker.h"

namespace understudy {
namespace {

double alive(double height, double pitch, const std::vector<bool>&) {
  return height > 0.8 && std::abs(pitch) < 1 ? 1 : -1;
}

}  // namespace

std::unique_ptr<Environment> make_hopper() {
  WalkerDesign design;
  design.id = "Hopper";
  design.summary = "hop forwards on one leg, in a plane";
  design.model = "hopper";
  design.feet = {"foot"};
  design.pivot = 1.25;
  design.fixed_base = true;
  design.self_collision = true;
  design.alive = alive;
  return make_walker(design);
}

void add_hopper(TaskList& tasks) {
  tasks.add({.id = "Hopper", .make = make_hopper});
}

}  // namespace understudy
