#pragma once
/// \file What a sweep tries: a TOML file with a training command and what of it varies (docs/sweeps.md).

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace understudy::tools {

enum class SweepMethod {
  kGrid,     ///< every combination
  kRandom,   ///< `trials` draws
  kHalving,  ///< the same draws, of which the better ones go on for longer (Jamieson and Talwalkar 2016)
};

/// What a trial is judged by: the figure of the policy that its run kept. The distance is better when it is less.
enum class SweepMetric { kSuccess, kReturn, kDistance };
/// "success", "return", "distance".
std::string metric_name(SweepMetric metric);

/// An option of the command and its values.
struct SweepOption {
  enum class Kind { kValues, kUniform, kLogUniform, kInteger };
  std::string name;  ///< without dashes
  Kind kind = Kind::kValues;
  std::vector<std::string> values{};  ///< of kValues
  double low = 0, high = 0;           ///< of the others
  int points = 0;                     ///< of them in a grid
};

/// Halving: all configurations with `least` of an option, then of each round the better `1 / factor` with `factor` times
/// as much, up to `most`.
struct SweepBudget {
  std::string option;  ///< "steps", "epochs" or "rounds"
  int least = 0, most = 0;
  int factor = 3;  ///< at least 2
};

struct SweepPlan {
  std::vector<std::string> command;  ///< "train", learner, options
  SweepMethod method = SweepMethod::kGrid;
  SweepMetric metric = SweepMetric::kSuccess;
  std::vector<SweepOption> options;
  std::vector<std::uint64_t> seeds{1};  ///< each configuration is trained with all of them
  int trials = 0;                       ///< draws, of kRandom and kHalving
  std::uint64_t draw_seed = 1;          ///< of those draws
  int jobs = 0;                         ///< processes at once; 0: as many as the cores allow
  SweepBudget budget{};                 ///< of kHalving
};

/// Throws Error with "file:line:column: " for what is none of this, or not enough.
SweepPlan read_sweep(const std::filesystem::path& file);
/// The same of a file's content, which `place` names.
SweepPlan parse_sweep(const std::string& content, const std::string& place);

/// One choice of a value for every option, in the options' order.
using Configuration = std::vector<std::string>;

/// Those that the plan tries, no two alike, always the same ones.
std::vector<Configuration> configurations(const SweepPlan& plan);

/// The budgets of a halving's rounds, the least first; without halving nothing, once.
std::vector<std::optional<int>> budgets(const SweepPlan& plan);

}  // namespace understudy::tools
