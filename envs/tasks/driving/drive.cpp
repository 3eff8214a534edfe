#include "envs/tasks/driving/drive.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <vector>

#include "datasets/types/rng_streams.h"
#include "envs/contract/task_list.h"
#include "envs/tasks/driving/drive_car.h"
#include "envs/tasks/driving/drive_kerb.h"
#include "envs/tasks/driving/drive_lidar.h"
#include "envs/tasks/driving/drive_road.h"
#include "envs/tasks/driving/drive_scene.h"
#include "envs/tasks/driving/drive_track.h"
#include "envs/world/bullet_task.h"
#include "envs/world/bullet_world.h"

namespace understudy {
namespace drive {

double max_steer_angle(double speed) {
  constexpr double kSlow = 0.5;      // rad
  constexpr double kCornering = 11;  // m/s²
  const double fast = std::max(speed * speed, 1e-6);
  return std::min(kSlow, std::atan(kWheelbase * kCornering / fast));
}

namespace {

constexpr int kCones = 10;
constexpr double kConeMass = 1.5;     // kg
constexpr double kConeMoved = 0.03;   // m, further than this and it has been touched
constexpr double kConeNearest = 2.1;  // m from the centreline
constexpr double kConeFurthest = 2.7;
constexpr double kStartOffset = 0.5;  // m, largest
constexpr double kStartYaw = 0.08;    // rad, largest
constexpr int kExtraState = 2 + 2 * DriveCar::kWheels;
constexpr int kStateSize = BulletWorld::kBodyState * (1 + kCones) + kExtraState;

constexpr double kProgressReward = 0.1;
constexpr double kSteerCost = 0.002;
constexpr double kConeCost = 0.5;
constexpr double kEndReward = 5;

EnvironmentSpec make_spec() {
  const double pi = std::numbers::pi;
  EnvironmentSpec spec;
  spec.id = "Drive";
  spec.summary = "drive one lap of a closed track without leaving it";
  spec.success = "a full lap with the car's centre always between the outer edges of the kerbs";
  spec.observation = Space({
      {"lidar", kRays, "m", 0, kRayRange,
       "free way to the nearest edge or cone, from -90 (right) to +90 degrees (left)"},
      {"speed", 1, "m/s", -20, 20, "forward velocity"},
      {"slip", 1, "m/s", -10, 10, "sideways velocity, left positive"},
      {"yaw_rate", 1, "rad/s", -6, 6, "turning rate, left positive"},
      {"lateral_offset", 1, "m", -6, 6, "distance from the centreline, left positive"},
      {"heading_error", 1, "rad", -pi, pi, "car's yaw minus the centreline's, left positive"},
      {"curvature_ahead", kPreviews, "1/m", -0.25, 0.25,
       "centreline 0, 2, 4, 8, 12, 18 m ahead, left positive"},
  });
  spec.action = Space({
      {"steer", 1, "-", -1, 1, "-1 full left, +1 full right"},
      {"throttle", 1, "-", -1, 1, "above 0 throttle, below 0 brake"},
  });
  spec.control_rate = 30;
  spec.substeps = 8;
  spec.horizon = 1200;
  spec.layout = "drive";
  spec.dimensions = {{"wheelbase", "the distance between the axles"}, {"cone_size", "the cones"}};
  return spec;
}

/// What the world cannot vary by itself: the vehicle is of the task's own making.
CarOptions varied_car(const Variation& variation) {
  CarOptions car;
  car.front_axle *= variation.size("wheelbase");
  car.front_grip *= variation.friction.value_or(1);
  car.rear_grip *= variation.friction.value_or(1);
  car.damping_in *= variation.damping.value_or(1);
  car.damping_out *= variation.damping.value_or(1);
  car.engine_acceleration *= variation.strength.value_or(1);
  car.brake_deceleration *= variation.strength.value_or(1);
  return car;
}

DriveLidar::Options lidar_options(double cone_size) {
  DriveLidar::Options options{.rays = kRays,
                              .first = -std::numbers::pi / 2,
                              .spacing = std::numbers::pi / (kRays - 1),
                              .range = kRayRange};
  options.cone_radius *= cone_size;
  return options;
}

class Drive final : public BulletTask {
 public:
  Drive() : BulletTask(make_spec()), lidar_(lidar_options(1)) {
    cone_places_.resize(kCones), cone_starts_.resize(kCones), cones_.resize(kCones);
  }

  int state_dim() const override { return kStateSize; }

 protected:
  void build(std::uint64_t seed) override;
  StepResult advance(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void write_state(StateRef state) const override;
  void build_scene(Scene& scene) const override;
  void pose_scene(ConstStateRef state, Scene& scene) const override;

 private:
  void add_cones(Rng& rng);
  void find_cones();
  int newly_touched_cones();
  Eigen::Vector2d car_position() const {
    const btVector3& p = car_->chassis().getWorldTransform().getOrigin();
    return {p.x(), p.y()};
  }

  DriveLidar lidar_;
  DriveTrack track_;
  Kerbs kerbs_;
  std::optional<DriveCar> car_;
  std::vector<btRigidBody*> cones_;
  std::vector<Eigen::Vector2d> cone_places_;  // now
  std::vector<Eigen::Vector2d> cone_starts_;
  std::array<bool, kCones> touched_{};
  DriveTrack::Place place_;
  double progress_ = 0;  // m along the centreline since the start
};

void Drive::build(std::uint64_t seed) {
  Rng rng = Rng::stream(seed, RngStream::kDrive);
  track_ = DriveTrack::draw(rng);
  kerbs_ = make_kerbs(track_);
  const auto road = add_road(world(), kerbs_);
  const double offset = rng.uniform(-kStartOffset, kStartOffset);
  const double yaw = track_.heading(0) + rng.uniform(-kStartYaw, kStartYaw);
  const Eigen::Vector2d start = track_.beside(0, offset);
  car_.emplace(world(), road, btVector3(start.x(), start.y(), 0), yaw, varied_car(variation()));
  add_cones(rng);
  find_cones();
  place_ = track_.locate(start, -1);
  progress_ = 0;
}

void Drive::add_cones(Rng& rng) {
  // A square base that tapers to a blunt tip; the origin is halfway up.
  auto& hull = world().keep(std::make_unique<btConvexHullShape>());
  const double size = variation().size("cone_size");
  lidar_ = DriveLidar(lidar_options(size));
  for (const double x : {-1.0, 1.0}) {
    for (const double y : {-1.0, 1.0}) {
      hull.addPoint(size * btVector3(x * kConeHalfWidth, y * kConeHalfWidth, -kConeHeight / 2), false);
      hull.addPoint(size * btVector3(x * 0.03, y * 0.03, kConeHeight / 2), false);
    }
  }
  hull.recalcLocalAabb();
  hull.setMargin(0.01);
  const double clear = 12;  // m before and behind the start
  for (int i = 0; i < kCones; ++i) {
    const double s = clear + (track_.length() - 2 * clear) * (i + rng.uniform(0.1, 0.9)) / kCones;
    const double side = rng.below(2) == 0 ? -1 : 1;
    const Eigen::Vector2d at = track_.beside(s, side * rng.uniform(kConeNearest, kConeFurthest));
    const btTransform pose(btQuaternion(btVector3(0, 0, 1), rng.uniform(0, std::numbers::pi)),
                           btVector3(at.x(), at.y(), size * kConeHeight / 2 + hull.getMargin()));
    const auto cone = static_cast<std::size_t>(i);
    cones_[cone] = &world().add_body(hull, pose,
                                     {.mass = kConeMass,
                                      .friction = 0.7,
                                      .group = kObstacleBit,
                                      .mask = kRoadBit | kObstacleBit | kChassisBit});
    cone_starts_[cone] = at;
  }
  touched_.fill(false);
}

void Drive::find_cones() {
  for (std::size_t i = 0; i < cones_.size(); ++i) {
    const btVector3& p = cones_[i]->getWorldTransform().getOrigin();
    cone_places_[i] = {p.x(), p.y()};
  }
}

int Drive::newly_touched_cones() {
  int count = 0;
  for (std::size_t i = 0; i < cones_.size(); ++i) {
    if (touched_[i] || (cone_places_[i] - cone_starts_[i]).norm() < kConeMoved) continue;
    touched_[i] = true;
    ++count;
  }
  return count;
}

StepResult Drive::advance(ConstVectorRef action) {
  const double before_angle = car_->steer_angle();
  car_->command(-double{action[0]} * max_steer_angle(car_->forward_speed()), action[1]);
  for (int i = 0; i < spec().substeps; ++i) {
    car_->before_step();
    world().step();
  }
  find_cones();

  const DriveTrack::Place now = track_.locate(car_position(), place_.sample);
  const double length = track_.length();
  const double gained = std::remainder(now.s - place_.s, length);
  place_ = now;
  progress_ += gained;

  const double steer_rate = (car_->steer_angle() - before_angle) * spec().control_rate;
  StepResult result;
  result.success = progress_ >= length;
  result.cause = std::abs(place_.offset) > track_.options().half_width ? "off track"
                 : !car_->upright()                                    ? "rolled over"
                                                                       : "";
  const bool left = !result.cause.empty();
  if (left) result.success = false;
  result.terminated = result.success || left;
  double reward =
      kProgressReward * gained - kSteerCost * steer_rate * steer_rate - kConeCost * newly_touched_cones();
  if (result.success) reward += kEndReward;
  if (left) reward -= kEndReward;
  result.reward = static_cast<float>(reward);
  return result;
}

void Drive::observe(VectorRef observation) const {
  const double yaw = car_->yaw();
  lidar_.cast(track_, car_position(), yaw, cone_places_, observation.segment(kLidar, kRays));
  observation[kSpeed] = static_cast<float>(car_->forward_speed());
  observation[kSlip] = static_cast<float>(car_->left_speed());
  observation[kYawRate] = static_cast<float>(car_->yaw_rate());
  observation[kLateralOffset] = static_cast<float>(place_.offset);
  observation[kHeadingError] = static_cast<float>(wrap_angle(yaw - track_.heading(place_.s)));
  for (int i = 0; i < kPreviews; ++i) {
    observation[kCurvature + i] = static_cast<float>(track_.curvature(place_.s + kPreviewDistances[i]));
  }
}

void Drive::write_state(StateRef state) const {
  const int bodies = world().state_dim();
  world().read_state(state.head(bodies));
  double* extra = state.data() + bodies;
  *extra++ = progress_;
  *extra++ = car_->steer_angle();
  for (int wheel = 0; wheel < DriveCar::kWheels; ++wheel) *extra++ = car_->suspension_length(wheel);
  for (int wheel = 0; wheel < DriveCar::kWheels; ++wheel) *extra++ = car_->wheel_rotation(wheel);
}

void Drive::build_scene(Scene& scene) const {
  add_drive_shapes(track_, kerbs_, car_shape(car_->options()), kCones, variation().size("cone_size"), scene);
}

void Drive::pose_scene(ConstStateRef state, Scene& scene) const {
  // The car was the first moving body to be added, the cones followed.
  const double* bodies = state.data();
  const double* extra = bodies + BulletWorld::kBodyState * (1 + kCones);
  std::vector<const double*> cones;
  for (int i = 1; i <= kCones; ++i) cones.push_back(bodies + BulletWorld::kBodyState * i);
  pose_drive_scene(bodies, car_shape(car_->options()), extra[1], extra + 2, extra + 2 + DriveCar::kWheels,
                   cones, scene);
  add_lap_figures(track_, state.data(), extra[0], scene);
}

}  // namespace
}  // namespace drive

std::unique_ptr<Environment> make_drive() {
  return std::make_unique<drive::Drive>();
}

void add_drive(TaskList& tasks) {
  tasks.add({.id = "Drive",
             .make = make_drive,
             .make_expert = make_drive_expert,
             .ways = "drives to the left or right of the road's middle, faster or slower"});
}

}  // namespace understudy
