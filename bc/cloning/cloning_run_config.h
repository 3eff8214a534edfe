#pragma once
/// \file All options of a cloning run, and their text forms.

#include <string>

#include "bc/cloning/cloning.h"
#include "bc/cloning/cloning_data.h"

namespace understudy {

struct CloningRunConfig {
  std::string data;                    ///< demonstrations, HDF5
  std::string environment;             ///< task id
  std::string out;                     ///< run directory to be made
  CloningConfig cloning;               ///< cloning.seed is the run's seed, at most 9999
  DemonstrationChoice demonstrations;  ///< its seed is not used: the run's is
  int evaluate_every = 5;        ///< epochs between two evaluations, >= 1; the last epoch always has one
  int evaluation_episodes = 20;  ///< episodes of each, in [1, 10000]
  int candidates = 3;            ///< policies kept for the final evaluation, >= 1
  int final_episodes = 100;      ///< episodes of the final evaluation of each, in [1, 50000]
  int threads = 0;               ///< for evaluation; 0: one per core. Results do not depend on it
  int blas_threads = 1;          ///< for matrix products, >= 1; results may depend on it
  std::string device = "cpu";  ///< of the networks' larger passes (bc/mlp_device.h); results may depend on it
  std::string randomise{};     ///< file that `randomisation` is from; may be empty
  std::string
      randomisation{};  ///< text form of what evaluation episodes are varied by (envs/randomisation.h)
};

/// Throws UsageError naming the option.
void validate(const CloningRunConfig& config);

/// "256,256" from widths and back; "none" is no hidden layer at all. Throws UsageError.
std::string hidden_text(const std::vector<int>& widths);
std::vector<int> parse_hidden(const std::string& text);

/// The resolved options as TOML that `understudy train bc --config` accepts.
std::string to_toml(const CloningRunConfig& config);
/// Those of them that the result depends on: without output directory and evaluation threads, files without
/// their folders.
std::string to_policy_toml(const CloningRunConfig& config);

/// The same options as a JSON object, for programs; from_json gives back the same config. Throws Error
/// beginning with `place` when the text is not what to_json wrote.
std::string to_json(const CloningRunConfig& config);
CloningRunConfig run_config_from_json(const std::string& text, const std::string& place);

}  // namespace understudy
