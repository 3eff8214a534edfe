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
/// Several quantities at once: envs/randomisation/joint_normal.h. Ranges that widen as a learner succeeds:
/// envs/randomisation/adaptive_randomisation.h. `understudy envs ID --randomisation` prints a file with every key of a
/// task.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/types/rng.h"
#include "envs/contract/variation.h"
#include "envs/randomisation/joint_normal.h"

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
    kAdaptive,    ///< values: the range that training begins with; drawn from `low` to `high`
  };
  Kind kind = Kind::kConstant;
  std::vector<double> values{};
  std::optional<double> low{};   ///< only for kNormal and kAdaptive
  std::optional<double> high{};  ///< only for kNormal and kAdaptive
  std::optional<double> step{};  ///< only for kAdaptive: by how much an end of the range moves, > 0

  bool operator==(const Distribution&) const = default;
};

/// Throws UsageError unless the values make sense: number of them, order, sign; a normal's mean within its
/// bounds, which are at least a tenth of its deviation apart, so that redrawing ends.
void validate(const Distribution& distribution);
double draw(const Distribution& distribution, Rng& rng);
/// As in a file, e.g. "{ uniform = [0.8, 1.2] }".
std::string to_text(const Distribution& distribution);

/// When the ends of adaptive ranges move.
struct AdaptiveRule {
  double boundary = 0.4;                ///< share of the episodes at one of the ends, (0, 1]
  int queue = 240;                      ///< episodes at an end before it moves, >= 1
  double widen = 0.8;                   ///< share of good ones from which on it moves out
  double shrink = 0.4;                  ///< share of good ones down from which it moves in, < widen
  std::optional<double> good_return{};  ///< of a good episode at least; not there: it succeeds

  bool operator==(const AdaptiveRule&) const = default;
};
/// Throws UsageError naming the key.
void validate(const AdaptiveRule& rule);

/// Which quantities (envs/contract/variation.h) are drawn from what. Without any it varies nothing.
class Randomisation {
 public:
  /// Throws UsageError naming the key when it is unknown, is set already, or its distribution does not make
  /// sense or can leave the quantity's range. A normal distribution without bounds gets the quantity's, which
  /// its mean must be 4 deviations away from.
  void set(const std::string& key, Distribution distribution);

  /// Adds several at once. Throws UsageError likewise, also when some are added already; quantities that are whole
  /// numbers are rounded when they are drawn.
  void set_joint(JointNormal joint);
  const std::optional<JointNormal>& joint() const { return joint_; }

  /// Throws like validate.
  void set_adaptive_rule(const AdaptiveRule& rule);
  const AdaptiveRule& adaptive_rule() const { return rule_; }
  /// Whether a quantity's range is adaptive.
  bool adapts() const;

  bool empty() const { return distributions_.empty() && !joint_; }
  /// But for those that are drawn jointly.
  const std::map<std::string, Distribution>& distributions() const { return distributions_; }

  /// What the episode of `seed` is varied by. Each quantity comes from a stream of its own: setting one more
  /// does not change the others.
  Variation draw(std::uint64_t seed) const;

  bool operator==(const Randomisation&) const = default;

 private:
  std::map<std::string, Distribution> distributions_;
  std::optional<JointNormal> joint_;
  AdaptiveRule rule_;
};

/// Sets `keys` to `values`, those of quantities that are whole numbers rounded. Throws like set_quantity.
void set_quantities(Variation& variation, const std::vector<std::string>& keys,
                    const std::vector<double>& values);

/// Throws UsageError naming task and key when the task lacks a field or dimension that is to be varied.
void check_fits(const Randomisation& randomisation, const EnvironmentSpec& spec);

/// Reads the text form. Throws UsageError in one line that begins with `place`, line and column.
Randomisation parse_randomisation(std::string_view text, const std::string& place);
/// The text form; parse_randomisation gives back the same. "" without any distribution.
std::string to_toml(const Randomisation& randomisation);

/// A text form with every quantity of a task, of moderate width, each with its unit, range and meaning.
std::string example_randomisation(const EnvironmentSpec& spec);

}  // namespace understudy
