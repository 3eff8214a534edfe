#include "irl/termination_rates.h"

#include <algorithm>
#include <numeric>

namespace understudy {
namespace {

/// Batches that the agent's mean goes back.
constexpr double kMemory = 1000;

}  // namespace

TerminationRates::TerminationRates(const ExpertTransitions& expert) {
  double steps = 0;
  double ends = 0;
  for (const std::uint8_t terminated : expert.terminated) {
    steps += terminated != 0 ? 1 : expert.subsample;
    ends += terminated;
  }
  if (steps > 0) expert_ = ends / steps;
}

void TerminationRates::see(const std::vector<std::uint8_t>& terminated) {
  if (terminated.empty()) return;
  const double ends = std::accumulate(terminated.begin(), terminated.end(), 0.0);
  const double share = ends / static_cast<double>(terminated.size());
  ++batches_;
  agent_ += (share - agent_) / std::min(static_cast<double>(batches_), kMemory);
}

void TerminationRates::serialise(Archive& archive) {
  archive("agent terminations", agent_);
  archive("agent batches", batches_);
}

}  // namespace understudy
