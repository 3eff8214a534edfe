#include "irl/experts/random_control.h"

#include <utility>

#include "envs/contract/episode_seeds.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"

namespace understudy {

void replace_by_random(ExpertData& data, const std::string& environment_id, std::uint64_t run_seed,
                       const DemonstrationChoice& choice, Rng& rng) {
  const auto environment = make_environment(environment_id);
  const auto actor = make_random_actor(environment->spec().action.size());
  std::vector<Episode> episodes;
  std::vector<int> firsts;
  for (int i = 0; i < data.episodes; ++i) {
    const std::uint64_t index = kControlEpisodes + static_cast<std::uint64_t>(i);
    episodes.push_back(rollout(*environment, *actor, episode_seed(SeedUse::kDemonstration, run_seed, index)));
    firsts.push_back(choose_first_step(choice.subsample, rng));
  }
  const ExpertData demonstrations = std::move(data);
  data = expert_data_of(episodes, firsts, choice);
  data.sha256 = demonstrations.sha256;
  data.mean_return = demonstrations.mean_return;
  data.mean_length = demonstrations.mean_length;
}

}  // namespace understudy
