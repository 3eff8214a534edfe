#pragma once
/// \file Adversarial inverse reinforcement learning (Fu, Luo, Levine 2018): a discriminator built so that it
/// recovers a reward.
///
/// D = e^f / (e^f + pi(a|s)), so its logit is f - log pi(a|s), with
///   f(s, a, s') = g(s, a) + gamma h(s') - h(s),
/// h(s') = 0 where s' is absorbing; without that, shaping would change which policy is best. The loss is that
/// of discriminator.h. The policy's reward is log D - log(1 - D) = f - log pi (their section 5), which
/// carries the policy's entropy with weight 1; or f alone, for learners that add an entropy of their own
/// (SAC).
///
/// Departures: absorbing states (DAC) in closed form: TerminationRates::absorbing_logit, as h is 0 and
/// nothing can be chosen there; optionally a gradient penalty on g. log pi is the present policy's, at the
/// actions that were executed: off policy, or where an action was clamped to [-1, 1], not exactly that of the
/// policy which drew them.

#include <memory>
#include <string>
#include <vector>

#include "bc/runs/setting.h"
#include "irl/contract/reward_learner.h"
#include "irl/experts/imitation_problem.h"

namespace understudy {

struct AirlConfig {
  std::vector<int> hidden{32, 32};  ///< of g and of h (imitation, Gleave et al. 2022)
  std::string activation = "relu";  ///< (imitation)
  double learning_rate = 1e-3;      ///< Adam (imitation)
  int batch = 512;                  ///< transitions of either side per update (ours)
  int updates = 8;                  ///< per call of `learn` that it makes use of (imitation: 16 of 2048)
  int every = 1;                    ///< makes use of every so many-th call
  double penalty = 0;               ///< of g's gradient; 0: none (Fu et al.)
  double entropy = 0;               ///< regulariser of the discriminator
  bool spectral = false;            ///< spectral normalisation of g and h (spectral_norm.h)
  bool actions = true;              ///< g(s, a); false: g(s), the reward that transfers (their section 5)
  bool subtract_density = true;     ///< reward f - log pi; false: f
  bool absorbing = true;            ///< as in AdversarialConfig
};

/// `reward-...`.
SettingList settings(AirlConfig& config);

/// A reward learner whose recovered reward can be looked at.
class AirlReward : public RewardLearner {
 public:
  /// g(s, a) without shaping `[batch]`: the reward that was recovered, up to a constant.
  virtual void recovered(ConstMatrixRef observations, ConstMatrixRef actions, VectorRef result) = 0;
};

/// Throws UsageError for options out of range, Error for an expert that check_imitation_problem refuses.
std::unique_ptr<AirlReward> make_airl_reward(const ImitationProblem& problem, const AirlConfig& config);

}  // namespace understudy
