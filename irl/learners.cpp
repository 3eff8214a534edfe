#include "irl/learners.h"

#include <utility>

#include "datasets/error.h"
#include "irl/sac.h"
#include "irl/td3.h"

namespace understudy {
namespace {

template <class Config>
class OffPolicyOptions final : public RlOptions {
 public:
  using Factory = std::unique_ptr<OffPolicyLearner> (*)(const RlProblem&, const Config&);
  OffPolicyOptions(Config config, Factory factory) : config_(std::move(config)), factory_(factory) {}

  SettingList settings() override { return understudy::settings(config_); }
  std::unique_ptr<RlLearner> make(const RlProblem& problem,
                                  const ExpertTransitions* /*expert*/) const override {
    return factory_(problem, config_);
  }
  void check(const RewardLearner& reward) const override { check_n_step(config_.off_policy, reward); }

 private:
  Config config_;
  Factory factory_;
};

template <class Config>
std::unique_ptr<RlOptions> off_policy(Config config, typename OffPolicyOptions<Config>::Factory factory) {
  return std::make_unique<OffPolicyOptions<Config>>(std::move(config), factory);
}

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
      {"sac", "Soft actor-critic (Haarnoja et al. 2018)", false,
       [] { return off_policy(SacConfig{}, make_sac); }},
      {"td3", "Twin delayed DDPG (Fujimoto et al. 2018)", false,
       [] { return off_policy(Td3Config{}, make_td3); }},
      {"ddpg", "Deep deterministic policy gradients (Lillicrap et al. 2016)", false,
       [] { return off_policy(ddpg_config(), make_td3); }}};
  return kinds;
}

const std::vector<RewardKind>& reward_kinds() {
  static const std::vector<RewardKind> kinds{};
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
