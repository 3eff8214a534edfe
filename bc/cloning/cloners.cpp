#include "bc/cloning/cloners.h"

#include <algorithm>
#include <string>
#include <utility>

#include "bc/cloning/sequence_cloning.h"
#include "bc/networks/mlp_device.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

void want_within(const char* option, int found, const CloningPairs& training) {
  if (training.lengths.empty()) return;
  const int longest = *std::max_element(training.lengths.begin(), training.lengths.end());
  if (found <= longest) return;
  throw UsageError(std::string(option) + ": want at most " + std::to_string(longest) +
                   ", the steps of the longest demonstration, found " + std::to_string(found));
}

}  // namespace

std::unique_ptr<Cloner> make_cloner(const CloningRunConfig& run, CloningPairs training,
                                    const std::vector<SightCamera>& cameras, const EnvironmentSpec& spec,
                                    const Policy* warm_start, std::shared_ptr<Ranks> ranks) {
  if (plans(run)) {
    want_within("--history", run.sequence.history, training);
    want_within("--horizon", run.sequence.horizon, training);
    SequenceCloningConfig config = sequence_config(run);
    config.design.vision.cameras = cameras;
    return std::make_unique<SequenceCloning>(std::move(config), std::move(training), spec.observation.size(),
                                             spec.action.size(), warm_start, std::move(ranks));
  }
  CloningConfig config = run.cloning;
  config.seed = run.seed;
  config.shards = run.shards;
  return std::make_unique<Cloning>(config, std::move(training), make_mlp_device(run.device), warm_start,
                                   std::move(ranks));
}

std::shared_ptr<const Policy> resolve_with_warm_start(CloningRunConfig& config, const EnvironmentSpec& spec) {
  std::shared_ptr<const Policy> policy;
  if (!config.warm_start.empty()) {
    policy = std::make_shared<const Policy>(load_policy(config.warm_start));
    try {
      check_policy_fits(*policy, spec);
    } catch (const Error& error) {
      throw Error(config.warm_start + ": " + error.what());
    }
    take_over(config, *policy);
  }
  resolve(config);
  return policy;
}

}  // namespace understudy
