#include "envs/other_world/world_constants.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "datasets/types/toml.h"
#include "envs/contract/variation.h"

namespace understudy {
namespace {

using C = WorldConstants;

// Ranges that are drawn from: what OpenAI et al. 2018 and Peng et al. 2018 randomise over, and ours.
constexpr std::array kConstants = {
    WorldConstant{"solver.step", "s", 1e-4, 0.004, 0.001, 0.001, false, &C::step,
                  "longest step of the solver"},
    WorldConstant{"solver.iterations", "-", 5, 1000, 20, 20, true, &C::iterations, "of the solver per step"},
    WorldConstant{"joints.stiffness", "N/m", 1e4, 1e9, 3e6, 3e7, false, &C::stiffness,
                  "of what holds a joint's two sides in place, as far as a step of the solver can be soft; "
                  "maximal only"},
    WorldConstant{
        "joints.turning_stiffness", "N m/rad", 100, 1e9, 2e4, 2e5, false, &C::turning_stiffness,
        "of what keeps a joint's axes in line, as far as a step of the solver can be soft; maximal only"},
    WorldConstant{"joints.coulomb", "-", 0, 0.5, 0.003, 0.01, false, &C::coulomb,
                  "friction as a share of the joint's greatest effort"},
    WorldConstant{"joints.breakaway", "-", 1, 3, 1.1, 1.6, false, &C::breakaway,
                  "friction at rest over that of a joint that moves"},
    WorldConstant{"joints.stribeck_speed", "rad/s or m/s", 1e-3, 10, 0.02, 0.1, false, &C::stribeck_speed,
                  "at which the friction at rest has nearly worn off"},
    WorldConstant{"joints.viscous", "s/rad or s/m", 0, 1, 0.001, 0.004, false, &C::viscous,
                  "damping as a share of the joint's greatest effort, per speed"},
    WorldConstant{"joints.friction", "-", 0, 20, 0.7, 2, false, &C::friction,
                  "factor on the friction in the joint's model"},
    WorldConstant{"joints.damping", "-", 0, 20, 0.5, 2, false, &C::damping,
                  "factor on the damping in the joint's model"},
    WorldConstant{"actuators.backlash", "rad", 0, 0.2, 0.001, 0.005, false, &C::backlash,
                  "play of servos that turn"},
    WorldConstant{"actuators.slide_backlash", "m", 0, 0.02, 1e-4, 5e-4, false, &C::slide_backlash,
                  "play of servos that slide"},
    WorldConstant{"actuators.backlash_spread", "-", 0, 1, 0.1, 0.3, false, &C::backlash_spread,
                  "each joint's own factor on its play is exp(this N(0, 1)), per episode"},
    WorldConstant{"actuators.slack", "s", 0, 0.2, 5e-4, 0.002, false, &C::slack,
                  "of motors that give torques: time that a full action takes from the middle to a stop"},
    WorldConstant{"actuators.servo_rate", "-", 0.05, 3, 0.4, 0.9, false, &C::servo_rate,
                  "factor on the rate at which servos take back an error"},
    WorldConstant{"actuators.effort", "-", 0.1, 3, 0.92, 1.05, false, &C::effort,
                  "factor on the greatest effort of motors"},
    WorldConstant{"actuators.effort_spread", "-", 0, 0.5, 0.02, 0.08, false, &C::effort_spread,
                  "each joint's own factor on its effort is exp(this N(0, 1)), per episode"},
    WorldConstant{"actuators.lag", "s", 0, 0.5, 0.02, 0.05, false, &C::lag,
                  "time constant of servos; held-out only"},
    WorldConstant{"actuators.gain_spread", "-", 0, 0.5, 0.02, 0.06, false, &C::gain_spread,
                  "each action entry's own factor is exp(this N(0, 1)), per episode"},
    WorldConstant{"actuators.saturation", "-", 0.1, 1, 0.92, 1, false, &C::saturation,
                  "actions beyond plus or minus this are cut"},
    WorldConstant{"actuators.action_noise", "-", 0, 1, 0.03, 0.07, false, &C::action_noise,
                  "deviation of each action entry at each step"},
    WorldConstant{"actuators.action_bias", "-", 0, 1, 0.01, 0.02, false, &C::action_bias,
                  "deviation of what is added to each action entry throughout an episode"},
    WorldConstant{"actuators.delay", "-", 0, 1, 0.05, 0.25, false, &C::delay,
                  "probability that an action entry arrives one step late, at each step"},
    WorldConstant{"actuators.jitter", "-", 0, 1, 0.02, 0.1, false, &C::jitter,
                  "mean of what a step lasts longer, as a share of it; exponential"},
    WorldConstant{"contacts.friction", "-", 0.1, 5, 0.7, 1.3, false, &C::contact_friction,
                  "factor on the friction of every contact"},
    WorldConstant{"contacts.rolling", "m", 0, 0.1, 1e-5, 1e-4, false, &C::rolling_friction,
                  "rolling friction of every contact"},
    WorldConstant{"contacts.spinning", "m", 0, 0.1, 1e-4, 1e-3, false, &C::spinning_friction,
                  "friction against spinning of every contact"},
    WorldConstant{"contacts.stiffness", "N/m", 100, 1e8, 1e4, 5e4, false, &C::contact_stiffness,
                  "of every contact; held-out only"},
    WorldConstant{"contacts.damping", "N s/m", 0, 1e6, 50, 200, false, &C::contact_damping,
                  "of every contact; held-out only"},
    WorldConstant{"sensors.length_bias", "m", 0, 0.1, 0.001, 0.002, false, &C::length_bias,
                  "deviation of what is added to each length throughout an episode"},
    WorldConstant{"sensors.length_noise", "m", 0, 0.1, 5e-4, 0.0015, false, &C::length_noise,
                  "deviation of what is added to each length at each step"},
    WorldConstant{"sensors.length_step", "m", 0, 0.1, 5e-4, 0.001, false, &C::length_step,
                  "lengths are whole multiples of this"},
    WorldConstant{"sensors.speed_bias", "m/s", 0, 1, 0.001, 0.005, false, &C::speed_bias, "of each speed"},
    WorldConstant{"sensors.speed_noise", "m/s", 0, 1, 0.005, 0.02, false, &C::speed_noise, "of each speed"},
    WorldConstant{"sensors.speed_step", "m/s", 0, 1, 0.001, 0.005, false, &C::speed_step, "of each speed"},
    WorldConstant{"sensors.other_bias", "-", 0, 1, 5e-4, 0.002, false, &C::other_bias,
                  "of all others, in their units"},
    WorldConstant{"sensors.other_noise", "-", 0, 1, 0.001, 0.004, false, &C::other_noise,
                  "of all others, in their units"},
    WorldConstant{"sensors.other_step", "-", 0, 1, 0.001, 0.002, false, &C::other_step,
                  "of all others, in their units"},
    WorldConstant{"sensors.drop", "-", 0, 1, 0.002, 0.01, false, &C::drop,
                  "probability that a field of the observation begins to freeze, at each step"},
    WorldConstant{"sensors.drop_steps", "-", 1, 1000, 2, 5, false, &C::drop_steps,
                  "mean number of steps that it is frozen"},
    WorldConstant{"forces.pushes", "1/s", 0, 100, 0, 0, false, &C::pushes,
                  "pushes that each body and link gets"},
    WorldConstant{"forces.spread", "-", 0, 3, 0, 0, false, &C::pushes_spread,
                  "an episode's own factor on their number is exp(this N(0, 1))"},
    WorldConstant{"forces.acceleration", "m/s^2", 0, 100, 1, 1, false, &C::push_acceleration,
                  "deviation of a push along each axis, times the body's mass"},
    WorldConstant{"forces.lasts", "s", 0.001, 1000, 8, 8, false, &C::push_lasts,
                  "time constant with which a push fades"},
    WorldConstant{"rope.links", "-", 0, 40, 10, 14, true, &C::rope_links,
                  "of the rope; 0: as many as the task has"},
    WorldConstant{"rope.damping", "-", 0, 20, 1, 3, false, &C::rope_damping,
                  "factor on the damping of its hinges"},
    WorldConstant{"rope.friction", "N m", 0, 0.01, 1e-5, 1e-4, false, &C::rope_friction,
                  "of each of its hinges: it keeps a bend"},
};

std::string text_of(double value) {
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, value);
  return {text, result.ptr};
}

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

constexpr std::pair<std::string_view, WorldStructure> kStructures[] = {{"maximal", WorldStructure::kMaximal},
                                                                       {"held-out", WorldStructure::kHeldOut},
                                                                       {"own", WorldStructure::kOwn}};

/// A constant's own stream: one more key in a file does not change what others draw.
double drawn(const WorldConstant& constant, std::uint64_t seed) {
  Rng rng = Rng::stream(seed, variation_stream("world/" + std::string(constant.key)));
  const double share = rng.uniform();
  if (constant.draw_low > 0 && constant.draw_high / constant.draw_low >= 5) {
    return constant.draw_low * std::pow(constant.draw_high / constant.draw_low, share);
  }
  const double value = constant.draw_low + (constant.draw_high - constant.draw_low) * share;
  return constant.whole ? std::round(value) : value;
}

[[noreturn]] void refuse(const TomlValue& value, const std::string& want) {
  throw UsageError(value.place + ": " + value.path + ": want " + want + ", found " + value.found());
}

double number(const TomlValue& value, double low, double high, bool whole) {
  const std::string want =
      (whole ? "a whole number from " : "a number from ") + text_of(low) + " to " + text_of(high);
  if (value.kind != TomlValue::Kind::kInteger && value.kind != TomlValue::Kind::kFloat) refuse(value, want);
  double found = 0;
  std::from_chars(value.text.data(), value.text.data() + value.text.size(), found);
  if (!(low <= found && found <= high) || (whole && found != std::round(found))) refuse(value, want);
  return found;
}

std::vector<std::string> sections() {
  std::vector<std::string> names;
  for (const WorldConstant& constant : kConstants) {
    const std::string name(constant.key.substr(0, constant.key.find('.')));
    if (names.empty() || names.back() != name) names.push_back(name);
  }
  return names;
}

const WorldConstant* find(std::string_view key) {
  const auto found = std::find_if(kConstants.begin(), kConstants.end(),
                                  [key](const WorldConstant& constant) { return constant.key == key; });
  return found == kConstants.end() ? nullptr : &*found;
}

void read_section(const TomlValue& section, WorldConstants& constants, std::vector<std::string_view>& given) {
  for (const TomlValue& value : section.items) {
    const WorldConstant* constant = find(value.path);
    if (constant == nullptr) {
      std::vector<std::string> known;
      for (const WorldConstant& each : kConstants) {
        if (each.key.starts_with(section.key + "."))
          known.emplace_back(each.key.substr(section.key.size() + 1));
      }
      throw UsageError(value.key_place + ": " + value.path + ": " +
                       unknown_name("constant", value.key, known));
    }
    constants.*constant->member = number(value, constant->low, constant->high, constant->whole);
    given.push_back(constant->key);
  }
}

}  // namespace

std::span<const WorldConstant> world_constants() {
  return kConstants;
}

WorldFile parse_world(std::string_view text, const std::string& place) {
  std::vector<TomlValue> values;
  try {
    values = parse_toml(text, place);
  } catch (const Error& error) {
    throw UsageError(error.what());
  }
  WorldFile file;
  file.sha256 = text_sha256(std::string(text));
  std::vector<std::string_view> given;
  bool structured = false, seeded = false;
  for (const TomlValue& value : values) {
    if (value.key == "world") {
      const auto* known = std::find_if(std::begin(kStructures), std::end(kStructures),
                                       [&](const auto& each) { return each.first == value.text; });
      if (value.kind != TomlValue::Kind::kString || known == std::end(kStructures)) {
        refuse(value, "\"maximal\", \"held-out\" or \"own\"");
      }
      file.structure = known->second;
      structured = true;
    } else if (value.key == "seed") {
      file.seed = static_cast<std::uint64_t>(number(value, 0, 9007199254740992.0, true));
      seeded = true;
    } else if (value.kind == TomlValue::Kind::kTable) {
      const std::vector<std::string> known = sections();
      if (std::find(known.begin(), known.end(), value.key) == known.end()) {
        throw UsageError(value.key_place + ": " + unknown_name("section", value.key, known));
      }
      read_section(value, file.constants, given);
    } else {
      std::vector<std::string> known = sections();
      known.insert(known.begin(), {"world", "seed"});
      throw UsageError(value.key_place + ": " + unknown_name("key", value.key, known));
    }
  }
  if (!structured) {
    throw UsageError(place +
                     ": want world = \"maximal\", \"held-out\" or \"own\", found no such line: add one");
  }
  if (!seeded) return file;
  for (const WorldConstant& constant : kConstants) {
    if (std::find(given.begin(), given.end(), constant.key) == given.end()) {
      file.constants.*constant.member = drawn(constant, file.seed);
    }
  }
  return file;
}

std::string example_world(std::string_view kind) {
  parse_world("world = \"" + std::string(kind) + "\"", "--world-template");
  std::string text =
      "# Another world, for --world FILE. With a seed, whatever is left out is drawn from it,\n"
      "# between the two numbers in brackets; without one it does nothing.\n"
      "world = \"" +
      std::string(kind) + "\"\nseed = 1\n";
  std::string section;
  for (const WorldConstant& constant : kConstants) {
    const std::size_t dot = constant.key.find('.');
    if (const std::string own(constant.key.substr(0, dot)); own != section) {
      section = own;
      text += "\n[" + section + "]\n";
    }
    char line[240];
    std::snprintf(line, sizeof line, "%-36s  # %s, %s to %s (%s, %s): %s\n",
                  (std::string(constant.key.substr(dot + 1)) + " = " + rounded(drawn(constant, 1))).c_str(),
                  std::string(constant.unit).c_str(), text_of(constant.low).c_str(),
                  text_of(constant.high).c_str(), text_of(constant.draw_low).c_str(),
                  text_of(constant.draw_high).c_str(), std::string(constant.meaning).c_str());
    text += line;
  }
  return text;
}

}  // namespace understudy
