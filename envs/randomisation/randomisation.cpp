#include "envs/randomisation/randomisation.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "datasets/types/error.h"

namespace understudy {
namespace {

using Kind = Distribution::Kind;

/// A normal distribution that is given no bounds keeps this many deviations away from what makes no sense.
constexpr double kDeviationsInside = 4;

struct KindName {
  Kind kind;
  const char* name;
  std::size_t values;  // 0: one or more
};
constexpr KindName kKinds[] = {
    {Kind::kConstant, "constant", 1}, {Kind::kUniform, "uniform", 2}, {Kind::kLogUniform, "log_uniform", 2},
    {Kind::kNormal, "normal", 2},     {Kind::kInteger, "integer", 2}, {Kind::kChoice, "choice", 0},
    {Kind::kAdaptive, "adaptive", 2},
};

const KindName& name_of(Kind kind) {
  return *std::find_if(std::begin(kKinds), std::end(kKinds),
                       [kind](const KindName& known) { return known.kind == kind; });
}

std::string number(double value) {
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, value);
  return {text, result.ptr};
}

bool is_whole(double value) {
  return value == std::floor(value);
}

/// Least and greatest value that can be drawn.
std::pair<double, double> support(const Distribution& distribution) {
  const auto& v = distribution.values;
  if (distribution.kind == Kind::kNormal || distribution.kind == Kind::kAdaptive) {
    constexpr double kEndless = std::numeric_limits<double>::infinity();
    return {distribution.low.value_or(-kEndless), distribution.high.value_or(kEndless)};
  }
  const auto [low, high] = std::minmax_element(v.begin(), v.end());
  return {*low, *high};
}

}  // namespace

void validate(const Distribution& distribution) {
  const KindName& kind = name_of(distribution.kind);
  const auto& v = distribution.values;
  const std::string place = std::string(kind.name) + ": ";
  if (v.empty() || (kind.values > 0 && v.size() != kind.values)) {
    throw UsageError(place + "want " + (kind.values == 0 ? "at least 1" : std::to_string(kind.values)) +
                     (kind.values < 2 ? " number" : " numbers") + ", found " + std::to_string(v.size()));
  }
  if (!std::all_of(v.begin(), v.end(), [](double value) { return std::isfinite(value); })) {
    throw UsageError(place + "want numbers that are finite");
  }
  const bool has_bounds = distribution.low || distribution.high;
  if (has_bounds && distribution.kind != Kind::kNormal && distribution.kind != Kind::kAdaptive) {
    throw UsageError(place + "low and high belong to normal and adaptive only: remove them");
  }
  if (distribution.step && distribution.kind != Kind::kAdaptive)
    throw UsageError(place + "step belongs to adaptive only: remove it");
  if (distribution.kind == Kind::kNormal) {
    const auto [low, high] = support(distribution);
    if (!(v[1] >= 0)) throw UsageError(place + "want a deviation of at least 0, found " + number(v[1]));
    if (!(low <= v[0] && v[0] <= high && high - low >= 0.1 * v[1])) {
      throw UsageError(place + "want the mean " + number(v[0]) +
                       " within low and high, and these at least a tenth of the deviation apart, found " +
                       number(low) + " and " + number(high));
    }
  } else if (distribution.kind == Kind::kAdaptive) {
    if (!distribution.low || !distribution.high || !distribution.step)
      throw UsageError(place +
                       "want low, high and step beside the range, e.g. { adaptive = [0.9, 1.1], "
                       "low = 0.5, high = 2, step = 0.05 }");
    if (!(*distribution.low <= v[0] && v[0] <= v[1] && v[1] <= *distribution.high)) {
      throw UsageError(place + "want low, the range's two numbers and high in this order, found " +
                       number(*distribution.low) + ", " + number(v[0]) + ", " + number(v[1]) + " and " +
                       number(*distribution.high));
    }
    if (!(*distribution.step > 0))
      throw UsageError(place + "want a step above 0, found " + number(*distribution.step));
  } else if (kind.values == 2) {
    if (!(v[0] <= v[1])) {
      throw UsageError(place + "want the lower number first, found " + number(v[0]) + " and " + number(v[1]));
    }
    if (distribution.kind == Kind::kLogUniform && !(v[0] > 0)) {
      throw UsageError(place + "want numbers above 0, found " + number(v[0]));
    }
    if (distribution.kind == Kind::kInteger && !(is_whole(v[0]) && is_whole(v[1]) && v[1] - v[0] < 1e9)) {
      throw UsageError(place + "want whole numbers less than 1e9 apart, found " + number(v[0]) + " and " +
                       number(v[1]));
    }
  }
}

double draw(const Distribution& distribution, Rng& rng) {
  const auto& v = distribution.values;
  switch (distribution.kind) {
    case Kind::kConstant:
      return v[0];
    case Kind::kUniform:
      return rng.uniform(v[0], v[1]);
    case Kind::kLogUniform:
      return std::clamp(std::exp(rng.uniform(std::log(v[0]), std::log(v[1]))), v[0], v[1]);
    case Kind::kNormal: {
      const auto [low, high] = support(distribution);
      for (;;) {
        const double value = v[0] + v[1] * rng.normal();
        if (low <= value && value <= high) return value;
      }
    }
    case Kind::kInteger:
      return v[0] + static_cast<double>(rng.below(static_cast<std::uint64_t>(v[1] - v[0]) + 1));
    case Kind::kChoice:
      return v[rng.below(v.size())];
    case Kind::kAdaptive:
      return rng.uniform(*distribution.low, *distribution.high);
  }
  return v[0];
}

std::string to_text(const Distribution& distribution) {
  if (distribution.kind == Kind::kConstant) return number(distribution.values[0]);
  std::string text = std::string("{ ") + name_of(distribution.kind).name + " = [";
  for (std::size_t i = 0; i < distribution.values.size(); ++i) {
    text += (i > 0 ? ", " : "") + number(distribution.values[i]);
  }
  text += "]";
  if (distribution.low) text += ", low = " + number(*distribution.low);
  if (distribution.high) text += ", high = " + number(*distribution.high);
  if (distribution.step) text += ", step = " + number(*distribution.step);
  return text + " }";
}

void Randomisation::set(const std::string& key, Distribution distribution) {
  const Quantity quantity = find_quantity(key);
  const bool joint = joint_ && std::find(joint_->keys.begin(), joint_->keys.end(), key) != joint_->keys.end();
  if (joint || distributions_.count(key) > 0) throw UsageError(key + ": is there twice: remove one");
  try {
    validate(distribution);
  } catch (const UsageError& error) {
    throw UsageError(key + ": " + error.what());
  }
  const std::string range = number(quantity.low) + " to " + number(quantity.high);
  if (distribution.kind == Kind::kNormal) {
    const double mean = distribution.values[0], reach = kDeviationsInside * distribution.values[1];
    if ((!distribution.low && mean - reach < quantity.low) ||
        (!distribution.high && mean + reach > quantity.high)) {
      throw UsageError(key + ": want values from " + range + ", but a normal distribution of mean " +
                       number(mean) + " and deviation " + number(distribution.values[1]) +
                       " goes beyond: narrow it, or add low and high");
    }
    if (!distribution.low) distribution.low = quantity.low;
    if (!distribution.high) distribution.high = quantity.high;
  }
  const auto [low, high] = support(distribution);
  if (low < quantity.low || high > quantity.high) {
    throw UsageError(key + ": want values from " + range + ", found " +
                     (low < quantity.low ? number(low) : number(high)));
  }
  const bool whole = distribution.kind == Kind::kInteger ||
                     ((distribution.kind == Kind::kConstant || distribution.kind == Kind::kChoice) &&
                      std::all_of(distribution.values.begin(), distribution.values.end(), is_whole));
  if (quantity.whole && !whole) {
    throw UsageError(key + ": want whole numbers: use integer or choice, found " + to_text(distribution));
  }
  distributions_.emplace(key, std::move(distribution));
}

void Randomisation::set_joint(JointNormal joint) {
  if (joint_) throw UsageError("joint_normal: is there twice: remove one");
  const bool no_low = joint.low.empty(), no_high = joint.high.empty();
  std::vector<Quantity> all;
  for (const std::string& key : joint.keys) {
    all.push_back(find_quantity(key));
    if (distributions_.count(key) > 0) throw UsageError(key + ": is there twice: remove one");
    if (no_low) joint.low.push_back(all.back().low);
    if (no_high) joint.high.push_back(all.back().high);
  }
  validate(joint);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (joint.low[i] >= all[i].low && joint.high[i] <= all[i].high) continue;
    throw UsageError(joint.keys[i] + ": want values from " + number(all[i].low) + " to " +
                     number(all[i].high) + ", found low " + number(joint.low[i]) + " and high " +
                     number(joint.high[i]));
  }
  joint_ = std::move(joint);
}

void validate(const AdaptiveRule& rule) {
  const auto share = [](double value, const std::string& name) {
    if (!(value >= 0 && value <= 1))
      throw UsageError("adaptive." + name + ": want a number from 0 to 1, found " + number(value));
  };
  share(rule.boundary, "boundary");
  share(rule.widen, "widen");
  share(rule.shrink, "shrink");
  if (rule.boundary <= 0) throw UsageError("adaptive.boundary: want more than 0: no range would ever move");
  if (rule.queue < 1)
    throw UsageError("adaptive.queue: want at least 1, found " + std::to_string(rule.queue));
  if (rule.shrink >= rule.widen)
    throw UsageError("adaptive.shrink: want less than widen " + number(rule.widen) + ", found " +
                     number(rule.shrink));
}

void Randomisation::set_adaptive_rule(const AdaptiveRule& rule) {
  validate(rule);
  rule_ = rule;
}

bool Randomisation::adapts() const {
  return std::any_of(distributions_.begin(), distributions_.end(),
                     [](const auto& entry) { return entry.second.kind == Kind::kAdaptive; });
}

Variation Randomisation::draw(std::uint64_t seed) const {
  Variation variation;
  for (const auto& [key, distribution] : distributions_) {
    Rng rng = Rng::stream(seed, variation_stream(key));
    set_quantity(variation, key, understudy::draw(distribution, rng));
  }
  if (joint_) {
    Rng rng = Rng::stream(seed, variation_stream("joint_normal"));
    set_quantities(variation, joint_->keys, JointNormalSource(*joint_).draw(rng));
  }
  return variation;
}

void set_quantities(Variation& variation, const std::vector<std::string>& keys,
                    const std::vector<double>& values) {
  for (std::size_t i = 0; i < keys.size(); ++i)
    set_quantity(variation, keys[i], find_quantity(keys[i]).whole ? std::round(values[i]) : values[i]);
}

void check_fits(const Randomisation& randomisation, const EnvironmentSpec& spec) {
  check_fits(randomisation.draw(0), spec);
}

}  // namespace understudy
