// The checks by name, and what a report comes to.

#include <algorithm>

#include "datasets/curation/lint.h"

namespace understudy {

const std::vector<LintCheckText>& lint_checks() {
  static const std::vector<LintCheckText> checks{
      {LintCheck::kRange, "range", "values that no array may have, observations beyond their field's range",
       "share of the field's range beyond it", 0.001},
      {LintCheck::kIdle, "idle", "stretches in which neither action nor observation moves", "s", 2},
      {LintCheck::kClipped, "clipped", "action entries that stand at -1 or 1", "share of the episode's steps",
       0.95},
      {LintCheck::kStuck, "stuck", "entries that keep one value and in most episodes do not",
       "share of the episode's steps", 0.9},
      {LintCheck::kJump, "jump", "entries that jump, by 3 standard deviations or more",
       "times the largest step of nine episodes in ten", 3},
      {LintCheck::kTiming, "timing", "steps that overran or came later than 1.5 periods",
       "share of the episode's steps", 0.01},
      {LintCheck::kDuplicate, "duplicate", "episodes that are in the file before",
       "standard deviations that a copy may differ by", 0},
      {LintCheck::kLeak, "leak", "episodes of the mask valid that are copies of one in train",
       "standard deviations that a copy may differ by", 0.01},
      {LintCheck::kLabel, "label", "success or failure where the simulator says otherwise",
       "difference of a state, in its unit, up to which it is the same simulation", 1e-6},
      {LintCheck::kFar, "far", "episodes far from all others (Wasserstein-1 distance)",
       "times the distance to the nearest that most episodes have", 4},
  };
  return checks;
}

int LintReport::failed() const {
  return static_cast<int>(episodes.size() - passing().size());
}

int LintReport::count(LintCheck check, LintVerdict verdict) const {
  return static_cast<int>(std::count_if(episodes.begin(), episodes.end(), [&](const LintedEpisode& episode) {
    return episode.verdicts[static_cast<std::size_t>(check)] == verdict;
  }));
}

std::vector<int> LintReport::passing() const {
  std::vector<int> list;
  for (const LintedEpisode& episode : episodes) {
    if (episode.passes()) list.push_back(episode.index);
  }
  return list;
}

}  // namespace understudy
