#pragma once
/// \file All options of a cloning run.

#include <string>
#include <vector>

#include "bc/cloning/cloning.h"
#include "bc/cloning/cloning_data.h"
#include "bc/cloning/sequence_cloning.h"
#include "bc/cloning/sight_data.h"
#include "bc/runs/run_config.h"

namespace understudy {

/// What is left to a kind of policy unless somebody says it: 0, -1 where 0 means something, or nothing.
struct SequenceOptions {
  std::string head;  ///< bc/designs/heads.h
  int modes = 0, bins = 0;
  std::string cell;
  std::vector<int> widths;
  int members = 0;
  int layers = 0, width = 0, attention_heads = 0;
  double dropout = -1;
  int history = 0, horizon = 0, execute = 0;
  int latent = 0;
  double kl_weight = -1, ensemble = -1;
  int diffusion_steps = 0, acting_steps = 0;
  int warm_up = -1;
  double clip_gradient = -1;
  bool average = true;
};

struct CloningRunConfig : RunConfig {
  std::string policy;             ///< kind of policy, see policy_names; empty: kRecommendedPolicy
  std::string warm_start;         ///< policy to train on from; empty: none
  SequenceOptions sequence;       ///< for all but mlp
  SightOptions sight;             ///< cameras, and what becomes of their pictures
  CloningConfig cloning;          ///< its seed is not used: the run's is
  double validation_share = 0.1;  ///< of the episodes, held out (bc/cloning/cloning_data.h), in [0, 1)
  std::string validation_mask;    ///< list of the episodes to hold out, in the file
  std::string more_data;          ///< further files, commas between
  std::string shares;  ///< of each batch, of `demonstrations` and of each further file, commas between
  StepWeights weights;
  int blas_threads = 1;  ///< for matrix products, >= 1; results may depend on it

  CloningRunConfig();
};

inline constexpr const char* kRecommendedPolicy = "mlp";

/// "mlp", "ensemble", "rnn", "transformer", "act", "diffusion", "flow", "stream".
const std::vector<std::string>& policy_names();

/// Whether the policy is trained by SequenceCloning, and not by Cloning.
bool plans(const CloningRunConfig& config);

/// Puts the policy's own values where there is none yet. Throws UsageError for an unknown policy.
void resolve(CloningRunConfig& config);

/// Takes kind and sizes of the policy to train on from, before resolve(). Throws Error naming config.warm_start when
/// options want another kind or other sizes.
void take_over(CloningRunConfig& config, const Policy& warm_start);

/// Of each batch, one for each file; none: all rows alike. Throws UsageError unless there is a positive number for each.
std::vector<double> batch_shares(const CloningRunConfig& config);

/// For a resolved config of which plans() holds.
SequenceCloningConfig sequence_config(const CloningRunConfig& config);

/// All of them, in the order in which the command line shows them.
SettingList settings(CloningRunConfig& config);

/// Throws UsageError naming the option.
void validate(const CloningRunConfig& config);

}  // namespace understudy
