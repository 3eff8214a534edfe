#include "tools/media/dataset_lint.h"

#include <memory>

#include "datasets/types/error.h"
#include "envs/tasks/registry.h"
#include "tools/media/replay_check.h"

#ifdef UNDERSTUDY_HAVE_TORCH
#include "irl/couplings/exact_coupling.h"
#include "irl/couplings/ground_cost.h"
#endif

namespace understudy::tools {
namespace {

SimulatedEnd simulate(const Episode& episode, double tolerance, Environment& environment,
                      const std::string& place) {
  ReplayDifference difference;
  try {
    difference = compare_replay(episode, environment, place);
  } catch (const Error& error) {
    return {.why = error.what()};
  }
  const bool same = episode.states.rows() > 0 ? difference.largest_state <= tolerance
                                              : difference.largest_observation <= tolerance;
  if (!same || difference.ended_after >= 0)
    return {.why = "their actions no longer lead to their states (`understudy play --verify` says where)"};
  return {.success = difference.success};
}

}  // namespace

LintOptions with_distance(LintOptions options) {
#ifdef UNDERSTUDY_HAVE_TORCH
  options.distance = [](const Matrix& a, const Matrix& b) {
    return exact_coupling(ground_cost(GroundCost::kEuclidean, a, b), uniform_weights(a.rows()),
                          uniform_weights(b.rows()))
        .cost;
  };
#endif
  return options;
}

LintOptions with_simulator(LintOptions options, const DemonstrationReader& reader,
                           const std::filesystem::path& file, std::string& why) {
  std::shared_ptr<Environment> environment;
  try {
    environment = make_environment(reader.header().environment_id);
  } catch (const Error& error) {
    why = error.what();
    return options;
  }
  if (!environment->spec().has_success()) {
    why = environment->spec().id + " has no success criterion";
    return options;
  }
  options.simulate = [environment, place = file.string()](const Episode& episode, double tolerance) {
    return simulate(episode, tolerance, *environment, place);
  };
  return options;
}

}  // namespace understudy::tools
