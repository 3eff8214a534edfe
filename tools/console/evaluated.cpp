#include "tools/console/evaluated.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

namespace understudy::tools {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kWorst = 3;

ordered_json text_or_null(const std::string& text) {
  return text.empty() ? ordered_json() : ordered_json(text);
}

ordered_json number_or_null(const std::optional<int>& number) {
  return number ? ordered_json(*number) : ordered_json();
}

ordered_json to_json(const EpisodeOutcome& outcome, bool judged) {
  ordered_json json = {{"seed", outcome.seed},
                       {"success", judged ? ordered_json(outcome.success) : ordered_json()},
                       {"return", outcome.episode_return},
                       {"best_reward", outcome.best_reward},
                       {"length", outcome.length},
                       {"terminated", outcome.terminated},
                       {"truncated", outcome.truncated},
                       {"cause", text_or_null(outcome.cause)},
                       {"left_demonstrations", number_or_null(outcome.left_demonstrations)}};
  if (!outcome.variation.empty())
    json["variation"] = ordered_json::parse(understudy::to_json(outcome.variation));
  return json;
}

/// Of those that failed: how many left the demonstrations, and the median of when.
std::string leaving_text(const std::vector<EpisodeOutcome>& outcomes) {
  std::vector<int> steps;
  for (const EpisodeOutcome& outcome : outcomes) {
    if (outcome.failed() && outcome.left_demonstrations) steps.push_back(*outcome.left_demonstrations);
  }
  if (steps.empty()) return "";
  const auto middle = steps.begin() + static_cast<std::ptrdiff_t>((steps.size() - 1) / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return "; " + std::to_string(steps.size()) + " left the demonstrations, at step " +
         std::to_string(*middle) + " in the middle";
}

}  // namespace

std::vector<NotableEpisode> notable_episodes(const std::vector<EpisodeOutcome>& outcomes) {
  std::vector<const EpisodeOutcome*> by_return;
  for (const EpisodeOutcome& outcome : outcomes) by_return.push_back(&outcome);
  std::stable_sort(by_return.begin(), by_return.end(), [](const EpisodeOutcome* a, const EpisodeOutcome* b) {
    return a->episode_return < b->episode_return;
  });
  std::vector<NotableEpisode> notable;
  for (const EpisodeOutcome* outcome : by_return) {
    if (outcome->failed() && notable.size() < kWorst) notable.push_back({.outcome = *outcome, .worst = true});
  }
  if (!by_return.empty()) notable.push_back({.outcome = *by_return[(by_return.size() - 1) / 2]});
  return notable;
}

Evaluated evaluated(std::string name, std::vector<EpisodeOutcome> outcomes, std::uint64_t seed) {
  Evaluated one{.name = std::move(name), .outcomes = std::move(outcomes), .summary = {}};
  one.summary = summarise(one.outcomes, seed);
  one.notable = notable_episodes(one.outcomes);
  return one;
}

std::vector<double> figures(const Evaluated& evaluated, bool judged) {
  std::vector<double> values;
  for (const EpisodeOutcome& outcome : evaluated.outcomes)
    values.push_back(!judged ? outcome.episode_return : outcome.success ? 100 : 0);
  return values;
}

std::string failure_text(const Evaluated& evaluated, bool judged) {
  std::map<std::string, int> causes;
  for (const EpisodeOutcome& outcome : evaluated.outcomes) {
    if (outcome.failed()) ++causes[outcome.cause];
  }
  if (causes.empty()) return "";
  std::vector<std::pair<std::string, int>> most(causes.begin(), causes.end());
  std::stable_sort(most.begin(), most.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text = judged ? "failed: " : "ended early: ";
  for (const auto& [cause, count] : most) {
    text += (&cause == &most.front().first ? "" : ", ") + std::to_string(count) + " " + cause;
  }
  std::string worst;
  for (const NotableEpisode& episode : evaluated.notable) {
    if (episode.worst) worst += (worst.empty() ? "" : ", ") + std::to_string(episode.outcome.seed);
  }
  text += "; worst seed" + std::string(worst.find(',') == std::string::npos ? " " : "s ") + worst;
  return text + ", median seed " + std::to_string(evaluated.notable.back().outcome.seed) +
         leaving_text(evaluated.outcomes);
}

std::string latency_text(const EvaluationTimes& times) {
  const Latencies& acting = times.acting;
  char text[200];
  std::snprintf(
      text, sizeof text,
      "acts in %.3g us (median), 95 %% in %.3g, 99 %% in %.3g, at most %.3g; %.0f %% of the time is the "
      "simulator's",
      1e6 * acting.quantile(0.5), 1e6 * acting.quantile(0.95), 1e6 * acting.quantile(0.99),
      1e6 * acting.greatest(), 100 * times.simulating / times.busy);
  return text;
}

ordered_json to_json(const Evaluated& evaluated, bool judged) {
  const EvaluationSummary& s = evaluated.summary;
  const auto or_null = [judged](auto value) { return judged ? ordered_json(value) : ordered_json(); };
  ordered_json policy = {{"policy", evaluated.name}};
  if (evaluated.step) {
    policy["step"] = *evaluated.step;
    policy["kept"] = evaluated.kept;
  }
  policy.update({{"episodes", s.episodes},
                 {"success_rate", or_null(s.success_rate)},
                 {"success_interval", or_null(std::vector{s.success.low, s.success.high})},
                 {"mean_return", s.mean_return},
                 {"return_interval", {s.episode_return.low, s.episode_return.high}},
                 {"mean_best_reward", s.mean_best_reward},
                 {"mean_length", s.mean_length}});
  if (evaluated.likeness) {
    const Likeness& l = *evaluated.likeness;
    policy["middle_return"] = l.middle.value;
    policy["middle_interval"] = {l.middle.interval.low, l.middle.interval.high};
    policy["demonstrations_return"] = l.demonstrations_return;
    policy["distance"] = l.distance;
  }
  if (evaluated.times) {
    const Latencies& acting = evaluated.times->acting;
    policy["latency_us"] = {{"p50", 1e6 * acting.quantile(0.5)},
                            {"p95", 1e6 * acting.quantile(0.95)},
                            {"p99", 1e6 * acting.quantile(0.99)},
                            {"max", 1e6 * acting.greatest()}};
  }
  policy["failures"] = ordered_json::array();
  for (const NotableEpisode& episode : evaluated.notable) {
    policy["failures"].push_back(
        {{"seed", episode.outcome.seed},
         {"kind", episode.worst ? "worst" : "median"},
         {"cause", text_or_null(episode.outcome.cause)},
         {"left_demonstrations", number_or_null(episode.outcome.left_demonstrations)},
         {"video", text_or_null(episode.video)}});
  }
  policy["outcomes"] = ordered_json::array();
  for (const EpisodeOutcome& outcome : evaluated.outcomes)
    policy["outcomes"].push_back(to_json(outcome, judged));
  return policy;
}

}  // namespace understudy::tools
