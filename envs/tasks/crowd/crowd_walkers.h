#pragma once
/// \file Private to envs: the pedestrians of Crowd, bodies in the world that the social force moves.

#include <Eigen/Core>
#include <vector>

#include "datasets/types/rng.h"
#include "envs/tasks/crowd/social_force.h"
#include "envs/world/bullet_world.h"

namespace understudy::crowd {

inline constexpr double kStreetHalfWidth = 4;    ///< m, between the fronts
inline constexpr double kStreetHalfLength = 17;  ///< m, where those who walk the street turn round

enum CrowdCollision : int { kFrontBit = 1, kPedestrianBit = 2, kRobotBit = 4 };

/// One pedestrian as drawn from the seed.
struct WalkerPlan {
  Eigen::Vector2d start;    ///< m
  Eigen::Vector2d ends[2];  ///< m, between which it goes to and fro; begins towards the first
  double desired_speed;     ///< m/s
  bool attentive;           ///< sees the robot
};

/// `count` plans, the starts at least 0.8 m apart and 1.6 m from `robot` [m].
std::vector<WalkerPlan> draw_walkers(Rng& rng, int count, const Eigen::Vector2d& robot);

/// An upright cylinder of `radius` and `height` [m] that stands at `at`, moves in the
/// plane only, and never turns.
btRigidBody& add_upright(BulletWorld& world, const Eigen::Vector2d& at, double radius, double height,
                         double mass, int group, int mask);

class Walkers {
 public:
  Walkers(BulletWorld& world, std::vector<WalkerPlan> plans, const SocialForceOptions& options = {});

  /// Gives every body the velocity that one step of the world under its forces leads to; before every step.
  /// Before every fourth, everyone looks at the others: until the next look, what they push with holds.
  void before_step(const Eigen::Vector2d& robot, const Eigen::Vector2d& robot_velocity);

  const std::vector<WalkerPlan>& plans() const { return plans_; }
  int count() const { return static_cast<int>(plans_.size()); }
  Eigen::Vector2d position(int i) const;                                       ///< m
  Eigen::Vector2d velocity(int i) const;                                       ///< m/s
  double walked(int i) const { return walked_[static_cast<std::size_t>(i)]; }  ///< m since the start
  double facing(int i) const { return facing_[static_cast<std::size_t>(i)]; }  ///< rad, follows the velocity

 private:
  void look(const Eigen::Vector2d& robot, const Eigen::Vector2d& robot_velocity);
  /// From walker `i` to the end that it heads for; turns it round at the end.
  Eigen::Vector2d way(std::size_t i);
  /// Social force on walker `i` apart from its own drive [m/s²].
  Eigen::Vector2d push_on(std::size_t i, const Eigen::Vector2d& direction, const Eigen::Vector2d& robot,
                          const Eigen::Vector2d& robot_velocity) const;

  std::vector<WalkerPlan> plans_;
  SocialForceOptions options_;
  double step_;    ///< s
  int steps_ = 0;  ///< of the world
  double cos_half_view_;
  double kept_;  ///< share_kept() over one step
  std::vector<btRigidBody*> bodies_;
  std::vector<int> heading_for_;  ///< which end
  std::vector<double> walked_, facing_;
  std::vector<Eigen::Vector2d> places_, velocities_;  ///< of one step
  std::vector<Eigen::Vector2d> pushes_;               ///< m/s², of the last look
};

}  // namespace understudy::crowd
