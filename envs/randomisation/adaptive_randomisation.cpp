#include "envs/randomisation/adaptive_randomisation.h"

#include <algorithm>

#include "datasets/types/error.h"

namespace understudy {

AdaptiveRandomisation::AdaptiveRandomisation(Randomisation randomisation)
    : randomisation_(std::move(randomisation)) {
  for (const auto& [key, distribution] : randomisation_.distributions()) {
    if (distribution.kind != Distribution::Kind::kAdaptive) continue;
    const double low = distribution.values[0], high = distribution.values[1];
    ranges_.push_back(
        {key, low, high, (low + high) / 2, *distribution.low, *distribution.high, *distribution.step});
  }
  if (ranges_.empty()) throw Error("adaptive randomisation: want a quantity that is adaptive, found none");
  episodes_.assign(2 * ranges_.size(), 0);
  good_ = episodes_;
}

std::optional<std::size_t> AdaptiveRandomisation::end_of(std::uint64_t seed) const {
  Rng rng = Rng::stream(seed, variation_stream("adaptive"));
  if (rng.uniform() >= rule().boundary) return std::nullopt;
  return rng.below(2 * ranges_.size());
}

Variation AdaptiveRandomisation::draw(std::uint64_t seed) const {
  Variation variation = randomisation_.draw(seed);
  const auto end = end_of(seed);
  for (std::size_t i = 0; i < ranges_.size(); ++i) {
    const Range& range = ranges_[i];
    Rng rng = Rng::stream(seed, variation_stream(range.key));
    double value = rng.uniform(range.low, range.high);
    if (end && *end / 2 == i) value = *end % 2 == 0 ? range.low : range.high;
    set_quantity(variation, range.key, value);
  }
  return variation;
}

void AdaptiveRandomisation::ended(std::uint64_t seed, bool good) {
  const auto end = end_of(seed);
  if (!end) return;
  good_[*end] += good ? 1 : 0;
  if (++episodes_[*end] < rule().queue) return;
  const double share = static_cast<double>(good_[*end]) / episodes_[*end];
  episodes_[*end] = good_[*end] = 0;
  Range& range = ranges_[*end / 2];
  const double out = share >= rule().widen ? range.step : share <= rule().shrink ? -range.step : 0;
  if (*end % 2 == 0) {
    range.low = std::clamp(range.low - out, range.least, range.middle);
  } else {
    range.high = std::clamp(range.high + out, range.middle, range.most);
  }
}

Randomisation AdaptiveRandomisation::present() const {
  Randomisation now;
  for (const auto& [key, distribution] : randomisation_.distributions()) {
    const auto range = std::find_if(ranges_.begin(), ranges_.end(),
                                    [&key = key](const Range& known) { return known.key == key; });
    now.set(key, range == ranges_.end() ? distribution
                                        : Distribution{.kind = Distribution::Kind::kUniform,
                                                       .values = {range->low, range->high}});
  }
  if (randomisation_.joint()) now.set_joint(*randomisation_.joint());
  return now;
}

std::vector<double> AdaptiveRandomisation::ends() const {
  std::vector<double> all;
  for (const Range& range : ranges_) all.insert(all.end(), {range.low, range.high});
  return all;
}

void AdaptiveRandomisation::restore(const State& state, const std::string& place) {
  const std::size_t count = 2 * ranges_.size();
  bool fits = state.ends.size() == count && state.episodes.size() == count && state.good.size() == count;
  for (std::size_t i = 0; fits && i < count; ++i) {
    const Range& range = ranges_[i / 2];
    fits = (i % 2 == 0 ? range.least <= state.ends[i] && state.ends[i] <= range.middle
                       : range.middle <= state.ends[i] && state.ends[i] <= range.most) &&
           0 <= state.good[i] && state.good[i] <= state.episodes[i] && state.episodes[i] < rule().queue;
  }
  if (!fits)
    throw Error(place + ": want the state of " + std::to_string(ranges_.size()) +
                " adaptive ranges, found another");
  for (std::size_t i = 0; i < ranges_.size(); ++i) {
    ranges_[i].low = state.ends[2 * i];
    ranges_[i].high = state.ends[2 * i + 1];
  }
  episodes_ = state.episodes;
  good_ = state.good;
}

}  // namespace understudy
