#pragma once
/// \file What episodes are varied by, as distributions (domain randomisation: Tobin et al. 2017, Peng et al.
/// 2018), and their text form in TOML:
///
///   [physics]
///   mass = { uniform = [0.8, 1.2] }
///   gravity = { normal = [9.81, 0.1], low = 9.5, high = 10.1 }
///   friction = { log_uniform = [0.5, 2] }
///   restitution = 0.1
///   [actuators]
///   latency = { integer = [0, 2] }
///   [sensors.fields]
///   lidar = { choice = [0, 0.02, 0.1] }
///
/// `understudy envs ID --randomisation` prints one with every key of a task.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/types/rng.h"
#include "envs/contract/variation.h"

namespace understudy {

/// Of one number.
struct Distribution {
  enum class Kind {
    kConstant,    ///< values: the number
    kUniform,     ///< values: low, high
    kLogUniform,  ///< values: low, high, both above 0; the logarithm is uniform
    kNormal,      ///< values: mean, deviation; redrawn until within `low` and `high`
    kInteger,     ///< values: low, high; whole numbers, both included, all as likely
    kChoice,      ///< values: one of them, all as likely
  };
  Kind kind = Kind::kConstant;
  std::vector<double> values{};
  std::optional<double> low{};   ///< only for kNormal
  std::optional<double> high{};  ///< only for kNormal

  bool operator==(const Distribution&) const = default;
};

/// Throws UsageError unless the values make sense: number of them, order, sign; a normal's mean within its
/// bounds, which are at least a tenth of its deviation apart, so that redrawing ends.
void validate(const Distribution& distribution);
double draw(const Distribution& distribution, Rng& rng);
/// As in a file, e.g. "{ uniform = [0.8, 1.2] }".
std::string to_text(const Distribution& distribution);

/// Which quantities (envs/contract/variation.h) are drawn from what. Without any it varies nothing.
class Randomisation {
 public:
  /// Throws UsageError naming the key when it is unknown, is set already, or its distribution does not make
  /// sense or can leave the quantity's range. A normal distribution without bounds gets the quantity's, which
  /// its mean must be 4 deviations away from.
  void set(const std::string& key, Distribution distribution);

  bool empty() const { return distributions_.empty(); }
  const std::map<std::string, Distribution>& distributions() const { return distributions_; }

  /// What the episode of `seed` is varied by. Each quantity comes from a stream of its own: setting one more
  /// does not change the others.
  Variation draw(std::uint64_t seed) const;

  bool operator==(const Randomisation&) const = default;

 private:
  std::map<std::string, Distribution> distributions_;
};

/// Throws UsageError naming task and key when the task lacks a field or dimension that is to be varied.
void check_fits(const Randomisation& randomisation, const EnvironmentSpec& spec);

/// Reads the text form. Throws UsageError in one line that begins with `place`, line and column.
Randomisation parse_randomisation(std::string_view text, const std::string& place);
/// The text form; parse_randomisation gives back the same. "" without any distribution.
std::string to_toml(const Randomisation& randomisation);

/// A text form with every quantity of a task, of moderate width, each with its unit, range and meaning.
std::string example_randomisation(const EnvironmentSpec& spec);

}  // namespace understudy
