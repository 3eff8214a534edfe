#pragma once
/// \file All options of DAgger.

#include <string>

#include "bc/cloning/cloning_run_config.h"

namespace understudy {

/// The share of steps that the expert drives in round i = 0, 1, ...
enum class BetaSchedule {
  kLinear,       ///< max(0, 1 - i / beta_rounds), as imitation has it
  kExponential,  ///< beta_base^i (Ross et al. 2011)
  kFirst,        ///< 1 in round 0, then 0 (Ross et al. 2011, the one without a parameter)
};
std::string beta_schedule_name(BetaSchedule schedule);
/// Throws UsageError that lists the known names.
BetaSchedule parse_beta_schedule(const std::string& name);

/// Of the policy and its training as CloningRunConfig says; a round trains for all of its epochs.
struct DaggerRunConfig : CloningRunConfig {
  std::string expert = "expert";  ///< the task's scripted one, or a policy's file or run directory
  int rounds = 10;
  int round_episodes = 10;  ///< collected in each round
  BetaSchedule schedule = BetaSchedule::kLinear;
  int beta_rounds = 5;     ///< kLinear (ours; imitation has 15)
  double beta_base = 0.7;  ///< kExponential (imitation)
  bool continues = false;  ///< a round trains on from the round before, not from scratch

  DaggerRunConfig();
};

/// Of steps that the expert drives in round i. Where there are demonstrations to begin with, round 0 is theirs.
double beta(const DaggerRunConfig& config, int round);

/// All of them, in the order in which the command line shows them.
SettingList settings(DaggerRunConfig& config);

/// Throws UsageError naming the option.
void validate(const DaggerRunConfig& config);

}  // namespace understudy
