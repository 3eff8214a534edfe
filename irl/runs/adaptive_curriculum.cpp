#include "irl/runs/adaptive_curriculum.h"

#include "datasets/types/error.h"

namespace understudy {

AdaptiveCurriculum::AdaptiveCurriculum(const Randomisation& randomisation, const EnvironmentSpec& spec,
                                       int environments)
    : randomisation_(randomisation), returns_(static_cast<std::size_t>(environments), 0) {
  if (!spec.has_success() && !randomisation.adaptive_rule().good_return)
    throw UsageError(
        "adaptive: " + spec.id +
        " has no success to go by: add good_return, the return from which an episode is good, to "
        "[adaptive] of the randomisation file");
}

void AdaptiveCurriculum::add(const BatchedEnvironment& environments, const BatchStep& step) {
  for (std::size_t i = 0; i < returns_.size(); ++i) {
    returns_[i] += static_cast<double>(step.rewards[static_cast<Eigen::Index>(i)]);
    if (step.terminated[i] == 0 && step.truncated[i] == 0) continue;
    // The environment is in its next episode by now.
    const std::uint64_t seed =
        environments.episode_seed(static_cast<int>(i)) - static_cast<std::uint64_t>(environments.batch());
    const auto& good_return = randomisation_.rule().good_return;
    randomisation_.ended(seed, good_return ? returns_[i] >= *good_return : step.success[i] != 0);
    returns_[i] = 0;
  }
}

void AdaptiveCurriculum::report(Metrics& metrics) const {
  for (const AdaptiveRandomisation::Range& range : randomisation_.ranges()) {
    metrics.set("low " + range.key, range.low);
    metrics.set("high " + range.key, range.high);
  }
}

void AdaptiveCurriculum::serialise(Archive& archive) {
  AdaptiveRandomisation::State state = randomisation_.state();
  archive("adaptive ends", state.ends);
  archive("adaptive episodes", state.episodes);
  archive("adaptive good", state.good);
  const std::size_t streams = returns_.size();
  archive("adaptive returns", returns_);
  if (!archive.loading()) return;
  if (returns_.size() != streams)
    archive.refuse(std::to_string(streams) + " returns", std::to_string(returns_.size()));
  randomisation_.restore(state, archive.place());
}

}  // namespace understudy
