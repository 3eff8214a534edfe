#pragma once
/// \file A task small enough to be understood completely: push a cart to the origin and stop there. The
/// expert is the LQR gain that cloning_test.cpp derives.

#include <filesystem>

#include "bc/runs/run_hooks.h"

namespace understudy::tests {

/// position' = velocity, velocity' = push * 5; 40 steps of 0.1 s from a random place in [-1, 1]. Success:
/// within 0.05 of the origin at the end. Return: minus the sum of squared positions.
TrainingTask integrator_task();

/// The same with every evaluation's success made up: `success(call)` of the n-th call, 0 the first.
TrainingTask integrator_task(std::function<double(int call)> success);

struct IntegratorDemonstrations {
  int episodes = 6;
  int failed = 0;       ///< of them, at the end; the expert pushes the wrong way in these
  double noise = 0.05;  ///< on the action
  std::string id = "Integrator";
  std::string first_field = "position";
};

/// Records demonstrations into `file`.
void record_integrator(const std::filesystem::path& file, const IntegratorDemonstrations& what = {});

}  // namespace understudy::tests
