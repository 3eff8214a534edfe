#include "envs/contract/task_list.h"

#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/line_task.h"

namespace understudy {

using namespace tests;

namespace {

Task task(const std::string& id) {
  return {.id = id, .make = [] { return std::make_unique<LineTask>(); }};
}

TEST_CASE("tasks are listed in alphabetical order, whatever order they come in") {
  TaskList list;
  for (const char* id : {"Push", "Ant", "Reach", "Push2"}) list.add(task(id));
  std::string ids;
  for (const Task& one : list.tasks()) ids += one.id + " ";
  CHECK(ids == "Ant Push Push2 Reach ");
  CHECK(list.find("Push2")->id == "Push2");
  CHECK(list.find("Pus") == nullptr);
}

TEST_CASE("a task whose id is taken or not UpperCamel, or that nothing makes, is refused and not listed") {
  TaskList list;
  list.add(task("Push"));
  CHECK_THROWS_WITH(list.add(task("Push")), ContainsSubstring("'Push' already"));
  for (const char* id : {"", "push", "Push-2", "Push:x", "Push Two"}) {
    CHECK_THROWS_WITH(list.add(task(id)), ContainsSubstring("UpperCamel"));
  }
  CHECK_THROWS_WITH(list.add({.id = "Pull", .make = nullptr}), ContainsSubstring("Task::make"));
  Task half = task("Pull");
  half.robot_form.emplace();
  CHECK_THROWS_WITH(list.add(half), ContainsSubstring("RobotForm::make"));
  CHECK(list.tasks().size() == 1);
}

}  // namespace
}  // namespace understudy
