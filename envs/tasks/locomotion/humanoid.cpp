#include "envs/tasks/locomotion/humanoid.h"

#include "envs/contract/task_list.h"
#include "envs/tasks/locomotion/walker.h"

namespace understudy {
namespace {

double alive(double height, double, const std::vector<bool>&) {
  return height > 0.78 ? 2 : -1;
}

}  // namespace

std::unique_ptr<Environment> make_humanoid() {
  WalkerDesign design;
  design.id = "Humanoid";
  design.summary = "walk forwards on two legs with 17 joints";
  design.model = "humanoid";
  design.feet = {"right_foot", "left_foot"};
  design.height = 1.52;
  design.self_collision = true;
  design.electricity = 4.25 * 2;
  design.stall = 4.25 * 0.1;
  design.reference_height = 0.8;
  design.alive = alive;
  return make_walker(design);
}

void add_humanoid(TaskList& tasks) {
  tasks.add({.id = "Humanoid", .make = make_humanoid});
}

}  // namespace understudy
