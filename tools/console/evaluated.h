#pragma once
/// \file What an evaluation says of one policy: figures, failures and latency, as text and as JSON.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "envs/rollouts/evaluation.h"
#include "tools/console/demonstration_options.h"

namespace understudy::tools {

/// An episode worth looking at.
struct NotableEpisode {
  EpisodeOutcome outcome;
  bool worst = false;   ///< one of the failures with the least return; else the median of all episodes
  std::string video{};  ///< file; empty: none was drawn
};

struct Evaluated {
  std::string name;
  std::vector<EpisodeOutcome> outcomes;
  EvaluationSummary summary;
  std::vector<NotableEpisode> notable{};
  std::optional<Likeness> likeness{};
  std::optional<EvaluationTimes> times{};
  std::optional<int> step{};  ///< of a run's checkpoint
  bool kept = false;          ///< it is the one that the run kept
};

/// With everything that follows from the outcomes. `seed` as in summarise().
Evaluated evaluated(std::string name, std::vector<EpisodeOutcome> outcomes, std::uint64_t seed);

/// The worst three failures, worst first, then the episode of median return (the lower of two), of equals the earlier.
std::vector<NotableEpisode> notable_episodes(const std::vector<EpisodeOutcome>& outcomes);

/// What policies are compared by, an episode each: success in per cent, the return where the task has no criterion.
std::vector<double> figures(const Evaluated& evaluated, bool judged);

/// "failed: 12 time out, 3 off track; worst seeds 7, 3 and 5, median seed 9", and where the failures left the
/// demonstrations if anybody looked; of a task without a criterion "ended: ...". "" where nothing failed.
std::string failure_text(const Evaluated& evaluated, bool judged);
/// "acts in 41 us (median), 95 % in 50, 99 % in 71, at most 310; 93 % of the time is the simulator's".
std::string latency_text(const EvaluationTimes& times);

/// One of the `policies` of `eval --json`. `judged`: the task has a criterion of success; what is about that is null
/// otherwise.
nlohmann::ordered_json to_json(const Evaluated& evaluated, bool judged);

}  // namespace understudy::tools
