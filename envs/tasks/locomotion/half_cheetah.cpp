#include "envs/tasks/locomotion/half_cheetah.h"

#include <cmath>

#include "envs/contract/task_list.h"
#include "envs/tasks/locomotion/walker.h"

namespace understudy {
namespace {

double alive(double, double pitch, const std::vector<bool>& contacts) {
  const bool on_feet = !contacts[1] && !contacts[2] && !contacts[4] && !contacts[5];
  return std::abs(pitch) < 1 && on_feet ? 1 : -1;
}

}  // namespace

std::unique_ptr<Environment> make_half_cheetah() {
  WalkerDesign design;
  design.id = "HalfCheetah";
  design.summary = "run forwards on a hind and a fore leg, in a plane";
  design.model = "half_cheetah";
  design.feet = {"front_foot", "front_shin", "front_thigh", "back_foot", "back_shin", "back_thigh"};
  design.fixed_base = true;
  design.terminates = false;
  design.alive = alive;
  return make_walker(design);
}

void add_half_cheetah(TaskList& tasks) {
  tasks.add({.id = "HalfCheetah", .make = make_half_cheetah});
}

}  // namespace understudy
