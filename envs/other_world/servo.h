#pragma once
/// \file Private to envs/other_world: what stands between a task's commands and a joint, in both kinds of worlds.

#include <vector>

#include "envs/other_world/actuator_laws.h"
#include "envs/other_world/world_constants.h"
#include "envs/robots/robot_model.h"
#include "envs/world/bullet_world.h"

namespace understudy {

/// One degree of freedom's actuator and friction, as drawn for an episode.
struct Servo {
  JointFriction friction;
  double friction_share = 1;  ///< of its Coulomb part that acts (scale_friction)
  double play = 0;            ///< rad or m
  double strength = 1;  ///< factor on efforts, that of a varied episode excepted: tasks scale their torques
  Slack slack;
  // What the task commanded last.
  double target = 0, target_velocity = 0;
  double rate = 0;         ///< 1/s, share of an error that is taken back; 0: only the velocity is kept
  double max_effort = 0;   ///< N·m or N; 0: it is not driven
  double full_torque = 0;  ///< N·m or N, of an action of 1; 0: unknown
  double torque = 0;       ///< N·m or N, for one step of the task's
  bool slides = false;

  /// The velocity that it heads for at `position`, and whether it touches a flank of its play at all.
  struct Wish {
    double velocity = 0;
    bool engaged = true;
  };
  Wish wish(double position) const {
    if (rate <= 0) return {target_velocity, true};
    const double beyond = beyond_play(target - position, play);
    return {target_velocity + rate * beyond, play <= 0 || beyond != 0};
  }
  /// What comes of the torque in a step of `duration` [s].
  double delivered(double duration) {
    if (torque == 0) return 0;
    if (full_torque <= 0) return strength * torque;
    return strength * full_torque * slack.pass(std::clamp(torque / full_torque, -1.0, 1.0), duration);
  }
};

/// One per degree of freedom. What differs from joint to joint is drawn from the world's seed and the episode's.
std::vector<Servo> make_servos(const WorldFile& file, const RobotModel& model, const BulletWorld& world);

}  // namespace understudy
