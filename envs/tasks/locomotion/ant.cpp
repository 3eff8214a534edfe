#include "envs/tasks/locomotion/ant.h"

#include "envs/contract/task_list.h"
#include "envs/tasks/locomotion/walker.h"

namespace understudy {
namespace {

double alive(double height, double, const std::vector<bool>&) {
  return height > 0.26 ? 1 : -1;
}

}  // namespace

std::unique_ptr<Environment> make_ant() {
  WalkerDesign design;
  design.id = "Ant";
  design.summary = "walk forwards on four legs of two joints each";
  design.model = "ant";
  design.feet = {"front_left_foot", "front_right_foot", "back_left_foot", "back_right_foot"};
  design.height = 0.75;
  design.merge_fixed = true;
  design.friction = 1.5;
  design.alive = alive;
  return make_walker(design);
}

void add_ant(TaskList& tasks) {
  tasks.add({.id = "Ant", .make = make_ant});
}

}  // namespace understudy
