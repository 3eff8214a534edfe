#pragma once
/// \file How often an absorbing state is reached, by the expert and by the agent.

#include <cstdint>
#include <vector>

#include "datasets/storage/archive.h"
#include "irl/experts/expert_transitions.h"

namespace understudy {

/// Terminations per step. A subsampled expert's are weighed as the subsampling asks for.
///
/// DAC (Kostrikov et al. 2019, section 4.2) lets an episode that terminates go on in an absorbing state,
/// which its discriminator sees once per termination. That state is one point: what a discriminator that can
/// tell it from all others says of it in the end is a matter of counting, and needs no network.
class TerminationRates {
 public:
  explicit TerminationRates(const ExpertTransitions& expert);

  /// Flags of a batch of the agent's transitions; about the last hundred thousand count.
  void see(const std::vector<std::uint8_t>& terminated);

  double expert() const { return expert_; }
  double agent() const { return agent_; }

  /// The logit of the best discriminator in the absorbing state: the log of the expert's share of
  /// absorbing rows among its rows, one more for every termination, over the agent's share. 0 while
  /// neither terminates. Rates below half a termination in all of the expert's steps count as that, for
  /// they cannot be told from 0.
  double absorbing_logit() const;
  /// The same for a discriminator whose mean logit of the agent's rows is `of_agent`, which is far from the best one's
  /// when it is sure of itself: where the expert never terminates, ending is no better than going on as the agent does.
  double absorbing_logit(double of_agent) const;

  void serialise(Archive& archive);

 private:
  double expert_ = 0;
  double least_ = 1;  ///< rates below this count as this
  double agent_ = 0;
  std::uint64_t transitions_ = 0;
};

}  // namespace understudy
