#pragma once
/// \file How pushes move the block of Push: quasi-static pushing with an ellipsoidal limit surface (Goyal,
/// Ruina and Papadopoulos 1991; Lynch and Mason 1996). A force f at r on the block moves it with the twist
/// (f, (r x f) / c²) up to a factor, where c [m] is the greatest friction moment over the greatest friction
/// force. Pushes are along the inward normal, so that the pusher's friction does not matter; one of length l
/// moves the block by exp(l twist). Everything is in the block's axes.

#include "envs/tasks/pushing/push_tee.h"

namespace understudy::push {

/// x and y [m], rotation [rad].
using Twist = Eigen::Vector3d;

/// c, m (ours): the world's friction gives 0.056 for turning on the spot and, on average, 0.04 for pushes off
/// the middle, where a limit surface of eight points is no ellipsoid.
inline constexpr double kMomentArm = 0.05;

/// From the block's face to the pusher's rim where a push begins and on the way there, m.
inline constexpr double kClearance = 0.010;

/// A place where the pusher touches the block.
struct Contact {
  Eigen::Vector2d pusher;  ///< the pusher's centre when it touches, m
  Eigen::Vector2d normal;  ///< unit, into the block
};

/// The contact nearest to a pusher, whether it touches or not.
Contact nearest_contact(const Eigen::Vector2d& pusher);

/// Where the pusher begins a push: kClearance away from its contact.
Eigen::Vector2d approach(const Contact& contact);

/// What a push along the normal does, per metre of the pusher's way.
struct Push {
  Twist twist;                ///< of the block
  Eigen::Vector2d direction;  ///< unit: the pusher's way while the contact does not slip
};
Push push_at(const Contact& contact);

/// What is left to do: the goal's pose as seen from the block.
struct Rest {
  Eigen::Vector2d place;  ///< m
  double rotation = 0;    ///< rad
};

/// What is left after a push of `length` [m].
Rest rest_after(const Rest& rest, const Twist& twist, double length);

/// The twist of length 1 that does all of it (logarithm in SE(2)), turning by `rest.rotation`, which lies within a turn either way.
Twist twist_of(const Rest& rest);

}  // namespace understudy::push
