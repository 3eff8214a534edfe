#include "tools/console/demonstration_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "datasets/types/error.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "irl/experts/expert_distance.h"
#include "irl/experts/expert_transitions.h"

namespace understudy::tools {
namespace {

constexpr std::size_t kDistanceEpisodes = 5;

}  // namespace

void add_demonstration_options(CLI::App& command, DemonstrationChoice& choice) {
  command.add_option("--data", choice.data,
                     "Demonstrations to compare with: share of their return, exact W1 to what they do");
  command.add_option("--demos", choice.demos, "Only the first so many of them; 0: all")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  command.add_option("--subsample", choice.subsample, "Only every so manyth step of each")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
}

Compare load_comparison(const DemonstrationChoice& choice, const std::string& environment_id,
                        const Randomisation& randomisation, std::uint64_t seed) {
  if (choice.data.empty()) {
    if (choice.demos == 0 && choice.subsample == 1) return {};
    throw UsageError(
        "--data: want the demonstrations that --demos and --subsample choose from, found nothing");
  }
  const std::shared_ptr<Environment> environment = make_environment(environment_id, randomisation);
  Rng rng = Rng::stream(seed, kExpertStream);
  ExpertData expert = load_expert_data(
      {.data = choice.data, .demos = choice.demos, .subsample = choice.subsample}, environment->spec(), rng);
  expert.normaliser.apply(expert.transitions.observations);  // as training does it
  const auto distance = std::make_shared<ExpertDistance>(expert.transitions);
  return [=, normaliser = expert.normaliser, demonstrations_return = expert.mean_return](
             const std::vector<EpisodeOutcome>& outcomes, const ActorFactory& make_actor) {
    std::vector<double> returns;
    for (const EpisodeOutcome& outcome : outcomes) returns.push_back(outcome.episode_return);
    Likeness likeness{.middle = interquartile_mean(returns, seed),
                      .demonstrations_return = demonstrations_return};
    const auto actor = make_actor();
    const std::size_t episodes = std::min(kDistanceEpisodes, outcomes.size());
    for (std::size_t i = 0; i < episodes; ++i) {
      Episode episode = rollout(*environment, *actor, outcomes[i].seed);
      normaliser.apply(episode.observations);
      likeness.distance += (*distance)(episode.observations.topRows(episode.length()), episode.actions);
    }
    likeness.distance /= static_cast<double>(episodes);
    return likeness;
  };
}

}  // namespace understudy::tools
