#include "datasets/curation/statistics.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace understudy {
namespace {

Spread spread(const std::vector<double>& values) {
  if (values.empty()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  return {.low = *low, .mean = sum / static_cast<double>(values.size()), .high = *high};
}

}  // namespace

DatasetStatistics statistics(const DemonstrationReader& reader) {
  std::vector<int> all(static_cast<std::size_t>(reader.size()));
  std::iota(all.begin(), all.end(), 0);
  return statistics(reader, all);
}

DatasetStatistics statistics(const DemonstrationReader& reader, const std::vector<int>& episodes) {
  DatasetStatistics result;
  std::vector<double> lengths;
  std::vector<double> returns;
  std::vector<double> rates;
  std::vector<double> ages;
  for (const int i : episodes) {
    const Episode episode = reader.read(i, {.states = false, .info = true});
    ++result.episodes;
    result.successes += episode.success ? 1 : 0;
    result.recovered += reader.summary(i).recovered ? 1 : 0;
    result.steps += episode.length();
    lengths.push_back(episode.length());
    returns.push_back(std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0));
    const StepInfo& info = episode.info;
    result.overruns += std::count(info.overrun.begin(), info.overrun.end(), 1);
    result.interventions += std::count(info.intervention.begin(), info.intervention.end(), 1);
    ages.insert(ages.end(), info.input_age.begin(), info.input_age.end());
    const double duration = info.timestamp.empty() ? 0 : info.timestamp.back() - info.timestamp.front();
    if (!(duration > 0)) continue;
    ++result.timed_episodes;
    rates.push_back(static_cast<double>(info.timestamp.size() - 1) / duration);
    for (std::size_t t = 1; t < info.timestamp.size(); ++t) {
      result.longest_step = std::max(result.longest_step, info.timestamp[t] - info.timestamp[t - 1]);
    }
  }
  result.length = spread(lengths);
  result.episode_return = spread(returns);
  result.rate = spread(rates);
  result.input_age = spread(ages);
  return result;
}

}  // namespace understudy
