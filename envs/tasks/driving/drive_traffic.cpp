#include "envs/tasks/driving/drive_traffic.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

#include "datasets/types/rng_streams.h"
#include "envs/contract/task_list.h"
#include "envs/tasks/driving/drive_kerb.h"
#include "envs/tasks/driving/drive_lane.h"
#include "envs/tasks/driving/drive_lidar.h"
#include "envs/tasks/driving/drive_road.h"
#include "envs/tasks/driving/drive_track.h"
#include "envs/tasks/driving/drive_traffic_cars.h"
#include "envs/tasks/driving/drive_traffic_scene.h"
#include "envs/world/bullet_task.h"
#include "envs/world/bullet_world.h"

namespace understudy {
namespace drive {
namespace {

constexpr double kStartOffset = 0.3;     // m from the lane's middle, at most
constexpr double kStartYaw = 0.05;       // rad, at most
constexpr double kTouchDistance = 1e-3;  // m
constexpr int kCars = 1 + kTrafficCars;
constexpr int kStateSize = BulletWorld::kBodyState * kCars + kTrafficExtra + kWheelState * kCars;

constexpr double kProgressReward = 0.1;
constexpr double kSteerCost = 0.002;
constexpr double kEndReward = 5;

EnvironmentSpec make_spec() {
  EnvironmentSpec spec = make_drive()->spec();
  spec.id = "DriveTraffic";
  spec.summary = "drive one lap on a road with two lanes among other cars, touching none";
  spec.success = "a full lap on the road without having touched another car";
  std::vector<Field> fields = spec.observation.fields();
  fields[0].meaning = "free way to the nearest edge or car, from -90 (right) to +90 degrees (left)";
  fields.push_back({"lead_gap", 1, "m", -5, kTrafficSight,
                    "to the next car ahead that goes the same way, 40: none nearer"});
  fields.push_back({"lead_closing", 1, "m/s", -20, 20, "own speed minus its speed"});
  fields.push_back({"oncoming_gap", 1, "m", -5, kTrafficSight,
                    "to the next car that comes the other way, 40: none nearer"});
  fields.push_back({"oncoming_closing", 1, "m/s", -40, 40, "own speed plus its speed"});
  spec.observation = Space(fields);
  spec.horizon = 1800;
  return spec;
}

class DriveTraffic final : public BulletTask {
 public:
  DriveTraffic()
      : BulletTask(make_spec()),
        lidar_({.rays = kRays,
                .first = -std::numbers::pi / 2,
                .spacing = std::numbers::pi / (kRays - 1),
                .range = kRayRange}) {}

  int state_dim() const override { return kStateSize; }

 protected:
  void build(std::uint64_t seed) override;
  StepResult advance(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void write_state(StateRef state) const override;
  void build_scene(Scene& scene) const override {
    add_traffic_shapes(track_, kerbs_, car_shape(car_->options()), crossing_, kTrafficCars, scene);
  }
  void pose_scene(ConstStateRef state, Scene& scene) const override {
    pose_traffic_scene(state, car_shape(car_->options()), kTrafficCars, scene);
    add_lap_figures(track_, state.data(), state[BulletWorld::kBodyState * kCars], scene);
    const auto own = state.head<2>();
    double nearest = 1e9;  // m, between middles
    for (int car = 1; car < kCars; ++car)
      nearest = std::min(nearest, (state.segment<2>(BulletWorld::kBodyState * car) - own).norm());
    scene.figures.push_back({.name = "nearest car", .value = nearest, .unit = "m"});
  }

 private:
  bool touches_a_car();
  void observe_ahead(int direction, VectorRef gap_and_closing) const;
  Eigen::Vector2d car_position() const {
    const btVector3& p = car_->chassis().getWorldTransform().getOrigin();
    return {p.x(), p.y()};
  }
  RoadUser actor() const { return {place_.s, place_.offset, car_->forward_speed()}; }

  DriveLidar lidar_;
  DriveTrack track_;
  Kerbs kerbs_;
  double crossing_ = 0;  // m along the centreline
  std::optional<DriveCar> car_;
  std::optional<TrafficCars> traffic_;
  DriveTrack::Place place_;
  double progress_ = 0;  // m along the centreline since the start
};

void DriveTraffic::build(std::uint64_t seed) {
  Rng rng = Rng::stream(seed, RngStream::kTraffic);
  track_ = DriveTrack::draw(rng);
  kerbs_ = make_kerbs(track_);
  crossing_ = track_.length() * rng.uniform(0.35, 0.65);
  const auto road = add_road(world(), kerbs_);
  const Eigen::Vector2d start = track_.beside(0, kLane + rng.uniform(-kStartOffset, kStartOffset));
  const double yaw = track_.heading(0) + rng.uniform(-kStartYaw, kStartYaw);
  CarOptions options;
  options.meets_cars = true;
  car_.emplace(world(), road, btVector3(start.x(), start.y(), 0), yaw, options);
  // The others never leave the asphalt: their wheels need not look for kerbs.
  traffic_.emplace(world(), std::vector<const btCollisionObject*>{road[0]}, track_,
                   draw_traffic(rng, track_.length(), crossing_), crossing_);
  place_ = track_.locate(start, -1);
  progress_ = 0;
}

bool DriveTraffic::touches_a_car() {
  const btCollisionObject* own = &car_->chassis();
  btDispatcher& dispatcher = *world().dynamics().getDispatcher();
  for (int i = 0; i < dispatcher.getNumManifolds(); ++i) {
    const btPersistentManifold& manifold = *dispatcher.getManifoldByIndexInternal(i);
    if (manifold.getBody0() != own && manifold.getBody1() != own) continue;
    const btCollisionObject* other = manifold.getBody0() == own ? manifold.getBody1() : manifold.getBody0();
    if (other->isStaticObject()) continue;  // the road
    for (int point = 0; point < manifold.getNumContacts(); ++point) {
      if (manifold.getContactPoint(point).getDistance() <= kTouchDistance) return true;
    }
  }
  return false;
}

StepResult DriveTraffic::advance(ConstVectorRef action) {
  const double before_angle = car_->steer_angle();
  car_->command(-double{action[0]} * max_steer_angle(car_->forward_speed()), action[1]);
  traffic_->decide(actor(), 1 / spec().control_rate);
  bool touched = false;
  for (int i = 0; i < spec().substeps; ++i) {
    car_->before_step();
    traffic_->before_step();
    world().step();
    touched = touched || touches_a_car();
  }

  const DriveTrack::Place now = track_.locate(car_position(), place_.sample);
  const double gained = std::remainder(now.s - place_.s, track_.length());
  place_ = now;
  progress_ += gained;

  const double steer_rate = (car_->steer_angle() - before_angle) * spec().control_rate;
  StepResult result;
  result.cause = touched                                                 ? "collision"
                 : std::abs(place_.offset) > track_.options().half_width ? "off track"
                 : !car_->upright()                                      ? "rolled over"
                                                                         : "";
  const bool lost = !result.cause.empty();
  result.success = !lost && progress_ >= track_.length();
  result.terminated = result.success || lost;
  double reward = kProgressReward * gained - kSteerCost * steer_rate * steer_rate;
  if (result.success) reward += kEndReward;
  if (lost) reward -= kEndReward;
  result.reward = static_cast<float>(reward);
  return result;
}

/// Gap to the next car ahead that travels in `direction`, and how fast it shrinks.
void DriveTraffic::observe_ahead(int direction, VectorRef gap_and_closing) const {
  double nearest = 1e9, closing = 0;
  for (int i = 0; i < traffic_->count(); ++i) {
    if (traffic_->direction(i) != direction) continue;
    const RoadUser other = traffic_->user(i);
    // Seen until its tail has passed.
    const double behind = 2 * car_->options().half_length;
    const double ahead = distance_ahead(place_.s - behind, other.s, 1, track_.length()) - behind;
    if (ahead > nearest) continue;
    nearest = ahead;
    closing = car_->forward_speed() - direction * other.speed;
  }
  const double gap = nearest - 2 * car_->options().half_length;
  const bool seen = gap < kTrafficSight;
  gap_and_closing[0] = static_cast<float>(seen ? gap : kTrafficSight);
  gap_and_closing[1] = static_cast<float>(seen ? closing : 0);
}

void DriveTraffic::observe(VectorRef observation) const {
  const double yaw = car_->yaw();
  lidar_.cast(track_, car_position(), yaw, {}, observation.segment(kLidar, kRays));
  lidar_.cast_boxes(car_position(), yaw, traffic_->boxes(), observation.segment(kLidar, kRays));
  const RoadView view = view_road(track_, place_, yaw, 1);
  observation[kSpeed] = static_cast<float>(car_->forward_speed());
  observation[kSlip] = static_cast<float>(car_->left_speed());
  observation[kYawRate] = static_cast<float>(car_->yaw_rate());
  observation[kLateralOffset] = static_cast<float>(view.offset);
  observation[kHeadingError] = static_cast<float>(view.heading_error);
  for (int i = 0; i < kPreviews; ++i) observation[kCurvature + i] = view.curvatures[i];
  observe_ahead(1, observation.segment(kLeadGap, 2));
  observe_ahead(-1, observation.segment(kOncomingGap, 2));
}

void DriveTraffic::write_state(StateRef state) const {
  const int bodies = world().state_dim();
  world().read_state(state.head(bodies));
  double* extra = state.data() + bodies;
  *extra++ = progress_;
  for (int i = 0; i < kCars; ++i) {
    const DriveCar& car = i == 0 ? *car_ : traffic_->car(i - 1);
    *extra++ = car.steer_angle();
    for (int wheel = 0; wheel < DriveCar::kWheels; ++wheel) *extra++ = car.suspension_length(wheel);
    for (int wheel = 0; wheel < DriveCar::kWheels; ++wheel) *extra++ = car.wheel_rotation(wheel);
  }
}

}  // namespace
}  // namespace drive

std::unique_ptr<Environment> make_drive_traffic() {
  return std::make_unique<drive::DriveTraffic>();
}

void add_drive_traffic(TaskList& tasks) {
  tasks.add(
      {.id = "DriveTraffic",
       .make = make_drive_traffic,
       .make_expert = make_drive_traffic_expert,
       .ways = "keeps left or right in its lane, nearer to the car ahead or further away, faster or slower"});
}

}  // namespace understudy
