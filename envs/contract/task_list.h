#pragma once
/// \file What a task is to the program, and the list that tasks are put on: by the rooms of envs/tasks, and
/// by plugins (envs/contract/plugin.h).

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "envs/contract/actor.h"
#include "envs/contract/environment.h"
#include "envs/contract/expert_style.h"

namespace understudy {

struct RobotModel;

/// A task with the user's robot in place of its own: "Task:robot.urdf", or "Task:robot.urdf#link".
struct RobotForm {
  /// The task as `id`. `link` is empty unless it was named.
  std::function<std::unique_ptr<Environment>(const RobotModel& robot, const std::string& link,
                                             const std::string& id)>
      make;
  /// Its scripted expert; empty when it has none.
  std::function<std::unique_ptr<Actor>(const RobotModel& robot, const std::string& link,
                                       const ExpertStyle& style)>
      make_expert{};
  bool takes_link = false;  ///< whether a link may be named
  std::string ways{};       ///< as Task::ways
};

struct Task {
  std::string id;  ///< UpperCamel: letters and digits. What `make` returns has it in its spec
  /// The task without a time limit; called once per thread and more, from any thread.
  std::function<std::unique_ptr<Environment>()> make;
  /// Its scripted expert, a deterministic function of the observation, which may leave of `style` what the task
  /// gives no room for; empty when it has none.
  std::function<std::unique_ptr<Actor>(const ExpertStyle& style)> make_expert{};
  /// What its expert makes of a style's side, boldness and grip, to go on a line of its own: "passes people on the
  /// left or right". Empty: there is one way.
  std::string ways{};
  std::optional<RobotForm> robot_form{};  ///< of a task that works with any robot
};

/// Tasks in alphabetical order.
class TaskList {
 public:
  /// Throws Error when the id is not UpperCamel or on the list already, or when nothing makes the task.
  void add(Task task);

  const std::vector<Task>& tasks() const { return tasks_; }
  /// Null when there is none.
  const Task* find(const std::string& id) const;

 private:
  std::vector<Task> tasks_;
};

}  // namespace understudy
