#pragma once
/// \file Looks for demonstrations that spoil what is learnt from a dataset: each episode is judged by every check.

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "datasets/format/demonstration_reader.h"

namespace understudy {

enum class LintCheck {
  kRange,
  kIdle,
  kClipped,
  kStuck,
  kJump,
  kTiming,
  kDuplicate,
  kLeak,
  kLabel,
  kFar,
};

/// One check, as a user chooses it and sets its threshold.
struct LintCheckText {
  LintCheck check;
  const char* name;   ///< one word
  const char* finds;  ///< what it finds, to stand behind its name
  const char* unit;   ///< what is measured and in which unit; more of it than the threshold fails
  double threshold;   ///< ours: what sound recordings of the synthetic operator stay below in every task
};

/// Every check, in the order of LintCheck.
const std::vector<LintCheckText>& lint_checks();
inline const LintCheckText& text_of(LintCheck check) {
  return lint_checks()[static_cast<std::size_t>(check)];
}

enum class LintVerdict { kPass, kFail, kNotJudged };

/// What simulating an episode's actions again came to.
struct SimulatedEnd {
  std::optional<bool> success{};  ///< by the task's own criterion; empty: it cannot be told
  std::string why{};              ///< it cannot
};

struct LintOptions {
  std::set<LintCheck> checks{};      ///< empty: all
  std::vector<double> thresholds{};  ///< one for each of lint_checks(); empty: theirs
  /// Simulates an episode that has been read whole, and says how it ends; a state may differ by as much as the second
  /// argument says. Empty: kLabel is not run.
  std::function<SimulatedEnd(const Episode&, double)> simulate{};
  /// Wasserstein-1 distance of two sets of rows, [n, entries] both. Empty: kFar is not run.
  std::function<double(const Matrix&, const Matrix&)> distance{};
  /// May throw, to stop.
  std::function<void(int done, int all)> progress{};
};

struct LintFinding {
  LintCheck check = LintCheck::kRange;
  double value = 0;    ///< in the unit of the check
  std::string text{};  ///< one line: what was found and where
};

struct LintedEpisode {
  int index = 0;                        ///< in the file
  std::vector<LintVerdict> verdicts{};  ///< one for each of lint_checks()
  std::vector<LintFinding> findings{};

  bool passes() const { return findings.empty(); }
};

struct LintReport {
  std::vector<LintedEpisode> episodes{};  ///< of the file, those left out that are dropped
  std::vector<double> thresholds{};       ///< that were applied, one for each of lint_checks()
  std::vector<std::string> notes{};       ///< why a check judged nothing, or not all

  int failed() const;
  /// Episodes of this verdict by one check.
  int count(LintCheck check, LintVerdict verdict) const;
  /// Those that pass, ascending.
  std::vector<int> passing() const;
};

/// Reads the file twice, an episode at a time. What is typical is taken from the dataset itself, so kStuck, kJump and
/// kFar say nothing when there are fewer than 5 episodes. An episode that cannot be read fails kRange with
/// the reader's line; without kRange the line is thrown. Throws what `progress` throws.
LintReport lint(const DemonstrationReader& reader, const LintOptions& options = {});

}  // namespace understudy
