// Plugins for plugin_test.cpp: a task that is sound, and by options of the compiler whatever can be wrong.

#include <cstdio>
#include <stdexcept>

#include "envs/contract/plugin.h"
#include "tests/support/line_task.h"

#ifndef TASK_ID
#define TASK_ID "Line"
#endif

namespace understudy {
namespace {

class Right final : public Actor {
 public:
  void reset(int, std::uint64_t) override {}
  void act(ConstMatrixRef, MatrixRef actions) override { actions.setOnes(); }
};

#ifdef SPEAKS
/// Runs when the library is loaded, whoever asks what it is.
const int kSpoken = std::puts("the plugin's code runs");
#endif

UNDERSTUDY_PLUGIN(tasks) {
#ifdef THROWS
  throw std::runtime_error("the licence has expired");
#endif
  tasks.add({.id = TASK_ID,
             .make = [] { return std::make_unique<tests::LineTask>(); },
             .make_expert = [](const ExpertStyle&) { return std::make_unique<Right>(); }});
}

}  // namespace
}  // namespace understudy
