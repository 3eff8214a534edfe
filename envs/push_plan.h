#pragma once
/// \file How pushes move the block of Push, and which to make to bring it to its goal.
///
/// Model: quasi-static pushing with an ellipsoidal limit surface (Goyal, Ruina and Papadopoulos 1991; Lynch and Mason
/// 1996): a force f at r on the block moves it with the twist (f, (r x f) / c²) up to a factor, in the
/// block's axes, where c [m] is the greatest friction moment over the greatest friction force. Pushes are along the
/// inward normal, so that the pusher's friction does not matter; one of length l moves the block by exp(l twist).
///
/// Plan: the logarithm of the goal's pose as seen from the block is a twist; it is written as a sum of one, two or three
/// pushes with lengths >= 0. The best sum is the one that takes the least time, ways between contacts included; one
/// or two pushes may leave a rest, which costs time too. Three are always enough: the twists of all contacts
/// positively span the three dimensions. Pushes of finite length do not commute, and the model is not the world:
/// the plan is made anew at every step. A push that goes on costs no way, which keeps the plan from wavering.

#include <array>
#include <vector>

#include "envs/push_path.h"

namespace understudy::push {

/// x and y in the block's axes [m], rotation [rad].
using Twist = Eigen::Vector3d;

/// Greatest friction moment over greatest friction force, m, with the weight on the boxes' corners.
inline constexpr double kMomentArm = 0.05;

/// A place where the pusher touches the block, in the block's axes.
struct Contact {
  Eigen::Vector2d pusher;  ///< the pusher's centre when it touches, m
  Eigen::Vector2d normal;  ///< unit, into the block
};

/// What a push along the normal does, per metre of the pusher's way.
struct Push {
  Twist twist;                ///< of the block
  Eigen::Vector2d direction;  ///< unit: the pusher's way while the contact does not slip
};
Push push_at(const Contact& contact);

/// The contact nearest to a pusher outside the block, whether it touches or not.
Contact nearest_contact(const Eigen::Vector2d& pusher);

/// The twist of length 1 that leads from the identity to a pose (logarithm in SE(2)); rotation in [-pi, pi].
Twist twist_to(const Eigen::Vector2d& place, double rotation);

/// Where everything is, in the workspace's axes.
struct PushSituation {
  TeePose block, goal;
  Eigen::Vector2d pusher;
};

/// The first push of the best plan.
struct PlannedPush {
  Contact contact;
  Push push;
  double length = 0;           ///< m
  Eigen::Vector2d next{0, 0};  ///< where the pusher goes first if it is not there yet, in the block's axes
  bool touching = false;       ///< it is there
  double seconds = 0;          ///< of the whole plan, as estimated
  int pushes = 0;              ///< of the whole plan
};

/// Chooses pushes. Immutable.
class PushPlanner {
 public:
  PushPlanner();

  PlannedPush plan(const PushSituation& situation) const;

 private:
  class Search;
  static constexpr int kContacts = 28;

  std::array<Contact, kContacts> contacts_;
  std::array<Push, kContacts> pushes_;
  /// Seconds from the end of one push to the beginning of another.
  std::array<std::array<double, kContacts>, kContacts> ways_;
  /// Three contacts and the inverse of the matrix whose columns are their twists.
  struct Triple {
    std::array<int, 3> contact;
    Eigen::Matrix3d inverse;
  };
  std::vector<Triple> triples_;
};

/// Where the pusher begins a push: kClearance away from its contact.
Eigen::Vector2d approach(const Contact& contact);

}  // namespace understudy::push
