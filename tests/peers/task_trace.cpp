// Plays a task with known actions and prints what it saw, for pybullet_tasks.py to compare.
// usage: task_trace ID SEED STEPS SCALE
// First line: "joints" and the joints' angles after the reset. Then one line per observation, the first
// without an action: action | observation | reward | terminated. Entry i of action t is SCALE *
// sin(0.37 t + 1.3 i + 0.2 t i).

#include <cmath>
#include <cstdio>
#include <string>

#include "datasets/types/error.h"
#include "envs/tasks/registry.h"

using namespace understudy;

namespace {

void print(const Eigen::Ref<const Eigen::VectorXf>& entries) {
  for (const float entry : entries) std::printf("%.9g ", static_cast<double>(entry));
  std::printf("| ");
}

void trace(const std::string& id, std::uint64_t seed, int steps, double scale) {
  const auto env = make_environment(id);
  const EnvironmentSpec& spec = env->spec();
  Vector observation(spec.observation.size()), action(spec.action.size());
  State state(env->state_dim());
  env->reset(seed, observation);
  env->read_state(state);
  std::printf("joints");
  for (Eigen::Index i = 0; i < state.size(); ++i) std::printf(" %.17g", state[i]);
  std::printf("\n| ");
  print(observation);
  std::printf("0 | 0\n");
  for (int t = 0; t < steps; ++t) {
    for (int i = 0; i < action.size(); ++i) {
      action[i] = static_cast<float>(scale * std::sin(0.37 * t + 1.3 * i + 0.2 * t * i));
    }
    const StepResult result = env->step(action, observation);
    print(action);
    print(observation);
    std::printf("%.9g | %d\n", static_cast<double>(result.reward), static_cast<int>(result.terminated));
    if (result.terminated) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: task_trace ID SEED STEPS SCALE\n");
    return 2;
  }
  try {
    trace(argv[1], std::stoull(argv[2]), std::stoi(argv[3]), std::stod(argv[4]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
