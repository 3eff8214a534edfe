#include "envs/contract/variation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "datasets/types/rng_streams.h"
#include "envs/contract/environment.h"

namespace understudy {
namespace {

const std::string kFields = "sensors.fields.";
const std::string kDimensions = "geometry.";
constexpr double kMostRange = 1e6;  // a field that may have any value counts as one without a range

using Member = std::optional<double> Variation::*;

/// Member i is what quantity i is stored in.
constexpr std::array kMembers = {
    &Variation::gravity,
    &Variation::mass,
    &Variation::mass_spread,
    &Variation::friction,
    &Variation::friction_spread,
    &Variation::restitution,
    &Variation::damping,
    &Variation::drag,
    &Variation::latency,
    &Variation::action_noise,
    &Variation::gain,
    &Variation::gain_spread,
    &Variation::strength,
    &Variation::sensor_noise,
    &Variation::colour,
    &Variation::light_azimuth,
    &Variation::light_elevation,
    &Variation::light_intensity,
    &Variation::camera_x,
    &Variation::camera_y,
    &Variation::camera_z,
    &Variation::camera_yaw,
    &Variation::camera_pitch,
    &Variation::field_of_view,
};

const std::array<Quantity, kMembers.size()>& table() {
  static const std::array<Quantity, kMembers.size()> all = {{
      {"physics.gravity", "m/s^2", 0, 100, false, "gravity", "{ normal = [9.81, 0.1] }"},
      {"physics.mass", "-", 0.01, 100, false, "factor on all masses and inertias",
       "{ uniform = [0.8, 1.2] }"},
      {"physics.mass_spread", "-", 0, 1, false, "each part's own factor: deviation of its logarithm", "0.1"},
      {"physics.friction", "-", 0, 100, false, "factor on the friction of every contact",
       "{ log_uniform = [0.7, 1.4] }"},
      {"physics.friction_spread", "-", 0, 1, false, "each part's own factor: deviation of its logarithm",
       "0.05"},
      {"physics.restitution", "-", 0, 1, false, "of every contact; replaces the task's own",
       "{ uniform = [0, 0.1] }"},
      {"physics.damping", "-", 0, 100, false, "factor on the damping of bodies, links and joints",
       "{ uniform = [0.7, 1.3] }"},
      {"physics.drag", "1/s", 0, 100, false, "added to the damping of all bodies and links",
       "{ uniform = [0, 0.05] }"},
      {"actuators.latency", "steps", 0, 100, true, "how much later an action is applied",
       "{ integer = [0, 1] }"},
      {"actuators.noise", "-", 0, 2, false, "deviation of the noise on every entry of the action",
       "{ uniform = [0, 0.05] }"},
      {"actuators.gain", "-", 0.01, 10, false, "factor on the action", "{ uniform = [0.9, 1.1] }"},
      {"actuators.gain_spread", "-", 0, 1, false, "each entry's own factor: deviation of its logarithm",
       "0.05"},
      {"actuators.strength", "-", 0.01, 100, false, "factor on the greatest effort of motors",
       "{ uniform = [0.9, 1.1] }"},
      {"sensors.noise", "-", 0, 1, false, "deviation of the noise as a share of each field's range",
       "{ uniform = [0, 0.002] }"},
      {"visual.colour", "-", 0, 1, false, "share of a random colour mixed into each colour",
       "{ uniform = [0, 0.4] }"},
      {"visual.light_azimuth", "rad", -3.15, 3.15, false, "turn of the sun, left positive",
       "{ uniform = [-1, 1] }"},
      {"visual.light_elevation", "rad", -1.6, 1.6, false, "rise of the sun", "{ uniform = [-0.4, 0.3] }"},
      {"visual.light_intensity", "-", 0, 10, false, "factor on the sunlight", "{ uniform = [0.6, 1.3] }"},
      {"visual.camera_x", "m", -10, 10, false, "every camera moved along x", "{ normal = [0, 0.02] }"},
      {"visual.camera_y", "m", -10, 10, false, "along y", "{ normal = [0, 0.02] }"},
      {"visual.camera_z", "m", -10, 10, false, "along z", "{ normal = [0, 0.02] }"},
      {"visual.camera_yaw", "rad", -3.15, 3.15, false, "every camera turned, left positive",
       "{ normal = [0, 0.02] }"},
      {"visual.camera_pitch", "rad", -1.5, 1.5, false, "up positive", "{ normal = [0, 0.02] }"},
      {"visual.field_of_view", "-", 0.2, 3, false, "factor", "{ uniform = [0.95, 1.05] }"},
  }};
  return all;
}

std::string number(double value) {
  return nlohmann::json(value).dump();
}

Quantity field_quantity(const std::string& name, const std::string& unit, const std::string& example) {
  return {kFields + name, unit, 0, 1e6, false, "deviation of the noise on " + name, example};
}

Quantity dimension_quantity(const std::string& name, const std::string& meaning) {
  return {kDimensions + name, "-", 0.1, 10, false, "factor on " + meaning, "{ uniform = [0.9, 1.1] }"};
}

}  // namespace

bool Variation::empty() const {
  return field_noise.empty() && sizes.empty() &&
         std::none_of(kMembers.begin(), kMembers.end(),
                      [this](Member member) { return (this->*member).has_value(); });
}

double Variation::size(const std::string& name) const {
  const auto found = sizes.find(name);
  return found == sizes.end() ? 1 : found->second;
}

std::span<const Quantity> quantities() {
  return table();
}

std::vector<Quantity> quantities_of(const EnvironmentSpec& spec) {
  std::vector<Quantity> all;
  for (const Quantity& quantity : table()) {
    all.push_back(quantity);
    if (quantity.key != "sensors.noise") continue;
    for (const Field& field : spec.observation.fields()) {
      const double range = field.high - field.low;
      char example[32];
      std::snprintf(example, sizeof example, "%.1g", range < kMostRange ? 0.001 * range : 0.001);
      all.push_back(field_quantity(field.name, field.unit, example));
    }
  }
  for (const Dimension& dimension : spec.dimensions) {
    all.push_back(dimension_quantity(dimension.name, dimension.meaning));
  }
  return all;
}

Quantity find_quantity(const std::string& key) {
  for (const Quantity& quantity : table()) {
    if (quantity.key == key) return quantity;
  }
  for (const std::string& prefix : {kFields, kDimensions}) {
    if (!key.starts_with(prefix) || key.size() == prefix.size()) continue;
    const std::string name = key.substr(prefix.size());
    return prefix == kFields ? field_quantity(name, "", "") : dimension_quantity(name, name);
  }
  std::vector<std::string> known;
  for (const Quantity& quantity : table()) known.push_back(quantity.key);
  throw UsageError(unknown_name("key", key, known) + ", sensors.fields.<field>, geometry.<dimension>");
}

void set_quantity(Variation& variation, const std::string& key, double value) {
  const Quantity quantity = find_quantity(key);
  if (!(value >= quantity.low && value <= quantity.high) || (quantity.whole && value != std::floor(value))) {
    throw UsageError(key + ": want a " + (quantity.whole ? "whole " : "") + "number from " +
                     number(quantity.low) + " to " + number(quantity.high) + ", found " + number(value));
  }
  for (std::size_t i = 0; i < kMembers.size(); ++i) {
    if (table()[i].key == key) {
      variation.*kMembers[i] = value;
      return;
    }
  }
  if (key.starts_with(kFields)) {
    variation.field_noise[key.substr(kFields.size())] = value;
  } else {
    variation.sizes[key.substr(kDimensions.size())] = value;
  }
}

std::vector<std::pair<std::string, double>> values_of(const Variation& variation) {
  std::vector<std::pair<std::string, double>> values;
  for (std::size_t i = 0; i < kMembers.size(); ++i) {
    if (const auto& value = variation.*kMembers[i]) values.emplace_back(table()[i].key, *value);
  }
  for (const auto& [name, value] : variation.field_noise) values.emplace_back(kFields + name, value);
  for (const auto& [name, value] : variation.sizes) values.emplace_back(kDimensions + name, value);
  return values;
}

void check_fits(const Variation& variation, const EnvironmentSpec& spec) {
  if (variation.field_noise.empty() && variation.sizes.empty() && !variation.sensor_noise) return;
  std::vector<std::string> fields, dimensions;
  for (const Field& field : spec.observation.fields()) {
    fields.push_back(field.name);
    if (variation.sensor_noise && field.high - field.low >= kMostRange &&
        variation.field_noise.count(field.name) == 0) {
      throw UsageError("sensors.noise: the field '" + field.name + "' of " + spec.id +
                       " has no range to take a share of: set sensors.fields." + field.name);
    }
  }
  for (const Dimension& dimension : spec.dimensions) dimensions.push_back(dimension.name);
  const auto want_known = [&](const auto& values, const std::vector<std::string>& known,
                              const std::string& prefix, const char* kind) {
    for (const auto& [name, value] : values) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      throw UsageError(prefix + name + ": " +
                       (known.empty() ? spec.id + " has no " + kind + " to vary: remove the line"
                                      : unknown_name(std::string(kind) + " of " + spec.id, name, known)));
    }
  };
  want_known(variation.field_noise, fields, kFields, "field");
  want_known(variation.sizes, dimensions, kDimensions, "dimension");
}

std::string to_json(const Variation& variation) {
  if (variation.empty()) return "";
  nlohmann::ordered_json json;
  for (const auto& [key, value] : values_of(variation)) json[key] = value;
  return json.dump();
}

Variation variation_from_json(const std::string& text, const std::string& place) {
  Variation variation;
  if (text.empty()) return variation;
  const auto json = parsed_json<nlohmann::ordered_json>(text);
  if (!json.is_object()) throw Error(place + ": want a JSON object of numbers, found '" + text + "'");
  for (const auto& [key, value] : json.items()) {
    if (!value.is_number()) throw Error(place + ": " + key + ": want a number, found " + value.dump());
    try {
      set_quantity(variation, key, value.get<double>());
    } catch (const Error& error) {
      throw Error(place + ": " + error.what() + "; written by a newer version?");
    }
  }
  return variation;
}

RngStream variation_stream(const std::string& key) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return RngStream{hash};
}

}  // namespace understudy
