#pragma once
/// \file How often an absorbing state is reached, by the expert and by the agent.

#include <cstdint>
#include <vector>

#include "irl/archive.h"
#include "irl/expert_transitions.h"

namespace understudy {

/// Terminations per step. A subsampled expert's are weighed as the subsampling asks for.
class TerminationRates {
 public:
  explicit TerminationRates(const ExpertTransitions& expert);

  /// Flags of a batch of the agent's transitions; about the last thousand batches count.
  void see(const std::vector<std::uint8_t>& terminated);

  double expert() const { return expert_; }
  double agent() const { return agent_; }

  void serialise(Archive& archive);

 private:
  double expert_ = 0;
  double agent_ = 0;
  std::uint64_t batches_ = 0;
};

}  // namespace understudy
