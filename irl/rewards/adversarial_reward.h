#pragma once
/// \file Rewards from a discriminator between expert and agent, l its logit (positive: like the expert):
///   GAIL  softplus(l) = -log(1 - D)  (Ho, Ermon 2016; >= 0)
///   DAC   l = log D - log(1 - D)     (Kostrikov et al. 2019, with the sign-unbiased reward of AIRL)
///   FAIRL -l e^l                     (Ghasemipour et al. 2019: forward KL; at most 1/e, not below kLeastFairl here)
/// Rewards are worked out anew from the present discriminator whenever a batch is learnt from, so that all
/// three serve learners on policy and off.
///
/// Departures: absorbing states in closed form, both their reward (TerminationRates::absorbing_logit) and
/// what it is worth for ever (RewardLearner::absorbing_reward). A network with a gradient penalty would see a
/// state of zeros and a flag near the expert's, whose normalised observations are near zero, and pay a bad
/// agent for ending. GAIL with a gradient penalty, without which the discriminator wins outright on few
/// demonstrations.

#include <memory>
#include <string>
#include <vector>

#include "bc/runs/setting.h"
#include "irl/contract/reward_learner.h"
#include "irl/experts/imitation_problem.h"
#include "irl/rewards/discriminator.h"

namespace understudy {

/// FAIRL's reward falls like -e^l on what only the expert does, and one such step would drown all others.
inline constexpr double kLeastFairl = -10;

/// Which discriminator and which reward of its logit.
struct AdversarialConfig {
  std::string form = "logit";         ///< "softplus", "logit", "fairl"
  std::vector<int> hidden{256, 256};  ///< (DAC)
  std::string activation = "tanh";    ///< (DAC)
  double learning_rate = 1e-3;        ///< Adam (DAC)
  int batch = 256;                    ///< transitions of either side per update (DAC: 100; acme 256)
  int updates = 1;                    ///< of the discriminator per call of `learn` that it makes use of
  int every = 1;                      ///< makes use of every so many-th call
  double penalty = 10;                ///< of the gradient (DAC)
  double entropy = 0;                 ///< regulariser
  bool spectral = false;              ///< spectral normalisation of the discriminator (spectral_norm.h)
  bool actions = true;                ///< the discriminator sees them
  bool next_observations = false;     ///< and these
  /// An episode that terminates goes on in an absorbing state that has its reward too. Without it ending is
  /// worth 0 by definition: softplus, never negative, then rewards survival, and a logit that is negative on
  /// average rewards ending, whatever the expert did. That is sound only where no episode terminates.
  bool absorbing = true;
};

/// GAIL for learners on policy: softplus, 2x100 tanh and entropy 1e-3 (Ho, Ermon's code), 8 updates a batch
/// (imitation, Gleave et al. 2022, tuned for Hopper).
AdversarialConfig gail_config();
/// The defaults above.
AdversarialConfig dac_config();
/// DAC's discriminator with the reward of FAIRL.
AdversarialConfig fairl_config();

/// `reward-...`; for whoever has chosen the form.
SettingList settings(AdversarialConfig& config);

/// r(l) of a form. Throws UsageError for an unknown one.
double adversarial_reward(const std::string& form, double logit);

/// Throws UsageError for options out of range, Error for an expert that check_imitation_problem refuses.
std::unique_ptr<RewardLearner> make_adversarial_reward(const ImitationProblem& problem,
                                                       const AdversarialConfig& config);

}  // namespace understudy
