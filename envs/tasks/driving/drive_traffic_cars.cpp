#include "envs/tasks/driving/drive_traffic_cars.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "datasets/types/error.h"
#include "envs/tasks/driving/car_following.h"
#include "envs/tasks/driving/drive_lane.h"
#include "envs/tasks/driving/drive_pilot.h"
#include "envs/tasks/driving/drive_traffic.h"

namespace understudy::drive {
namespace {

constexpr double kSlowest = 4.5, kFastest = 6.5;       // m/s
constexpr double kShortestStop = 1, kLongestStop = 3;  // s
constexpr double kStartApart = 15, kStartClear = 12;   // m
constexpr double kStopBefore = 3.2;  // m, centre of a waiting car before the middle of the crossing
constexpr double kStanding = 0.3;    // m/s: slower than that and it stands
constexpr double kAtLine = 1.2;      // m: nearer than that and it has arrived
constexpr double kLaneReach = 1.6;   // m: whose centre is nearer to a lane's middle is in it
constexpr int kDraws = 10000;

}  // namespace

double distance_ahead(double from, double to, int direction, double length) {
  const double way = direction * (to - from);
  return way - length * std::floor(way / length);
}

std::vector<TrafficPlan> draw_traffic(Rng& rng, double track_length, double crossing) {
  const auto apart = [track_length](double a, double b) {
    return std::abs(std::remainder(a - b, track_length));
  };
  std::vector<TrafficPlan> plans;
  for (int draw = 0; draw < kDraws && static_cast<int>(plans.size()) < kTrafficCars; ++draw) {
    const double s = rng.uniform(0, track_length);
    const int direction = static_cast<int>(plans.size()) < kTrafficEachWay ? 1 : -1;
    if (apart(s, 0) < kStartClear || apart(s, crossing) < kStartClear) continue;
    const bool taken = std::any_of(plans.begin(), plans.end(), [&](const TrafficPlan& other) {
      return other.direction == direction && apart(s, other.s) < kStartApart;
    });
    if (taken) continue;
    const double speed = rng.uniform(kSlowest, kFastest);
    plans.push_back({direction, s, speed, rng.uniform(kShortestStop, kLongestStop)});
  }
  if (static_cast<int>(plans.size()) < kTrafficCars) {
    throw Error("DriveTraffic: the track has no room for its cars: want a longer one than " +
                std::to_string(track_length) + " m");
  }
  return plans;
}

TrafficCars::TrafficCars(BulletWorld& world, const std::vector<const btCollisionObject*>& road,
                         const DriveTrack& track, std::vector<TrafficPlan> plans, double crossing)
    : track_(track), crossing_(crossing) {
  CarOptions options;
  options.meets_cars = true;
  for (const TrafficPlan& plan : plans) {
    const Eigen::Vector2d at = track.beside(plan.s, plan.direction * kLane);
    const double yaw = track.heading(plan.s) + (plan.direction > 0 ? 0 : std::numbers::pi);
    Driver driver;
    driver.plan = plan;
    driver.car = std::make_unique<DriveCar>(world, road, btVector3(at.x(), at.y(), 0), yaw, options);
    driver.place = track.locate(at, -1);
    driver.to_stop = 0;
    driver.stood = 0;
    cars_.push_back(std::move(driver));
  }
}

Eigen::Vector2d TrafficCars::position(const DriveCar& car) {
  const btVector3& p = car.chassis().getWorldTransform().getOrigin();
  return {p.x(), p.y()};
}

RoadUser TrafficCars::user(int i) const {
  const Driver& driver = cars_[static_cast<std::size_t>(i)];
  const DriveTrack::Place place = track_.locate(position(*driver.car), driver.place.sample);
  return {place.s, place.offset, driver.car->forward_speed()};
}

std::vector<DriveLidar::Box> TrafficCars::boxes() const {
  std::vector<DriveLidar::Box> boxes;
  for (const Driver& driver : cars_) {
    const CarOptions& options = driver.car->options();
    boxes.push_back({position(*driver.car), driver.car->yaw(), options.half_length, options.half_width});
  }
  return boxes;
}

void TrafficCars::locate(Driver& driver) const {
  driver.place = track_.locate(position(*driver.car), driver.place.sample);
  const double line = crossing_ - driver.plan.direction * kStopBefore;
  driver.to_stop = distance_ahead(driver.place.s, line, driver.plan.direction, track_.length());
  if (driver.to_stop > track_.length() / 2) driver.to_stop -= track_.length();
}

double TrafficCars::acceleration(const Driver& driver, const RoadUser& actor, double bend) const {
  const CarFollowingOptions following;
  const double speed = driver.car->forward_speed();
  const double desired = std::min(driver.plan.desired_speed, bend);
  const double bumpers = 2 * driver.car->options().half_length;
  double wanted = following_acceleration(following, speed, desired, 1e9, 0);
  const auto give_way = [&](double gap, double other_speed) {
    wanted = std::min(wanted, following_acceleration(following, speed, desired, gap, speed - other_speed));
  };
  for (const Driver& other : cars_) {
    if (&other == &driver || other.plan.direction != driver.plan.direction) continue;
    const double ahead =
        distance_ahead(driver.place.s, other.place.s, driver.plan.direction, track_.length());
    give_way(ahead - bumpers, other.car->forward_speed());
  }
  if (std::abs(actor.offset - driver.plan.direction * kLane) < kLaneReach) {
    const double ahead = distance_ahead(driver.place.s, actor.s, driver.plan.direction, track_.length());
    give_way(ahead - bumpers, driver.plan.direction * actor.speed);
  }
  // The stop line is a car that stands, its bumper a standing gap behind the line.
  const bool served = driver.stood >= driver.plan.stop_seconds;
  if (!served && driver.to_stop > -kAtLine) give_way(driver.to_stop + following.standing_gap, 0);
  return wanted;
}

void TrafficCars::decide(const RoadUser& actor, double seconds) {
  for (Driver& driver : cars_) {
    locate(driver);
    const bool standing = driver.car->forward_speed() < kStanding && std::abs(driver.to_stop) < kAtLine;
    if (standing) driver.stood += seconds;
    if (driver.to_stop < -kAtLine) driver.stood = 0;  // through: the next lap has its own stop
  }
  for (Driver& driver : cars_) {
    const double speed = driver.car->forward_speed();
    const RoadView view = view_road(track_, driver.place, driver.car->yaw(), driver.plan.direction);
    const double angle = lane_angle(view.curvatures, speed, view.offset, view.heading_error, kLane);
    const double bend = bend_speed(view.curvatures, kFastest);
    const double limit = max_steer_angle(speed);
    driver.car->command(std::clamp(angle, -limit, limit),
                        pedal_for(driver.car->options(), acceleration(driver, actor, bend), speed));
  }
}

void TrafficCars::before_step() {
  for (Driver& driver : cars_) driver.car->before_step();
}

}  // namespace understudy::drive
