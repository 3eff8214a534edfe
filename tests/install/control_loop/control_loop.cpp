// Runs a policy in a control loop at its task's rate. The simulated task stands where a robot's sensors and
// motors would. usage: control_loop policy.pt [plugin.so]

#include <chrono>
#include <exception>
#include <iostream>
#include <thread>

#include "bc/policies/policy.h"
#include "envs/tasks/plugins.h"
#include "envs/tasks/registry.h"

int main(int argc, char** argv) {
  try {
    if (argc > 2) understudy::load_plugin(argv[2]);
    const understudy::Policy policy = understudy::load_policy(argc > 1 ? argv[1] : "policy.pt");
    const auto robot = understudy::make_environment(policy.environment_id);
    const auto actor = understudy::policy_actor(policy);

    understudy::Vector observation(policy.observation.size());
    understudy::Matrix action(1, policy.action.size());
    robot->reset(1, observation);
    actor->reset(0, 1);
    const auto period = std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double>(1 / robot->spec().control_rate));
    auto next = std::chrono::steady_clock::now();
    for (understudy::StepResult now; !now.terminated && !now.truncated;) {
      actor->act(observation.transpose(), action);
      std::this_thread::sleep_until(next += period);
      now = robot->step(action.row(0).transpose(), observation);
      if (now.success) std::cout << policy.environment_id << ": success\n";
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "control_loop: " << error.what() << '\n';
    return 1;
  }
}
