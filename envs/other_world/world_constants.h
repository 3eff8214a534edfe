#pragma once
/// \file What another world is made of: its file, and what is drawn where the file is silent.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace understudy {

/// How a world is built.
enum class WorldStructure {
  kMaximal,  ///< rigid bodies with six coordinates each, joints as springs in an implicit step
  kOwn,      ///< the toolkit's own bodies, solver and step; actions, sensors and forces as below
  kHeldOut,  ///< Featherstone's reduced coordinates in shorter steps, contacts as springs, servos with lag
};

/// Every constant with its neutral value: a world that has these disturbs nothing.
struct WorldConstants {
  // [solver]
  double step = 0.001;     ///< s, at most; a whole number of them make a step of the task's
  double iterations = 20;  ///< of the solver per step, at most
  // [joints]
  double stiffness = 1e7;          ///< N/m, of bearings; maximal only
  double turning_stiffness = 1e5;  ///< N·m/rad, of bearings; maximal only
  double coulomb = 0;              ///< share of a joint's greatest effort
  double breakaway = 1;            ///< ratio
  double stribeck_speed = 0.05;    ///< rad/s or m/s
  double viscous = 0;              ///< share of the greatest effort per rad/s or m/s
  double friction = 1;             ///< factor on the friction that a joint's model has
  double damping = 1;              ///< factor on the damping that a joint's model has
  // [actuators]
  double backlash = 0;         ///< rad, play of a turning servo
  double slide_backlash = 0;   ///< m, play of a sliding servo
  double backlash_spread = 0;  ///< each joint's own factor is exp(spread N(0, 1)) per episode
  double slack = 0;            ///< s, of motors that give torques
  double servo_rate = 1;       ///< factor on the rate at which servos take back an error
  double effort = 1;           ///< factor on the greatest effort
  double effort_spread = 0;    ///< each joint's own factor is exp(spread N(0, 1)) per episode
  double lag = 0;              ///< s, time constant of servos; held-out only
  double gain_spread = 0;      ///< each action entry's own factor is exp(spread N(0, 1)) per episode
  double saturation = 1;       ///< share of an action entry's range that is used
  double action_noise = 0;     ///< deviation, per entry and step
  double action_bias = 0;      ///< deviation, per entry and episode
  double delay = 0;            ///< probability that an entry arrives a step late, per entry and step
  double jitter = 0;           ///< mean of what a step lasts longer, as a share of it; exponential
  // [contacts]
  double contact_friction = 1;     ///< factor on the friction of every contact
  double rolling_friction = 0;     ///< m
  double spinning_friction = 0;    ///< m
  double contact_stiffness = 2e4;  ///< N/m; held-out only
  double contact_damping = 50;     ///< N·s/m; held-out only
  // [sensors]
  double length_bias = 0, length_noise = 0, length_step = 0;  ///< m
  double speed_bias = 0, speed_noise = 0, speed_step = 0;     ///< m/s
  double other_bias = 0, other_noise = 0, other_step = 0;     ///< in a field's unit
  double drop = 0;        ///< probability that a field begins to freeze, per field and step
  double drop_steps = 3;  ///< mean number of steps that it is frozen
  // [forces]: on every body and link, beside what Bullet does; a push fades away
  double pushes = 0;             ///< 1/s, of each body and link
  double pushes_spread = 0;      ///< their number's own factor is exp(spread N(0, 1)) per episode
  double push_acceleration = 1;  ///< m/s², deviation along each axis
  double push_lasts = 8;         ///< s, time constant of its fading
  // [rope]
  double rope_links = 0;     ///< 0: as the task has it
  double rope_damping = 1;   ///< factor
  double rope_friction = 0;  ///< N·m, of each hinge
};

/// One constant, as it is called in files.
struct WorldConstant {
  std::string_view key;        ///< "section.name"
  std::string_view unit;       ///< SI; "-" for factors and shares
  double low, high;            ///< least and greatest value that is taken
  double draw_low, draw_high;  ///< uniform between them where the file has a seed and not this key
  bool whole;
  double WorldConstants::*member;
  std::string_view meaning;
};
std::span<const WorldConstant> world_constants();

/// A file, read.
struct WorldFile {
  WorldStructure structure = WorldStructure::kMaximal;
  WorldConstants constants;
  std::uint64_t seed = 0;  ///< of what the world itself draws, beside the seed of an episode
  std::string sha256;      ///< of the text
};

/// Reads `world = "maximal"`, "held-out" or "own", perhaps `seed`, and constants. With a seed what the file does not say is drawn
/// from it, one stream a key; without, it stays neutral. Throws UsageError in one line that begins with `place`, line and
/// column for what is unknown, no number, or out of its range.
WorldFile parse_world(std::string_view text, const std::string& place);

/// A file of the kind "maximal", "held-out" or "own" with every constant, as they are drawn from seed 1, each with unit, range
/// and meaning. Throws UsageError for another kind.
std::string example_world(std::string_view kind);

}  // namespace understudy
