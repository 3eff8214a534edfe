#include "envs/tasks/landing/land.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

#include "datasets/types/rng_streams.h"
#include "envs/contract/task_list.h"
#include "envs/tasks/landing/land_autopilot.h"
#include "envs/tasks/landing/land_quadrotor.h"
#include "envs/tasks/landing/land_rooftop.h"
#include "envs/tasks/landing/land_scene.h"
#include "envs/tasks/landing/land_wind.h"
#include "envs/world/bullet_task.h"
#include "envs/world/bullet_world.h"

namespace understudy {
namespace land {
namespace {

using Eigen::Vector3d;

constexpr double kNearestStart = 5, kFurthestStart = 9;  // m beside the pad
constexpr double kLowestStart = 4, kHighestStart = 7;    // m above the pad
constexpr double kStartYaw = std::numbers::pi / 3;       // rad off the pad, at most
constexpr int kAirborneSteps = 60;  // of the world: after 0.25 s off the ground a touch counts again
constexpr double kCrashDescent = 1.2, kCrashLevel = 1.5;  // m/s at a touch
constexpr double kCrashUp = 0.5;                          // cosine of the tilt: 60 degrees
constexpr double kRange = 20;                             // m from the pad
constexpr int kHouseBit = 1, kQuadrotorBit = 2;
constexpr int kStateSize = BulletWorld::kBodyState + 2 * kRotors + 3;

constexpr int kVelocityInState = 7;  // of a body: position and quaternion come first

constexpr double degrees(double radians) {
  return radians * 180 / std::numbers::pi;
}

constexpr double kApproachReward = 0.2;
constexpr double kActionCost = 0.005;
constexpr double kStepCost = 0.01;
constexpr double kEndReward = 5;

EnvironmentSpec make_spec() {
  const double pi = std::numbers::pi;
  EnvironmentSpec spec;
  spec.id = "Land";
  spec.summary = "land a quadrotor gently on a rooftop pad, in wind and gusts";
  spec.success = "after a touchdown below 0.5 m/s, on the skids within 0.3 m of the pad's centre for 1 s";
  spec.observation = Space({
      {"to_pad", 3, "m", -30, 30, "pad minus skids: forward, left, up, in the heading frame"},
      {"velocity", 3, "m/s", -20, 20, "over ground: forward, left, up, in the heading frame"},
      {"tilt", 2, "rad", -pi, pi, "roll (right side down positive), pitch (nose down positive)"},
      {"body_rate", 3, "rad/s", -30, 30, "turning rates about the body's x, y, z"},
      {"touching", 1, "-", 0, 1, "1 while a skid touches something"},
  });
  spec.action = Space({
      {"dx", 1, "-", -1, 1, "wanted velocity forward, 1 = 3 m/s"},
      {"dy", 1, "-", -1, 1, "wanted velocity to the left, 1 = 3 m/s"},
      {"dz", 1, "-", -1, 1, "wanted velocity up, 1 = 2 m/s"},
      {"yaw", 1, "-", -1, 1, "wanted turning rate, left positive, 1 = 1.5 rad/s"},
  });
  spec.control_rate = 30;
  spec.substeps = 8;
  spec.horizon = 900;
  spec.layout = "default";
  return spec;
}

QuadrotorShape quadrotor_shape(const QuadrotorOptions& options) {
  return {.arm = options.arm,
          .rotor_radius = options.rotor_radius,
          .rotor_height = options.rotor_height,
          .skid_depth = options.skid_depth,
          .skid_side = options.skid_side,
          .skid_half_length = options.skid_half_length};
}

class Land final : public BulletTask {
 public:
  Land() : BulletTask(make_spec()) {}

  int state_dim() const override { return kStateSize; }

 protected:
  void build(std::uint64_t seed) override;
  StepResult advance(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void write_state(StateRef state) const override;
  void build_scene(Scene& scene) const override {
    add_land_shapes(rooftop_, quadrotor_shape(quadrotor_->options()), kPadTolerance, scene);
    scene.handle = {.body = kQuadrotorBody, .ground = static_cast<float>(rooftop_.pad.z()), .z = 2, .yaw = 3};
  }
  void pose_scene(ConstStateRef state, Scene& scene) const override;

 private:
  void add_houses();
  bool touched_down();
  /// From between the skids to the middle of the pad, world [m].
  Vector3d to_pad() const {
    const Vector3d soles = quadrotor_->rotation() * Vector3d(0, 0, -quadrotor_->options().skid_depth);
    return rooftop_.pad - quadrotor_->position() - soles;
  }
  double up() const { return quadrotor_->rotation()(2, 2); }

  Rooftop rooftop_;
  std::optional<Quadrotor> quadrotor_;
  std::optional<Autopilot> autopilot_;
  std::optional<Wind> wind_;
  Quadrotor::Touch touch_ = Quadrotor::Touch::kNone;
  std::array<Vector3d, 4> recent_velocities_;  // of the last steps of the world
  int airborne_ = 0;                           // steps of the world since the last touch
  bool gentle_ = false;                        // the last touchdown was
  int stayed_ = 0;                             // steps in a row that fulfil the criterion
};

void Land::build(std::uint64_t seed) {
  Rng rng = Rng::stream(seed, RngStream::kLand);
  rooftop_ = Rooftop::draw(rng);
  add_houses();
  const double bearing = rng.uniform(-std::numbers::pi, std::numbers::pi);
  const double distance = rng.uniform(kNearestStart, kFurthestStart);
  const double height = rng.uniform(kLowestStart, kHighestStart);
  const double yaw = bearing + std::numbers::pi + rng.uniform(-kStartYaw, kStartYaw);
  const Vector3d start =
      rooftop_.pad + Vector3d(distance * std::cos(bearing), distance * std::sin(bearing), height);
  quadrotor_.emplace(world(), start, yaw, kQuadrotorBit, kHouseBit);
  autopilot_.emplace(quadrotor_->options());
  wind_.emplace(Rng::stream(seed, RngStream::kWind));
  touch_ = Quadrotor::Touch::kNone;
  recent_velocities_.fill(Vector3d::Zero());
  airborne_ = kAirborneSteps;
  gentle_ = false;
  stayed_ = 0;
}

void Land::add_houses() {
  for (const RoofBox& box : rooftop_.boxes) {
    auto& shape =
        world().keep(std::make_unique<btBoxShape>(btVector3(box.half.x(), box.half.y(), box.half.z())));
    const btVector3 at(box.centre.x(), box.centre.y(), box.centre.z());
    world().add_body(shape, btTransform(btQuaternion::getIdentity(), at),
                     {.mass = 0, .friction = 0.9, .group = kHouseBit, .mask = kQuadrotorBit});
  }
}

/// Follows the contacts of one step of the world; false when a touch was too hard to survive.
bool Land::touched_down() {
  touch_ = quadrotor_->touch();
  if (touch_ == Quadrotor::Touch::kHull) return false;
  bool survived = true;
  if (touch_ == Quadrotor::Touch::kSkids) {
    if (airborne_ >= kAirborneSteps) {
      // Bullet slows a body down in the step before it touches, so the speed is that of a few steps ago.
      double descent = 0, level = 0;
      for (const Vector3d& velocity : recent_velocities_) {
        descent = std::max(descent, -velocity.z());
        level = std::max(level, velocity.head<2>().norm());
      }
      gentle_ = descent < kGentleDescent && up() > std::cos(kGentleTilt);
      survived = descent < kCrashDescent && level < kCrashLevel;
    }
    airborne_ = 0;
  } else {
    ++airborne_;
  }
  std::rotate(recent_velocities_.begin(), recent_velocities_.begin() + 1, recent_velocities_.end());
  recent_velocities_.back() = quadrotor_->velocity();
  return survived;
}

StepResult Land::advance(ConstVectorRef action) {
  const double before = to_pad().norm();
  Vector3d velocity(kMaxSpeed * double{action[0]}, kMaxSpeed * double{action[1]},
                    kMaxClimb * double{action[2]});
  velocity.head<2>() *= std::min(1.0, kMaxSpeed / std::max(velocity.head<2>().norm(), 1e-12));
  bool crashed = false;
  wind_->advance(spec().substeps * kPhysicsStep);
  for (int i = 0; i < spec().substeps; ++i) {
    const FlightState flight{.rotation = quadrotor_->rotation(),
                             .velocity = quadrotor_->velocity(),
                             .body_rate = quadrotor_->body_rate(),
                             .standing = touch_ == Quadrotor::Touch::kSkids};
    quadrotor_->command(autopilot_->fly(flight, velocity, kMaxYawRate * double{action[3]}, kPhysicsStep));
    quadrotor_->before_step(wind_->velocity());
    world().step();
    crashed = !touched_down() || crashed;
  }

  const Vector3d offset = to_pad();
  const bool settled = touch_ == Quadrotor::Touch::kSkids && gentle_ && up() > std::cos(kGentleTilt) &&
                       offset.head<2>().norm() < kPadTolerance;
  stayed_ = settled ? stayed_ + 1 : 0;
  StepResult result;
  result.cause = crashed                  ? "crashed"
                 : up() < kCrashUp        ? "tipped over"
                 : offset.norm() > kRange ? "flew away"
                                          : "";
  const bool lost = !result.cause.empty();
  result.success = !lost && stayed_ >= kStaySteps;
  result.terminated = result.success || lost;
  double reward =
      kApproachReward * (before - offset.norm()) - kActionCost * double{action.squaredNorm()} - kStepCost;
  if (result.success) reward += kEndReward;
  if (lost) reward -= kEndReward;
  result.reward = static_cast<float>(reward);
  return result;
}

void Land::observe(VectorRef observation) const {
  const Eigen::Matrix3d rotation = quadrotor_->rotation();
  const Eigen::AngleAxisd to_heading(-heading_of(rotation), Vector3d::UnitZ());
  observation.segment<3>(kToPad) = (to_heading * to_pad()).cast<float>();
  observation.segment<3>(kVelocity) = (to_heading * quadrotor_->velocity()).cast<float>();
  observation[kTilt] = static_cast<float>(std::atan2(rotation(2, 1), rotation(2, 2)));
  observation[kTilt + 1] = static_cast<float>(std::asin(std::clamp(-rotation(2, 0), -1.0, 1.0)));
  observation.segment<3>(kBodyRate) = quadrotor_->body_rate().cast<float>();
  observation[kTouching] = touch_ == Quadrotor::Touch::kSkids ? 1.0F : 0.0F;
}

void Land::write_state(StateRef state) const {
  const int bodies = world().state_dim();
  world().read_state(state.head(bodies));
  double* extra = state.data() + bodies;
  for (const double speed : quadrotor_->speeds()) *extra++ = speed;
  for (const double angle : quadrotor_->angles()) *extra++ = angle;
  state.tail<3>() = wind_->velocity();
}

void Land::pose_scene(ConstStateRef state, Scene& scene) const {
  const double* angles = state.data() + BulletWorld::kBodyState + kRotors;
  pose_land_scene(state.data(), quadrotor_shape(quadrotor_->options()), angles, state.tail<3>(), rooftop_,
                  scene);
  const Eigen::Isometry3d hull = scene.poses[kQuadrotorBody].cast<double>();
  const Vector3d off = hull * Vector3d(0, 0, -quadrotor_->options().skid_depth) - rooftop_.pad;
  const double tilt = std::acos(std::clamp(hull.linear()(2, 2), -1.0, 1.0));
  scene.figures = {
      {.name = "height", .value = off.z(), .unit = "m", .decimals = 2},
      {.name = "sink rate",
       .value = -state[kVelocityInState + 2],
       .unit = "m/s",
       .decimals = 2,
       .high = kGentleDescent},
      {.name = "off the pad",
       .value = off.head<2>().norm(),
       .unit = "m",
       .decimals = 2,
       .high = kPadTolerance},
      {.name = "tilt", .value = degrees(tilt), .unit = "deg", .decimals = 0, .high = degrees(kGentleTilt)},
      {.name = "wind", .value = state.tail<3>().norm(), .unit = "m/s"}};
}

}  // namespace
}  // namespace land

std::unique_ptr<Environment> make_land() {
  return std::make_unique<land::Land>();
}

void add_land(TaskList& tasks) {
  tasks.add(
      {.id = "Land",
       .make = make_land,
       .make_expert = make_land_expert,
       .ways = "flies there in a bow to the left or right, down a slope or first across and then down"});
}

}  // namespace understudy
