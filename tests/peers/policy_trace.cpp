// Writes a policy of a kind that remembers, and what it does over one episode, for run_policy.py to compare.
// usage: policy_trace POLICY.pt TRACE.csv

#include <cstdio>
#include <fstream>

#include "datasets/types/error.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tests/support/linear_recurrent_policy.h"

using namespace understudy;

namespace {

void trace(const char* policy_file, const char* trace_file) {
  add_policy_kind(linear_recurrent_policy_kind());
  const auto environment = make_environment("HalfCheetah");
  save_policy(random_recurrent_policy(environment->spec(), 8, 1), policy_file);
  const auto actor = policy_actor(load_policy(policy_file));
  const Episode episode = rollout(*environment, *actor, 1);
  std::ofstream file(trace_file);
  file.precision(9);
  for (Eigen::Index i = 0; i < episode.observations.cols(); ++i) file << "obs_" << i << ',';
  for (Eigen::Index i = 0; i < episode.actions.cols(); ++i) {
    file << "action_" << i << (i + 1 < episode.actions.cols() ? "," : "\n");
  }
  for (Eigen::Index t = 0; t < episode.actions.rows(); ++t) {
    for (const float value : episode.observations.row(t)) file << value << ',';
    for (Eigen::Index i = 0; i < episode.actions.cols(); ++i) {
      file << episode.actions(t, i) << (i + 1 < episode.actions.cols() ? "," : "\n");
    }
  }
  if (!file.flush()) throw Error(std::string(trace_file) + ": cannot be written");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: policy_trace POLICY.pt TRACE.csv\n");
    return 2;
  }
  try {
    trace(argv[1], argv[2]);
  } catch (const Error& error) {
    std::fprintf(stderr, "policy_trace: %s\n", error.what());
    return 1;
  }
}
