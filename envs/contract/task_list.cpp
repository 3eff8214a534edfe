#include "envs/contract/task_list.h"

#include <algorithm>
#include <cctype>

#include "datasets/types/error.h"

namespace understudy {
namespace {

bool is_upper_camel(const std::string& id) {
  return !id.empty() && std::isupper(static_cast<unsigned char>(id[0])) != 0 &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

bool before(const Task& task, const std::string& id) {
  return task.id < id;
}

}  // namespace

void TaskList::add(Task task) {
  if (!is_upper_camel(task.id)) {
    throw Error("want a task's id in UpperCamel, letters and digits, found '" + task.id + "'");
  }
  if (!task.make || (task.robot_form && !task.robot_form->make)) {
    throw Error("task '" + task.id +
                "': nothing makes it: set Task::make, and RobotForm::make with a robot form");
  }
  const auto at = std::lower_bound(tasks_.begin(), tasks_.end(), task.id, before);
  if (at != tasks_.end() && at->id == task.id) {
    throw Error("there is a task '" + task.id + "' already: choose another id");
  }
  tasks_.insert(at, std::move(task));
}

const Task* TaskList::find(const std::string& id) const {
  const auto at = std::lower_bound(tasks_.begin(), tasks_.end(), id, before);
  return at != tasks_.end() && at->id == id ? &*at : nullptr;
}

}  // namespace understudy
