#pragma once
/// \file Private to envs: the cars that DriveTraffic's actor meets.

#include <memory>
#include <vector>

#include "datasets/types/rng.h"
#include "envs/tasks/driving/drive_car.h"
#include "envs/tasks/driving/drive_lidar.h"
#include "envs/tasks/driving/drive_track.h"

namespace understudy::drive {

inline constexpr int kTrafficEachWay = 3;
inline constexpr int kTrafficCars = 2 * kTrafficEachWay;

/// One other car as drawn from the seed.
struct TrafficPlan {
  int direction;         ///< +1 as the actor, -1 the other way
  double s;              ///< m along the centreline at the start
  double desired_speed;  ///< m/s
  double stop_seconds;   ///< s at the crossing
};

/// kTrafficCars plans: the ones along first. The actor starts at s = 0. None starts within 12 m of it or of
/// `crossing` [m], or within 15 m of another of its lane.
std::vector<TrafficPlan> draw_traffic(Rng& rng, double track_length, double crossing);

/// A car on the road, whoever drives it.
struct RoadUser {
  double s;       ///< m along the centreline
  double offset;  ///< m, left of the centreline as the actor travels
  double speed;   ///< m/s, forward
};

class TrafficCars {
 public:
  /// `road`: what wheels roll on. `crossing`: where the zebra crossing is [m].
  TrafficCars(BulletWorld& world, const std::vector<const btCollisionObject*>& road, const DriveTrack& track,
              std::vector<TrafficPlan> plans, double crossing);

  /// Finds the cars on the road and lets every driver decide on steering and pedals, given the actor's car;
  /// once per action. `seconds` since the last time.
  void decide(const RoadUser& actor, double seconds);
  /// Before every step of the world.
  void before_step();

  int count() const { return static_cast<int>(cars_.size()); }
  const DriveCar& car(int i) const { return *cars_[static_cast<std::size_t>(i)].car; }
  int direction(int i) const { return cars_[static_cast<std::size_t>(i)].plan.direction; }
  RoadUser user(int i) const;                  ///< as of now
  std::vector<DriveLidar::Box> boxes() const;  ///< as of now

 private:
  struct Driver {
    TrafficPlan plan;
    std::unique_ptr<DriveCar> car;
    DriveTrack::Place place;
    double to_stop;  ///< m to the stop line; negative: behind, until half a lap later
    double stood;    ///< s at the line
  };

  void locate(Driver& driver) const;
  double acceleration(const Driver& driver, const RoadUser& actor, double bend) const;
  static Eigen::Vector2d position(const DriveCar& car);

  const DriveTrack& track_;
  double crossing_;
  std::vector<Driver> cars_;
};

/// Distance [m] in [0, length) from `from` to `to` for somebody who travels in `direction`.
double distance_ahead(double from, double to, int direction, double length);

}  // namespace understudy::drive
