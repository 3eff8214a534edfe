#pragma once
/// \file Private to envs: how a world is built when it is not the toolkit's own. A task asks a BulletWorld for
/// bodies and robots, and does not know what they are made of.

#include <memory>

#include "envs/world/bullet_world.h"

namespace understudy {

class JointedBody;
struct RobotModel;
struct RobotOptions;

/// What a task's rope is made of in a world, beside what the task says.
struct RopeForm {
  int links = 0;        ///< of the whole rope; 0: as many as the task has
  double damping = 1;   ///< factor on that of its hinges
  double friction = 0;  ///< N·m, of each hinge
};

/// A form belongs to one environment: it may keep what goes on within an episode.
class WorldForm {
 public:
  WorldForm() = default;
  WorldForm(const WorldForm&) = delete;
  WorldForm& operator=(const WorldForm&) = delete;
  virtual ~WorldForm() = default;

  virtual std::unique_ptr<btMultiBodyConstraintSolver> make_solver() const = 0;
  /// Changes what the task asks for.
  virtual WorldOptions options(const WorldOptions& task) const = 0;
  /// Sets what options do not say, in a world that is new and empty.
  virtual void begin(BulletWorld& world) = 0;
  /// What is to be done to a rigid body, or a link's collider, that has come in, before its first step.
  virtual void add(btCollisionObject& object) = 0;
  /// One step of the task's, world.time_step() seconds more or less.
  virtual void step(BulletWorld& world) = 0;
  /// Null: as in the toolkit's own world.
  virtual std::unique_ptr<JointedBody> make_robot(BulletWorld& world, const RobotModel& model,
                                                  const RobotOptions& options) = 0;
  virtual RopeForm rope() const = 0;
};

}  // namespace understudy
