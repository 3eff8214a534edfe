#include "envs/other_world/joint_rows.h"

#include <numbers>

#include "envs/robots/link_shape.h"

namespace understudy {
namespace {

// The solver takes a row's compliance as a share of the row's own inverse inertia, and wants it below 1.
constexpr double kMostCompliance = 0.9;
constexpr double kLimitAhead = 0.008;  // s, at least a step: a limit counts that would be reached within it
constexpr double kLimitNear = 1e-3;    // rad or m
constexpr double kLimitErp = 0.2;      // share of what is beyond a limit that a step takes back

/// Velocity along a row per impulse along it.
double inverse_inertia(const btRigidBody& body, const btVector3& linear, const btVector3& angular) {
  return body.getInvMass() * linear.length2() + angular.dot(body.getInvInertiaTensorWorld() * angular);
}

/// Writes one row: the rate of J v is to be `velocity`.
class RowWriter {
 public:
  RowWriter(btTypedConstraint::btConstraintInfo2& info, const btRigidBody& a, const btRigidBody& b)
      : info_(info), a_(a), b_(b) {}

  void add(const btVector3& linear_a, const btVector3& angular_a, const btVector3& linear_b,
           const btVector3& angular_b, double velocity) {
    for (int i = 0; i < 3; ++i) {
      info_.m_J1linearAxis[at_ * info_.rowskip + i] = linear_a[i];
      info_.m_J1angularAxis[at_ * info_.rowskip + i] = angular_a[i];
      info_.m_J2linearAxis[at_ * info_.rowskip + i] = linear_b[i];
      info_.m_J2angularAxis[at_ * info_.rowskip + i] = angular_b[i];
    }
    info_.m_constraintError[at_ * info_.rowskip] = velocity;
    inverse_inertia_ = inverse_inertia(a_, linear_a, angular_a) + inverse_inertia(b_, linear_b, angular_b);
    ++at_;
  }
  /// Of the last row: gives way by `compliance` [m/s or rad/s per impulse].
  void give_way(double compliance) {
    info_.cfm[(at_ - 1) * info_.rowskip] =
        std::min(kMostCompliance, compliance / std::max(inverse_inertia_, 1e-12));
  }
  void bound(double low, double high) {
    info_.m_lowerLimit[(at_ - 1) * info_.rowskip] = low;
    info_.m_upperLimit[(at_ - 1) * info_.rowskip] = high;
  }
  const btVector3 none{0, 0, 0};

 private:
  btTypedConstraint::btConstraintInfo2& info_;
  const btRigidBody &a_, &b_;
  int at_ = 0;
  double inverse_inertia_ = 0;
};

/// Rotation vector of a small or large turn.
btVector3 turn_of(const btMatrix3x3& turn) {
  btQuaternion q;
  turn.getRotation(q);
  if (q.w() < 0) q = -q;
  const btVector3 axis(q.x(), q.y(), q.z());
  const double sine = axis.length();
  return sine < 1e-12 ? 2 * axis : axis * (2 * std::atan2(sine, q.w()) / sine);
}

}  // namespace

JointRows::JointRows(btRigidBody& parent, btRigidBody& child, const RobotLink& above, const RobotLink& link,
                     const JointCompliance& compliance)
    : btTypedConstraint(D6_CONSTRAINT_TYPE, parent, child),
      type_(link.type),
      in_parent_(to_bullet(above.inertial.inverse() * link.origin)),
      in_child_(to_bullet(link.inertial.inverse())),
      axis_(to_bullet(link.axis)),
      centre_(to_bullet(Eigen::Vector3d(link.inertial.translation()))),
      low_(link.low),
      high_(link.high),
      compliance_(compliance) {
  if (type_ == JointType::kPlanar) {
    const auto [first, second] = planar_axes(link);
    first_ = to_bullet(first);
    second_ = to_bullet(second);
  } else {
    btPlaneSpace1(axis_, first_, second_);
  }
  if (type_ == JointType::kContinuous) low_ = 1, high_ = -1;
}

JointRows::Frames JointRows::frames() const {
  const btTransform a = m_rbA.getWorldTransform() * in_parent_, b = m_rbB.getWorldTransform() * in_child_;
  return {a.getBasis(), b.getBasis(), a.getOrigin(), b.getOrigin()};
}

int JointRows::held() const {
  switch (type_) {
    case JointType::kFixed:
      return 6;
    case JointType::kPlanar:
      return 3;
    default:
      return 5;
  }
}

double JointRows::position() const {
  const Frames f = frames();
  if (type_ == JointType::kPrismatic) return (f.parent * axis_).dot(f.at_child - f.at_parent);
  const btVector3 turned = f.child * first_;
  const double angle = std::atan2(turned.dot(f.parent * second_), turned.dot(f.parent * first_));
  // btPlaneSpace1's second is axis x first.
  angle_ += std::remainder(angle - angle_, 2 * std::numbers::pi);
  return angle_;
}

double JointRows::velocity() const {
  const Frames f = frames();
  const btVector3 axis = f.parent * axis_;
  if (type_ != JointType::kPrismatic) {
    return axis.dot(m_rbB.getAngularVelocity() - m_rbA.getAngularVelocity());
  }
  const btVector3 of_a = m_rbA.getVelocityInLocalPoint(f.at_child - m_rbA.getCenterOfMassPosition());
  const btVector3 of_b = m_rbB.getVelocityInLocalPoint(f.at_child - m_rbB.getCenterOfMassPosition());
  return axis.dot(of_b - of_a);
}

void JointRows::planar(double position[3], double velocity[3]) const {
  const Frames f = frames();
  const btVector3 axis = f.parent * axis_, first = f.parent * first_, second = f.parent * second_;
  const btVector3 turned = f.child * first_;
  const double angle = std::atan2(turned.dot(axis.cross(first)), turned.dot(first));
  angle_ += std::remainder(angle - angle_, 2 * std::numbers::pi);
  // The offsets are those of the centre of mass (link_poses()).
  const btVector3 centre = f.at_parent + f.parent * centre_, way = m_rbB.getCenterOfMassPosition() - centre;
  const btVector3 speed =
      m_rbB.getLinearVelocity() -
      m_rbA.getVelocityInLocalPoint(m_rbB.getCenterOfMassPosition() - m_rbA.getCenterOfMassPosition());
  position[0] = angle_;
  position[1] = first.dot(way);
  position[2] = second.dot(way);
  velocity[0] = axis.dot(m_rbB.getAngularVelocity() - m_rbA.getAngularVelocity());
  velocity[1] = first.dot(speed);
  velocity[2] = second.dot(speed);
}

double JointRows::gap() const {
  const Frames f = frames();
  btVector3 way = f.at_child - f.at_parent;
  const btVector3 axis = f.parent * axis_;
  if (type_ == JointType::kPrismatic) way -= axis * axis.dot(way);
  if (type_ == JointType::kPlanar) way = axis * axis.dot(way);
  return way.length();
}

void JointRows::push(double effort) {
  const Frames f = frames();
  const btVector3 along = f.parent * axis_ * effort;
  if (type_ == JointType::kPrismatic) {
    m_rbA.applyForce(-along, f.at_child - m_rbA.getCenterOfMassPosition());
    m_rbB.applyForce(along, f.at_child - m_rbB.getCenterOfMassPosition());
  } else {
    m_rbA.applyTorque(-along);
    m_rbB.applyTorque(along);
  }
}

int JointRows::near_limit() const {
  if (low_ > high_) return 0;
  const double at = position(), near = kLimitAhead * std::abs(velocity()) + kLimitNear;
  return at - low_ < near ? -1 : high_ - at < near ? 1 : 0;
}

void JointRows::getInfo1(btConstraintInfo1* info) {
  info->m_numConstraintRows = held();
  info->nub = 0;
  for (int row = 0; row < held(); ++row) slots_[row] = row;
  if (held() != 5) return;
  const auto also = [&](bool wanted, int slot) {
    if (wanted) {
      slots_[info->m_numConstraintRows++] = slot;
    } else {
      impulses_[slot] = 0;
    }
  };
  limit_ = near_limit();
  also(drive.max_effort > 0, kMotor);
  also(friction > 0, kFriction);
  also(limit_ < 0, kLow);
  also(limit_ > 0, kHigh);
}

void JointRows::getInfo2(btConstraintInfo2* info) {
  const double fps = info->fps, step = 1 / fps;
  const Frames f = frames();
  const btVector3 axis = f.parent * axis_, first = f.parent * first_, second = f.parent * second_;
  const btVector3 apart = f.at_parent - f.at_child;
  // Where the two meet, seen from both: a sliding child is held where it is.
  const btVector3 arm_a = f.at_child - m_rbA.getCenterOfMassPosition();
  const btVector3 arm_b = f.at_child - m_rbB.getCenterOfMassPosition();
  RowWriter rows(*info, m_rbA, m_rbB);

  const double kept = 1 / (1 + compliance_.ratio);  // h k / (h k + c)
  const auto compliance_of = [&](double stiffness) {
    return 1 / (step * step * stiffness * (1 + compliance_.ratio));
  };
  const auto hold = [&](const btVector3& n) {
    rows.add(n, arm_a.cross(n), -n, -arm_b.cross(n), -kept * fps * n.dot(apart));
    rows.give_way(compliance_of(compliance_.stiffness));
  };
  const auto align = [&](const btVector3& n, const btVector3& error) {
    rows.add(rows.none, n, rows.none, -n, -kept * fps * n.dot(error));
    rows.give_way(compliance_of(compliance_.turning));
  };
  if (type_ == JointType::kPlanar) {
    hold(axis);
  } else {
    hold(first);
    hold(second);
    if (type_ != JointType::kPrismatic) hold(axis);
  }
  if (type_ == JointType::kPrismatic || type_ == JointType::kFixed) {
    const btVector3 error = turn_of(f.parent * f.child.transpose());
    align(first, error);
    align(second, error);
    align(axis, error);
  } else {
    const btVector3 error = (f.child * axis_).cross(axis);
    align(first, error);
    align(second, error);
  }
  if (held() != 5) return;

  const bool slides = type_ == JointType::kPrismatic;
  const auto along = [&](double sign, double velocity) {
    const btVector3 n = sign * axis;
    if (slides) {
      rows.add(-n, -arm_a.cross(n), n, arm_b.cross(n), velocity);
    } else {
      rows.add(rows.none, -n, rows.none, n, velocity);
    }
  };
  if (drive.max_effort > 0) {
    along(1, drive.target_velocity);
    rows.bound(-drive.max_effort * step, drive.max_effort * step);
  }
  if (friction > 0) {
    along(1, 0);
    rows.bound(-friction * step, friction * step);
  }
  if (limit_ != 0) {
    const double left = limit_ < 0 ? position() - low_ : high_ - position();
    along(-limit_, left < 0 ? -kLimitErp * left * fps : -left * fps);
    rows.bound(0, SIMD_INFINITY);
  }
}

}  // namespace understudy
