#include "envs/tasks/locomotion/walker2d.h"

#include <cmath>

#include "envs/contract/task_list.h"
#include "envs/tasks/locomotion/walker.h"

namespace understudy {
namespace {

double alive(double height, double pitch, const std::vector<bool>&) {
  return height > 0.8 && std::abs(pitch) < 1 ? 1 : -1;
}

}  // namespace

std::unique_ptr<Environment> make_walker2d() {
  WalkerDesign design;
  design.id = "Walker2D";
  design.summary = "walk forwards on two legs, in a plane";
  design.model = "walker2d";
  design.feet = {"right_foot", "left_foot"};
  design.pivot = 1.25;
  design.fixed_base = true;
  design.alive = alive;
  return make_walker(design);
}

void add_walker2d(TaskList& tasks) {
  tasks.add({.id = "Walker2D", .make = make_walker2d});
}

}  // namespace understudy
