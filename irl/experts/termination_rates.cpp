#include "irl/experts/termination_rates.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace understudy {
namespace {

/// Transitions that the agent's mean goes back.
constexpr double kMemory = 1e5;

}  // namespace

TerminationRates::TerminationRates(const ExpertTransitions& expert) {
  double steps = 0;
  double ends = 0;
  for (const std::uint8_t terminated : expert.terminated) {
    steps += terminated != 0 ? 1 : expert.subsample;
    ends += terminated;
  }
  if (steps == 0) return;
  expert_ = ends / steps;
  least_ = 0.5 / steps;
}

void TerminationRates::see(const std::vector<std::uint8_t>& terminated) {
  if (terminated.empty()) return;
  const auto size = static_cast<double>(terminated.size());
  const double ends = std::accumulate(terminated.begin(), terminated.end(), 0.0);
  transitions_ += terminated.size();
  const double weight = size / std::min(static_cast<double>(transitions_), kMemory);
  agent_ += (ends / size - agent_) * std::min(weight, 1.0);
}

double TerminationRates::absorbing_logit() const {
  if (expert_ == 0 && agent_ == 0) return 0;
  const auto share = [this](double rate) { return std::max(rate, least_) / (1 + std::max(rate, least_)); };
  return std::log(share(expert_) / share(agent_));
}

double TerminationRates::absorbing_logit(double of_agent) const {
  return expert_ == 0 ? std::min(absorbing_logit(), of_agent) : absorbing_logit();
}

void TerminationRates::serialise(Archive& archive) {
  archive("agent terminations", agent_);
  archive.want_finite(agent_, 0);
  archive("agent transitions", transitions_);
  archive.want_count(transitions_);
}

}  // namespace understudy
