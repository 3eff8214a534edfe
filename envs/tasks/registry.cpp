#include "envs/tasks/registry.h"

#include "datasets/types/error.h"
#include "envs/contract/time_limit.h"
#include "envs/robots/urdf.h"
#include "envs/tasks/built_in_tasks.h"
#include "envs/tasks/worlds.h"

namespace understudy {
namespace {

TaskList& known() {
  static TaskList list = built_in_tasks();
  return list;
}

WorldMaker& world_in_use() {
  static WorldMaker world;
  return world;
}

/// A task, and what stands after the colon of "Task:robot.urdf#link", if anything.
struct Choice {
  const Task& task;
  std::string urdf;
  std::string link;
};

Choice find(const std::string& id) {
  const std::size_t colon = id.find(':');
  const std::string name = id.substr(0, colon);
  const Task* task = known().find(name);
  if (task == nullptr) {
    throw UsageError(unknown_name("task", name, environment_ids()) + "; --plugin FILE adds others");
  }
  if (colon == std::string::npos) return {*task, "", ""};
  if (!task->robot_form) {
    throw UsageError("task '" + name + "' has its own robot and takes no file: leave out '" +
                     id.substr(colon) + "'");
  }
  const std::size_t hash = task->robot_form->takes_link ? id.rfind('#') : std::string::npos;
  Choice choice{*task, id.substr(colon + 1, hash == std::string::npos ? hash : hash - colon - 1), ""};
  if (hash != std::string::npos) choice.link = id.substr(hash + 1);
  if (choice.urdf.empty()) {
    throw UsageError("task '" + id +
                     "': want a URDF file after the colon, found none: name it, or leave out '" +
                     id.substr(colon) + "'");
  }
  return choice;
}

}  // namespace

std::vector<std::string> environment_ids() {
  std::vector<std::string> ids;
  for (const Task& task : known().tasks()) ids.push_back(task.id);
  return ids;
}

void add_tasks(const TaskList& list) {
  TaskList all = known();
  for (const Task& task : list.tasks()) all.add(task);
  known() = std::move(all);
}

void use_world(WorldMaker world) {
  world_in_use() = std::move(world);
}

std::unique_ptr<Environment> make_environment(const std::string& id) {
  return make_environment_in(world_in_use(), id);
}

std::unique_ptr<Environment> make_environment(const std::string& id, const Randomisation& randomisation) {
  return make_environment_in(world_in_use(), id, randomisation);
}

std::unique_ptr<Environment> make_environment_in(const WorldMaker& world, const std::string& id,
                                                 const Randomisation& randomisation) {
  const auto [task, urdf, link] = find(id);
  RobotModel robot;
  if (!urdf.empty()) robot = read_urdf(urdf);
  std::unique_ptr<Environment> environment =
      urdf.empty() ? task.make() : task.robot_form->make(robot, link, id);
  if (!environment) throw Error("task '" + id + "': want an environment from Task::make, found null");
  const EnvironmentSpec& spec = environment->spec();
  if (spec.id != id) {
    throw Error("task '" + id + "': want this id in its spec, found '" + spec.id + "': make them the same");
  }
  const int horizon = spec.horizon;
  if (!randomisation.empty()) check_fits(randomisation, spec);
  if (world) environment = world(std::move(environment));
  auto limited = std::make_unique<TimeLimit>(std::move(environment), horizon);
  limited->set_robot(std::move(robot.sha256), std::move(robot.warnings));
  if (!randomisation.empty()) {
    limited->vary([randomisation](std::uint64_t seed) { return randomisation.draw(seed); });
  }
  return limited;
}

std::optional<std::filesystem::path> robot_file(const std::string& id) {
  const Choice choice = find(id);
  if (choice.urdf.empty()) return std::nullopt;
  return choice.urdf;
}

bool has_expert(const std::string& id) {
  const auto [task, urdf, link] = find(id);
  return urdf.empty() ? task.make_expert != nullptr : task.robot_form->make_expert != nullptr;
}

std::string expert_ways(const std::string& id) {
  const auto [task, urdf, link] = find(id);
  return urdf.empty() ? task.ways : task.robot_form->ways;
}

std::unique_ptr<Actor> make_expert(const std::string& id, const ExpertStyle& style) {
  const auto [task, urdf, link] = find(id);
  if (!has_expert(id)) {
    throw UsageError("task '" + id + "' has no scripted expert: train one, or record a person");
  }
  std::unique_ptr<Actor> expert =
      urdf.empty() ? task.make_expert(style) : task.robot_form->make_expert(read_urdf(urdf), link, style);
  if (!expert) throw Error("task '" + id + "': want an actor from Task::make_expert, found null");
  return expert;
}

}  // namespace understudy
