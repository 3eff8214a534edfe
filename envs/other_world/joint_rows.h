#pragma once
/// \file Private to envs/other_world: a joint between two rigid bodies, in maximal coordinates.

#include "envs/other_world/actuator_laws.h"
#include "envs/robots/robot_model.h"
#include "envs/world/bullet_world.h"

namespace understudy {

/// A spring and a damper for each direction that a joint holds, in an implicit step: with stiffness k, damping c and step h
/// a row has the velocity  -x k / (h k + c)  for its error x, and gives way by  1 / (h (h k + c))  per impulse, but at most by
/// nine tenths of what the bodies themselves do: beyond that the solver does not converge.
struct JointCompliance {
  double stiffness = 1e7;  ///< N/m, of what holds the two in place
  double turning = 1e5;    ///< N·m/rad, of what keeps the axes in line
  double ratio = 1;        ///< c = ratio · h k: 1 damps critically or more
};

/// What drives and brakes one degree of freedom.
struct JointDrive {
  double target_velocity = 0;  ///< rad/s or m/s
  double max_effort = 0;       ///< N·m or N; 0: no motor
};

/// One joint as rows of a Bullet constraint: as many as its type holds, then one for its motor, one for its friction and
/// one for the limit it is near. A planar joint has no motor, friction or limit.
class JointRows final : public btTypedConstraint {
 public:
  /// Body `parent` and `child` have their links' inertial frames.
  JointRows(btRigidBody& parent, btRigidBody& child, const RobotLink& above, const RobotLink& link,
            const JointCompliance& compliance);

  /// Of a joint with one degree of freedom. An angle is followed beyond a turn when it is read at every step.
  double position() const;
  double velocity() const;
  /// Angle and the two offsets of a planar joint (planar_axes()), and their rates.
  void planar(double position[3], double velocity[3]) const;
  /// To be called when the bodies were placed at `position`.
  void follow(double position) { angle_ = position; }
  /// How far what the joint holds together is apart, m.
  double gap() const;
  /// Adds a torque [N·m] or a force [N] to both bodies for the next step of the solver.
  void push(double effort);

  JointDrive drive;
  double friction = 0;  ///< N·m or N, the most it can be in the next step

  int held() const;  ///< rows of what it holds, which come first
  /// Impulse of the row with this number in the step before; 0 at first.
  double last_impulse(int row) const { return impulses_[slots_[row]]; }
  void keep_impulse(int row, double impulse) { impulses_[slots_[row]] = impulse; }

  void getInfo1(btConstraintInfo1* info) override;
  void getInfo2(btConstraintInfo2* info) override;
  void setParam(int, btScalar, int) override {}
  btScalar getParam(int, int) const override { return 0; }

 private:
  struct Frames {
    btMatrix3x3 parent, child;  ///< axes of the joint's frame, world
    btVector3 at_parent, at_child;
  };
  Frames frames() const;
  /// Limit that a row is to keep: -1 the lower, 1 the upper one, 0 none is near.
  int near_limit() const;

  JointType type_;
  btTransform in_parent_, in_child_;  ///< the joint's frame in the bodies' own
  btVector3 axis_;                    ///< in the joint's frame
  btVector3 first_, second_;          ///< across it; a planar joint's own
  btVector3 centre_;                  ///< the child's centre of mass in the joint's frame
  double low_, high_;
  JointCompliance compliance_;
  mutable double angle_ = 0;
  int limit_ = 0;  ///< of the next step
  // A joint's motor, friction and limits have impulses of their own, whichever rows there are.
  static constexpr int kMotor = 6, kFriction = 7, kLow = 8, kHigh = 9;
  double impulses_[10] = {};
  int slots_[9] = {};  ///< of the next step's rows
};

}  // namespace understudy
