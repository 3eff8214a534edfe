#include "tools/console/demonstration_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "bc/runs/demonstration_fit.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"
#include "envs/tasks/registry.h"
#include "irl/experts/demonstration_cover.h"
#include "irl/experts/policy_distance.h"

namespace understudy::tools {

void add_demonstration_options(CLI::App& command, DemonstrationChoice& choice) {
  command.add_option("--data", choice.data,
                     "Demonstrations to compare with: share of their return, exact W1 to what they do");
  command.add_option("--demos", choice.demos, "Only the first so many of them; 0: all")
      ->capture_default_str();
  command.add_option("--subsample", choice.subsample, "Only every so manyth step of each")
      ->capture_default_str();
  command.add_flag("--all-episodes", choice.all_episodes, "Failed ones too");
  command.add_option("--mask", choice.mask, "Only those of this list in the file");
}

Compare load_comparison(const DemonstrationChoice& choice, const std::string& environment_id,
                        const Randomisation& randomisation, std::uint64_t seed) {
  if (choice.data.empty()) {
    if (choice.demos == 0 && choice.subsample == 1 && !choice.all_episodes && choice.mask.empty()) return {};
    throw UsageError(
        "--data: want the demonstrations that --demos, --subsample, --all-episodes and --mask choose from, "
        "found "
        "nothing");
  }
  const std::shared_ptr<Environment> environment = make_environment(environment_id, randomisation);
  Rng rng = demonstration_rng(seed);
  ExpertData expert = load_expert_data(choice, environment->spec(), rng);
  expert.normaliser.apply(expert.transitions.observations);  // as training does it
  const auto distance = std::make_shared<PolicyDistance>(expert, expert.normaliser, kDistanceAtoms);
  return [=, demonstrations_return = expert.mean_return](const std::vector<EpisodeOutcome>& outcomes,
                                                         const ActorFactory& make_actor) {
    std::vector<double> returns;
    for (const EpisodeOutcome& outcome : outcomes) returns.push_back(outcome.episode_return);
    Likeness likeness{.middle = interquartile_mean(returns, seed),
                      .demonstrations_return = demonstrations_return};
    const auto actor = make_actor();
    const std::size_t episodes = std::min<std::size_t>(kDistanceEpisodes, outcomes.size());
    for (std::size_t i = 0; i < episodes; ++i)
      likeness.distance += (*distance)(*environment, *actor, outcomes[i].seed).distance;
    likeness.distance /= static_cast<double>(episodes);
    return likeness;
  };
}

Leaving load_leaving(const DemonstrationChoice& choice, const std::string& environment_id,
                     std::uint64_t seed) {
  if (choice.data.empty()) return {};
  const EnvironmentSpec spec = make_environment(environment_id)->spec();
  DemonstrationReader reader(choice.data);
  fit_demonstrations(reader, choice.data, spec);
  Rng rng = demonstration_rng(seed);
  std::vector<Matrix> observations;
  for (const ChosenEpisode& chosen : choose_demonstrations(reader, choice, spec.has_success(), rng).episodes)
    observations.push_back(reader.read_verified(chosen.index).observations);
  if (observations.size() < 2) return {};
  return [cover = std::make_shared<const DemonstrationCover>(observations)](ConstMatrixRef episode) {
    return cover->left_at(episode);
  };
}

}  // namespace understudy::tools
