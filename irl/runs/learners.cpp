#include "irl/runs/learners.h"

#include <utility>

#include "datasets/types/error.h"
#include "irl/off_policy/d4pg.h"
#include "irl/off_policy/sac.h"
#include "irl/off_policy/td3.h"
#include "irl/on_policy/ppo.h"
#include "irl/on_policy/trpo.h"
#include "irl/on_policy/vpg.h"
#include "irl/rewards/adversarial_reward.h"
#include "irl/rewards/airl_reward.h"
#include "irl/rewards/otr_reward.h"
#include "irl/rewards/pwil_learner.h"
#include "irl/rewards/sinkhorn_reward.h"
#include "irl/rewards/sliced_reward.h"
#include "irl/rewards/sqil_reward.h"
#include "irl/values/iq_learn.h"
#include "irl/values/value_dice.h"

namespace understudy {
namespace {

template <class Config>
class OffPolicyOptions final : public RlOptions {
 public:
  using Factory = std::unique_ptr<OffPolicyLearner> (*)(const RlProblem&, const Config&);
  OffPolicyOptions(Config config, Factory factory, bool has_density)
      : config_(std::move(config)), factory_(factory), has_density_(has_density) {}

  SettingList settings() override { return understudy::settings(config_); }
  std::unique_ptr<RlLearner> make(const RlProblem& problem,
                                  const ExpertTransitions* /*expert*/) const override {
    return factory_(problem, config_);
  }
  void check(const RewardLearner& reward) const override {
    check_n_step(config_.off_policy, reward);
    if (reward.goes_stale()) {
      throw UsageError(
          "--rl: want a learner without a replay for this reward, whose scores change; use --rl ppo or trpo"
          ", or --reward-learn-cost false");
    }
    if (reward.needs_density() && !has_density_) {
      throw UsageError(
          "--rl: want a learner whose policy has a density for this reward; use --rl ppo or sac");
    }
  }

 private:
  Config config_;
  Factory factory_;
  bool has_density_;
};

template <class Config>
std::unique_ptr<RlOptions> off_policy(Config config, typename OffPolicyOptions<Config>::Factory factory,
                                      bool has_density = false) {
  return std::make_unique<OffPolicyOptions<Config>>(std::move(config), factory, has_density);
}

template <class Config>
class OnPolicyOptions final : public RlOptions {
 public:
  using Factory = std::unique_ptr<RlLearner> (*)(const RlProblem&, const Config&);
  explicit OnPolicyOptions(Factory factory) : factory_(factory) {}

  SettingList settings() override { return understudy::settings(config_); }
  std::unique_ptr<RlLearner> make(const RlProblem& problem,
                                  const ExpertTransitions* /*expert*/) const override {
    return factory_(problem, config_);
  }
  void check(const RewardLearner& reward) const override {
    if (reward.needs_replay())
      throw UsageError("--rl: want a learner with a replay for this reward and its options; use --rl sac");
  }

 private:
  Config config_;
  Factory factory_;
};

template <class Config>
std::unique_ptr<RlOptions> on_policy(typename OnPolicyOptions<Config>::Factory factory) {
  return std::make_unique<OnPolicyOptions<Config>>(factory);
}

template <class Config, class Made>
class RewardOptionsOf final : public RewardOptions {
 public:
  using Factory = std::unique_ptr<Made> (*)(const ImitationProblem&, const Config&);
  RewardOptionsOf(Config config, Factory factory) : config_(std::move(config)), factory_(factory) {}

  SettingList settings() override { return understudy::settings(config_); }
  std::unique_ptr<RewardLearner> make(const ImitationProblem& problem) const override {
    return factory_(problem, config_);
  }

 private:
  Config config_;
  Factory factory_;
};

template <class Config, class Made>
std::unique_ptr<RewardOptions> reward(Config config, std::unique_ptr<Made> (*factory)(const ImitationProblem&,
                                                                                      const Config&)) {
  return std::make_unique<RewardOptionsOf<Config, Made>>(std::move(config), factory);
}

/// Learners that imitate through a value function.
template <class Config>
class ValueImitationOptions final : public RlOptions {
 public:
  using Factory = std::unique_ptr<OffPolicyLearner> (*)(const RlProblem&, const Config&,
                                                        const ExpertTransitions&);
  explicit ValueImitationOptions(Factory factory) : factory_(factory) {}

  SettingList settings() override { return understudy::settings(config_); }
  std::unique_ptr<RlLearner> make(const RlProblem& problem, const ExpertTransitions* expert) const override {
    return factory_(problem, config_, *expert);
  }
  void check(const RewardLearner& /*reward*/) const override {}

 private:
  Config config_;
  Factory factory_;
};

template <class Kind>
const Kind& find(const std::vector<Kind>& kinds, const char* what, const std::string& name) {
  std::vector<std::string> known;
  for (const Kind& kind : kinds) {
    if (kind.name == name) return kind;
    known.push_back(kind.name);
  }
  throw UsageError(unknown_name(what, name, known));
}

}  // namespace

const std::vector<RlKind>& rl_kinds() {
  static const std::vector<RlKind> kinds{
      {"sac", "Soft actor-critic (Haarnoja et al. 2018)", false, false,
       [] { return off_policy(SacConfig{}, make_sac, true); }},
      {"td3", "Twin delayed DDPG (Fujimoto et al. 2018)", false, false,
       [] { return off_policy(Td3Config{}, make_td3); }},
      {"d4pg", "Distributional DDPG with n-step returns (Barth-Maron et al. 2018)", false, false,
       [] { return off_policy(D4pgConfig{}, make_d4pg); }},
      {"ddpg", "Deep deterministic policy gradients (Lillicrap et al. 2016)", false, false,
       [] { return off_policy(ddpg_config(), make_td3); }},
      {"ppo", "Proximal policy optimisation (Schulman et al. 2017)", false, false,
       [] { return on_policy<PpoConfig>(make_ppo); }},
      {"trpo", "Trust-region policy optimisation (Schulman et al. 2015)", false, false,
       [] { return on_policy<TrpoConfig>(make_trpo); }},
      {"vpg", "Vanilla policy gradients (Sutton et al. 2000; Schulman et al. 2016)", false, false,
       [] { return on_policy<VpgConfig>(make_vpg); }},
      {"iq-learn", "Inverse soft-Q learning (Garg et al. 2021) by least squares (Al-Hafez et al. 2023)", true,
       true,
       []() -> std::unique_ptr<RlOptions> {
         return std::make_unique<ValueImitationOptions<IqLearnConfig>>(make_iq_learn);
       }},
      {"value-dice", "Off-policy distribution matching (Kostrikov et al. 2020)", true, false,
       []() -> std::unique_ptr<RlOptions> {
         return std::make_unique<ValueImitationOptions<ValueDiceConfig>>(make_value_dice);
       }}};
  return kinds;
}

const std::vector<RewardKind>& reward_kinds() {
  static const std::vector<RewardKind> kinds{
      {"pwil", "Primal Wasserstein imitation: greedy coupling, step by step (Dadashi et al. 2021)", "sac",
       true, [] { return reward(PwilLearnerConfig{}, make_pwil); }},
      {"otr", "Optimal transport rewards: Sinkhorn coupling of observations (Luo et al. 2023)", "sac", true,
       [] { return reward(OtrConfig{}, make_otr); }},
      {"sliced", "Sliced Wasserstein coupling (after Rabin et al. 2011)", "sac", false,
       [] { return reward(SlicedRewardConfig{}, make_sliced); }},
      {"sinkhorn", "Sinkhorn imitation with a learnt cost (Papagiannis, Li 2020)", "ppo", false,
       [] { return reward(SilConfig{}, make_sil); }},
      {"gail", "Generative adversarial imitation (Ho, Ermon 2016)", "ppo", false,
       [] { return reward(gail_config(), make_adversarial_reward); }},
      {"dac", "Discriminator actor-critic with absorbing states (Kostrikov et al. 2019)", "td3", false,
       [] { return reward(dac_config(), make_adversarial_reward); }},
      {"airl", "Adversarial inverse reinforcement learning (Fu et al. 2018)", "ppo", false,
       [] { return reward(AirlConfig{}, make_airl_reward); }},
      {"fairl", "Adversarial imitation by forward KL (Ghasemipour et al. 2019)", "sac", false,
       [] { return reward(fairl_config(), make_adversarial_reward); }},
      {"sqil", "Soft Q imitation: reward 1 for the expert, 0 for the agent (Reddy et al. 2020)", "sac", false,
       [] { return reward(SqilConfig{}, make_sqil_reward); }}};
  return kinds;
}

const RlKind& rl_kind(const std::string& name) {
  return find(rl_kinds(), "RL learner", name);
}

const RewardKind* reward_kind(const std::string& name) {
  if (name == "task") return nullptr;
  return &find(reward_kinds(), "reward", name);
}

}  // namespace understudy
