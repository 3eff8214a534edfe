#include "datasets/curation/lint.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "datasets/curation/entry_moments.h"
#include "datasets/curation/episode_profile.h"
#include "datasets/curation/field_statistics.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr std::size_t kTypical = 5;   // fewer episodes say nothing of what is typical
constexpr double kLatePeriods = 1.5;  // an interval that is late
constexpr float kJumpFloor = 3;       // standard deviations: less in one step is no jump

template <class... Arguments>
std::string format(const char* pattern, Arguments... arguments) {
  char text[240];
  std::snprintf(text, sizeof text, pattern, arguments...);
  return text;
}

/// The value that a share of the others stay below.
double quantile(std::vector<double> values, double share) {
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}
double median(const std::vector<double>& values) {
  return quantile(values, 0.5);
}

class Linter {
 public:
  Linter(const DemonstrationReader& reader, const LintOptions& options)
      : reader_(reader),
        options_(options),
        header_(reader.header()),
        names_(entry_names(header_)),
        moments_(header_.observation.size() + header_.action.size()) {
    for (const LintCheckText& text : lint_checks()) report_.thresholds.push_back(text.threshold);
    if (!options.thresholds.empty()) report_.thresholds = options.thresholds;
    const std::vector<int> dropped = dropped_episodes(reader);
    for (int i = 0; i < reader.size(); ++i) {
      if (std::binary_search(dropped.begin(), dropped.end(), i)) continue;
      report_.episodes.push_back(
          {.index = i, .verdicts = std::vector<LintVerdict>(lint_checks().size(), LintVerdict::kNotJudged)});
    }
    if (!dropped.empty())
      report_.notes.push_back(std::to_string(dropped.size()) + " dropped episodes are left out");
  }

  LintReport run() {
    const auto all = static_cast<int>(report_.episodes.size());
    int done = 0;
    const auto step = [&] {
      if (options_.progress) options_.progress(++done, 2 * all);
    };
    for (LintedEpisode& episode : report_.episodes) {
      measure(episode);
      step();
    }
    scale_ = moments_.deviation();
    // A scale that is rounding of a constant is none.
    for (Eigen::Index i = 0; i < scale_.size(); ++i) {
      if (scale_(i) <= 1e-6 * std::max(1.0, std::abs(moments_.mean()(i)))) scale_(i) = 0;
    }
    for (LintedEpisode& episode : report_.episodes) {
      if (readable(episode)) judge_alone(episode);
      step();
    }
    judge_against_each_other();
    for (const auto& [why, count] : not_simulated_)
      report_.notes.push_back(format("label: %d episodes not judged: ", count) + why);
    return std::move(report_);
  }

 private:
  bool wanted(LintCheck check) const { return options_.checks.empty() || options_.checks.count(check) > 0; }
  double threshold(LintCheck check) const { return report_.thresholds[static_cast<std::size_t>(check)]; }
  bool readable(const LintedEpisode& episode) const { return unreadable_.count(episode.index) == 0; }

  /// The check's verdict: `value` over the threshold fails, for the reason `text`.
  template <class Text>
  void judge(LintedEpisode& episode, LintCheck check, double value, const Text& text) {
    if (!wanted(check)) return;
    const bool fails = !(value <= threshold(check));
    episode.verdicts[static_cast<std::size_t>(check)] = fails ? LintVerdict::kFail : LintVerdict::kPass;
    if (fails) episode.findings.push_back({.check = check, .value = value, .text = text()});
  }

  /// Empty when it cannot be read, which is a finding then.
  std::optional<Episode> read(LintedEpisode& linted, const ReadOptions& arrays) {
    try {
      return reader_.read(linted.index, arrays);
    } catch (const Error& error) {
      if (!wanted(LintCheck::kRange)) throw;
      unreadable_.insert(linted.index);
      judge(linted, LintCheck::kRange, INFINITY, [&] { return std::string(error.what()); });
      return std::nullopt;
    }
  }

  void measure(LintedEpisode& linted) {
    const std::optional<Episode> found = read(linted, {.states = false, .info = false});
    if (!found) return;
    const Episode& episode = *found;
    if (episode.length() == 0) {
      unreadable_.insert(linted.index);
      judge(linted, LintCheck::kIdle, INFINITY, [] { return std::string("has no step"); });
      return;
    }
    Matrix rows(episode.length(), moments_.mean().size());
    rows << episode.observations.topRows(episode.length()), episode.actions;
    moments_.add(rows);
  }

  void judge_alone(LintedEpisode& linted) {
    const bool simulates = wanted(LintCheck::kLabel) && options_.simulate;
    const std::optional<Episode> found = read(linted, {.states = simulates, .info = true});
    if (!found) return;
    const Episode& episode = *found;
    profiles_.push_back(
        episode_profile(episode, scale_.head(header_.observation.size()), header_.control_rate));
    profiled_.push_back(&linted);
    const EpisodeProfile& profile = profiles_.back();
    judge_range(linted, episode);
    const double idle = profile.idle.steps / header_.control_rate;
    judge(linted, LintCheck::kIdle, idle,
          [&] { return format("nothing moves for %.1f s from step %d on", idle, profile.idle.first); });
    Eigen::Index worst = 0;
    const double clipped = profile.at_limit.maxCoeff(&worst);
    judge(linted, LintCheck::kClipped, clipped, [&] {
      return format("%s is at its limit in %.0f %% of the steps", name(header_.observation.size() + worst),
                    100 * clipped);
    });
    judge_timing(linted, episode);
    if (simulates) judge_label(linted, episode);
  }

  const char* name(Eigen::Index entry) const { return names_[static_cast<std::size_t>(entry)].c_str(); }

  void judge_range(LintedEpisode& linted, const Episode& episode) {
    double most = 0;
    Eigen::Index at = 0, entry = 0;
    Eigen::Index first = 0;
    for (const Field& field : header_.observation.fields()) {
      const double width = field.high - field.low;
      for (Eigen::Index column = first; column < first + field.size && width < 1e29; ++column) {
        for (Eigen::Index t = 0; t < episode.observations.rows(); ++t) {
          const double value = episode.observations(t, column);
          const double beyond = std::max(field.low - value, value - field.high) / width;
          if (beyond > most) most = beyond, at = t, entry = column;
        }
      }
      first += field.size;
    }
    judge(linted, LintCheck::kRange, most, [&] {
      return format("%s is %g in row %td, beyond its range by %.2g of it", name(entry),
                    static_cast<double>(episode.observations(at, entry)), at, most);
    });
  }

  void judge_timing(LintedEpisode& linted, const Episode& episode) {
    const StepInfo& info = episode.info;
    if (info.timestamp.size() < 2) return;
    int late = 0;
    double longest = 0;
    std::size_t at = 0;
    bool backwards = false;
    for (std::size_t t = 0; t < info.timestamp.size(); ++t) {
      const double interval = t == 0 ? 0 : info.timestamp[t] - info.timestamp[t - 1];
      const bool overran = !info.overrun.empty() && info.overrun[t] != 0;
      late += overran || interval * header_.control_rate > kLatePeriods ? 1 : 0;
      backwards = backwards || interval < 0;
      if (interval > longest) longest = interval, at = t;
    }
    const double share = backwards ? INFINITY : late / static_cast<double>(info.timestamp.size());
    judge(linted, LintCheck::kTiming, share, [&] {
      if (backwards) return std::string("its clock goes backwards");
      return format("%d of %d steps came late, the longest took %.0f ms, at step %zu", late,
                    profiles_.back().steps, 1e3 * longest, at);
    });
  }

  void judge_label(LintedEpisode& linted, const Episode& episode) {
    const SimulatedEnd end = options_.simulate(episode, threshold(LintCheck::kLabel));
    if (!end.success) {
      ++not_simulated_[end.why];
      return;
    }
    // The threshold is that of the simulation; a label either agrees or does not.
    judge(linted, LintCheck::kLabel, *end.success == episode.success ? 0 : INFINITY, [&] {
      return format("is called a %s, the simulator says %s", episode.success ? "success" : "failure",
                    *end.success ? "success" : "failure");
    });
  }

  void judge_against_each_other() {
    judge_copies();
    const auto needs_typical = {LintCheck::kStuck, LintCheck::kJump, LintCheck::kFar};
    if (profiles_.size() < kTypical) {
      for (const LintCheck check : needs_typical) {
        if (wanted(check))
          report_.notes.push_back(std::string(text_of(check).name) +
                                  ": not run, fewer than 5 episodes say nothing of what is typical");
      }
      return;
    }
    judge_stuck();
    judge_jumps();
    judge_distance();
  }

  void judge_stuck() {
    const auto share = [&](const EpisodeProfile& profile, Eigen::Index entry) {
      const bool observed = entry < header_.observation.size();
      return profile.constant[static_cast<std::size_t>(entry)].steps /
             static_cast<double>(profile.steps + (observed ? 1 : 0));
    };
    std::vector<double> worst(profiles_.size()), typical(profiles_.size());
    std::vector<Eigen::Index> where(profiles_.size());
    for (Eigen::Index entry = 0; entry < scale_.size(); ++entry) {
      for (std::size_t i = 0; i < profiles_.size(); ++i) typical[i] = share(profiles_[i], entry);
      if (median(typical) > threshold(LintCheck::kStuck) / 2) continue;  // it is often still
      for (std::size_t i = 0; i < profiles_.size(); ++i) {
        if (typical[i] > worst[i]) worst[i] = typical[i], where[i] = entry;
      }
    }
    for (std::size_t i = 0; i < profiles_.size(); ++i) {
      judge(*profiled_[i], LintCheck::kStuck, worst[i], [&] {
        const Stretch& stretch = profiles_[i].constant[static_cast<std::size_t>(where[i])];
        return format("%s keeps one value for %d of %d steps, from step %d on", name(where[i]), stretch.steps,
                      profiles_[i].steps, stretch.first);
      });
    }
  }

  void judge_jumps() {
    std::vector<double> worst(profiles_.size()), step(profiles_.size());
    std::vector<Eigen::Index> where(profiles_.size());
    for (Eigen::Index entry = 0; entry < scale_.size(); ++entry) {
      for (std::size_t i = 0; i < profiles_.size(); ++i) step[i] = profiles_[i].largest_step(entry);
      // What happens in one of ten episodes, a contact or a beam past an edge, is the task's own.
      const double typical = quantile(step, 0.9);
      for (std::size_t i = 0; i < profiles_.size(); ++i) {
        if (step[i] <= kJumpFloor * scale_(entry)) continue;
        const double times = step[i] / std::max(typical, 1e-9);
        if (times > worst[i]) worst[i] = times, where[i] = entry;
      }
    }
    for (std::size_t i = 0; i < profiles_.size(); ++i) {
      judge(*profiled_[i], LintCheck::kJump, worst[i], [&] {
        return format("%s changes by %.3g at step %d, %.3g times as much as in nine of ten episodes",
                      name(where[i]), static_cast<double>(profiles_[i].largest_step(where[i])),
                      profiles_[i].largest_at[static_cast<std::size_t>(where[i])], worst[i]);
      });
    }
  }

  /// The smallest path_difference of profile `i` from any of `others`, and whose; equal content is 0.
  std::pair<double, std::size_t> closest(std::size_t i, const std::vector<std::size_t>& others) const {
    std::pair<double, std::size_t> best{INFINITY, i};
    for (const std::size_t j : others) {
      if (profiles_[i].content == profiles_[j].content) return {0, j};
      const double difference = path_difference(profiles_[i].path, profiles_[j].path, scale_);
      // Paths that agree where they were looked at are still no copy, bit for bit.
      if (std::max(difference, 1e-12) < best.first) best = {std::max(difference, 1e-12), j};
    }
    return best;
  }

  void judge_copies() {
    const auto judge_copy = [&](std::size_t i, LintCheck check, const std::vector<std::size_t>& others,
                                const char* of) {
      const auto [difference, j] = closest(i, others);
      const double limit = threshold(check);
      // More than the threshold fails: of copies it is nearness that does.
      const double nearness = difference <= limit ? INFINITY : 0;
      judge(*profiled_[i], check, nearness, [&, j = j, difference = difference] {
        const std::string other = reader_.name(profiled_[j]->index);
        if (difference == 0) return "is the same as " + other + of + ", bit for bit";
        return "is a copy of " + other + of + format(" but for %.2g standard deviations", difference);
      });
      if (nearness > 0 && wanted(check)) profiled_[i]->findings.back().value = difference;
    };
    if (wanted(LintCheck::kDuplicate)) {
      std::vector<std::size_t> before;
      std::map<std::string, std::size_t> first;
      const bool near = threshold(LintCheck::kDuplicate) > 0;
      for (std::size_t i = 0; i < profiles_.size(); ++i) {
        // The first of several stays.
        const auto [same, is_new] = first.emplace(profiles_[i].content, i);
        judge_copy(
            i, LintCheck::kDuplicate,
            is_new ? (near ? before : std::vector<std::size_t>{}) : std::vector<std::size_t>{same->second},
            "");
        before.push_back(i);
      }
    }
    const NamedMasks masks = reader_.all_masks();
    const auto train = masks.find("train"), valid = masks.find("valid");
    if (!wanted(LintCheck::kLeak)) return;
    if (train == masks.end() || valid == masks.end() || train->second.empty() || valid->second.empty()) {
      report_.notes.emplace_back("leak: not run, the file has no masks train and valid");
      return;
    }
    std::vector<std::size_t> trained;
    const auto is_in = [&](std::size_t i, const std::vector<int>& mask) {
      return std::binary_search(mask.begin(), mask.end(), profiled_[i]->index);
    };
    for (std::size_t i = 0; i < profiles_.size(); ++i) {
      if (is_in(i, train->second)) trained.push_back(i);
    }
    for (std::size_t i = 0; i < profiles_.size(); ++i) {
      if (is_in(i, valid->second)) judge_copy(i, LintCheck::kLeak, trained, " of train");
    }
  }

  /// The distance of every episode to the nearest other.
  void judge_distance() {
    if (!wanted(LintCheck::kFar)) return;
    if (!options_.distance) {
      report_.notes.emplace_back("far: not run, this program was built without LibTorch");
      return;
    }
    std::vector<Matrix> paths;
    const Eigen::VectorXf weights = weights_of(scale_).cast<float>();
    for (const EpisodeProfile& profile : profiles_) paths.emplace_back(profile.path * weights.asDiagonal());
    const auto all = 2 * static_cast<int>(report_.episodes.size());
    const std::vector<double> nearest = nearest_distances(paths, [&](const Matrix& x, const Matrix& y) {
      if (options_.progress) options_.progress(all, all);
      return options_.distance(x, y);
    });
    const double typical = std::max(median(nearest), 1e-9);
    for (std::size_t i = 0; i < nearest.size(); ++i) {
      judge(*profiled_[i], LintCheck::kFar, nearest[i] / typical, [&] {
        return format("is %.3g standard deviations from the nearest episode, %.3g times as far as most",
                      nearest[i], nearest[i] / typical);
      });
    }
  }

  const DemonstrationReader& reader_;
  const LintOptions& options_;
  const DatasetHeader& header_;
  std::vector<std::string> names_;
  EntryMoments moments_;
  Eigen::VectorXd scale_;  // [entries]
  LintReport report_;
  std::set<int> unreadable_;
  std::vector<EpisodeProfile> profiles_;
  std::vector<LintedEpisode*> profiled_;  // whose profiles they are
  std::map<std::string, int> not_simulated_;
};

}  // namespace

LintReport lint(const DemonstrationReader& reader, const LintOptions& options) {
  return Linter(reader, options).run();
}

}  // namespace understudy
