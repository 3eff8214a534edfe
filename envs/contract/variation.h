#pragma once
/// \file What one episode of a task is varied by (domain randomisation): plain values, drawn by
/// envs/randomisation/randomisation.h or read back from a recording.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "datasets/types/rng_streams.h"

namespace understudy {

struct EnvironmentSpec;

/// Whatever is not set stays as the task has it; a Variation without any value changes nothing, to the last
/// bit. Factors multiply the task's own value.
///
/// What is drawn anew within an episode (noise at each step, the spread over parts, colours) comes from
/// streams of the episode's seed that nothing else uses, so that seed, actions and Variation give the same
/// bits again.
struct Variation {
  // [physics]: every rigid body and every link in the world
  std::optional<double> gravity{};          ///< m/s², along -z
  std::optional<double> mass{};             ///< factor on masses and inertias
  std::optional<double> mass_spread{};      ///< each part's own factor is exp(spread * N(0, 1))
  std::optional<double> friction{};         ///< factor on the friction of every contact
  std::optional<double> friction_spread{};  ///< each part's own factor is exp(spread * N(0, 1))
  std::optional<double> restitution{};      ///< of every contact, [0, 1]; replaces the task's own
  std::optional<double> damping{};          ///< factor on the damping that bodies, links and joints have
  std::optional<double> drag{};             ///< 1/s, added to the damping of all bodies and links

  // [actuators]: between the actor's action and what the task applies, in this order
  std::optional<double> latency{};       ///< whole steps; zeros are applied before the first action arrives
  std::optional<double> action_noise{};  ///< deviation per entry and step; the sum is clamped to [-1, 1]
  std::optional<double> gain{};          ///< factor on every entry, after the clamping
  std::optional<double> gain_spread{};   ///< each entry's own factor is exp(spread * N(0, 1))
  std::optional<double> strength{};      ///< factor on the greatest effort of motors, engine and brakes

  // [sensors]: what the actor sees; never enters the simulation or the reward
  std::optional<double> sensor_noise{};         ///< deviation as a share of each field's range
  std::map<std::string, double> field_noise{};  ///< deviation in the field's unit, instead of the share

  // [visual]: the scene only
  std::optional<double> colour{};           ///< share, [0, 1], of a random colour mixed into each colour
  std::optional<double> light_azimuth{};    ///< rad, added, anticlockwise seen from above
  std::optional<double> light_elevation{};  ///< rad, added; the sun stays between 0.15 rad and the zenith
  std::optional<double> light_intensity{};  ///< factor on the sunlight
  std::optional<double> camera_x{};         ///< m, every camera is moved, in the frame its eye is given in
  std::optional<double> camera_y{};         ///< m
  std::optional<double> camera_z{};         ///< m
  std::optional<double> camera_yaw{};       ///< rad, turned about its eye, left positive
  std::optional<double> camera_pitch{};     ///< rad, up positive
  std::optional<double> field_of_view{};    ///< factor

  // [geometry]
  std::map<std::string, double> sizes{};  ///< factor per dimension that the task offers (EnvironmentSpec)

  bool operator==(const Variation&) const = default;

  /// Whether nothing is varied.
  bool empty() const;
  /// Factor for the task's dimension `name`; 1 unless it is varied.
  double size(const std::string& name) const;
};

/// Episode's seed to what the episode is varied by.
using VariationSource = std::function<Variation(std::uint64_t seed)>;

/// A quantity that can be varied, as it is called in files.
struct Quantity {
  std::string key;   ///< "section.name", e.g. "physics.mass"
  std::string unit;  ///< SI unit, or "-" for factors and shares
  double low = 0;    ///< least and greatest value that makes sense
  double high = 0;
  bool whole = false;   ///< only whole numbers
  std::string meaning;  ///< one line
  std::string example;  ///< a distribution of moderate width, as in a randomisation file
};

/// All of them but the fields of observations and the dimensions, which depend on the task.
std::span<const Quantity> quantities();
/// Those and "sensors.fields.<field>" and "geometry.<dimension>" of a task.
std::vector<Quantity> quantities_of(const EnvironmentSpec& spec);
/// The quantity called `key`, whatever the task. Throws UsageError that suggests the nearest.
Quantity find_quantity(const std::string& key);

/// Sets the quantity called `key`. Throws UsageError naming it when it is unknown or the value out of its
/// range.
void set_quantity(Variation& variation, const std::string& key, double value);
/// What is set, in the order of quantities(), then fields and dimensions by name.
std::vector<std::pair<std::string, double>> values_of(const Variation& variation);

/// Throws Error naming the task and the key when `variation` varies a field or a dimension that the task does
/// not have, or has noise relative to the range of a field without one.
void check_fits(const Variation& variation, const EnvironmentSpec& spec);

/// One JSON object, key to number, e.g. {"physics.mass":1.05}; the same bits come back. "" for one that is
/// empty.
std::string to_json(const Variation& variation);
/// Throws Error that begins with `place` when `text` is not what to_json wrote.
Variation variation_from_json(const std::string& text, const std::string& place);

/// Stream of `Rng::stream(seed, ...)` for the quantity `key`: no quantity shares another's, or a task's own.
RngStream variation_stream(const std::string& key);

}  // namespace understudy
