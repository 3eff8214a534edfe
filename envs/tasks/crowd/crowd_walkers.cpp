#include "envs/tasks/crowd/crowd_walkers.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "datasets/types/error.h"
#include "envs/tasks/crowd/crowd.h"

namespace understudy::crowd {
namespace {

using Eigen::Vector2d;

constexpr double kMass = 75;      // kg
constexpr double kHeight = 1.75;  // m
constexpr double kArrival = 0.6;  // m from the end of one's way: time to turn round
constexpr double kMeanSpeed = 1.34, kSpeedDeviation = 0.26;  // m/s, Helbing and Molnár 1995
constexpr double kApart = 0.8, kFromRobot = 1.6;             // m at the start
constexpr double kLane = 3.1;       // m from the middle of the street at most: clear of the fronts' push
constexpr double kCrossers = 0.25;  // share of those who cross the street
constexpr double kAttentive = 0.5;  // share of those who see the robot
constexpr double kTurnLag = 0.2;    // s
constexpr double kFarAway = 6;      // m: a push from there is below 1e-3 m/s²
constexpr int kDraws = 10000;
constexpr int kLookEvery = 4;  // steps of the world: 30 times a second

WalkerPlan draw_walker(Rng& rng) {
  WalkerPlan plan;
  plan.desired_speed = kMeanSpeed + kSpeedDeviation * std::clamp(rng.normal(), -2.0, 2.0);
  plan.attentive = rng.uniform() < kAttentive;
  plan.start = {rng.uniform(-14, 14), rng.uniform(-kLane, kLane)};
  const double side = rng.below(2) == 0 ? -1 : 1;
  if (rng.uniform() < kCrossers) {
    for (const double end : {-1.0, 1.0}) {
      plan.ends[end < 0 ? 0 : 1] = {plan.start.x() + rng.uniform(-2.5, 2.5), end * side * kLane};
    }
  } else {
    for (const double end : {-1.0, 1.0}) {
      plan.ends[end < 0 ? 0 : 1] = {end * side * kStreetHalfLength, rng.uniform(-kLane, kLane)};
    }
  }
  return plan;
}

Vector2d flat(const btVector3& v) {
  return {v.x(), v.y()};
}

}  // namespace

std::vector<WalkerPlan> draw_walkers(Rng& rng, int count, const Vector2d& robot) {
  std::vector<WalkerPlan> plans;
  for (int draw = 0; draw < kDraws && static_cast<int>(plans.size()) < count; ++draw) {
    const WalkerPlan plan = draw_walker(rng);
    const bool free = (plan.start - robot).norm() >= kFromRobot &&
                      std::none_of(plans.begin(), plans.end(), [&](const WalkerPlan& other) {
                        return (plan.start - other.start).norm() < kApart;
                      });
    if (free) plans.push_back(plan);
  }
  if (static_cast<int>(plans.size()) < count) {
    throw Error("Crowd: the street has no room for " + std::to_string(count) + " pedestrians: want fewer");
  }
  return plans;
}

btRigidBody& add_upright(BulletWorld& world, const Vector2d& at, double radius, double height, double mass,
                         int group, int mask) {
  auto& shape = world.keep(std::make_unique<btCylinderShapeZ>(btVector3(radius, radius, height / 2)));
  const btTransform pose(btQuaternion::getIdentity(), btVector3(at.x(), at.y(), height / 2));
  btRigidBody& body =
      world.add_body(shape, pose, {.mass = mass, .friction = 0.3, .group = group, .mask = mask});
  body.setLinearFactor(btVector3(1, 1, 0));
  body.setAngularFactor(btVector3(0, 0, 0));
  return body;
}

Walkers::Walkers(BulletWorld& world, std::vector<WalkerPlan> plans, const SocialForceOptions& options)
    : plans_(std::move(plans)),
      options_(options),
      step_(world.time_step()),
      cos_half_view_(std::cos(options.view_angle / 2)),
      kept_(share_kept(options, step_)) {
  for (const WalkerPlan& plan : plans_) {
    bodies_.push_back(&add_upright(world, plan.start, kPedestrianRadius, kHeight, kMass, kPedestrianBit,
                                   kFrontBit | kPedestrianBit | kRobotBit));
    const Vector2d way = (plan.ends[0] - plan.start).normalized();
    bodies_.back()->setLinearVelocity(
        btVector3(plan.desired_speed * way.x(), plan.desired_speed * way.y(), 0));
    facing_.push_back(std::atan2(way.y(), way.x()));
  }
  heading_for_.assign(plans_.size(), 0);
  walked_.assign(plans_.size(), 0.0);
  places_.resize(plans_.size()), velocities_.resize(plans_.size());
  pushes_.assign(plans_.size(), Vector2d::Zero());
}

Vector2d Walkers::position(int i) const {
  return flat(bodies_[static_cast<std::size_t>(i)]->getWorldTransform().getOrigin());
}

Vector2d Walkers::velocity(int i) const {
  return flat(bodies_[static_cast<std::size_t>(i)]->getLinearVelocity());
}

Vector2d Walkers::push_on(std::size_t i, const Vector2d& direction, const Vector2d& robot,
                          const Vector2d& robot_velocity) const {
  Vector2d push = Vector2d::Zero();
  const auto add_other = [&](const Vector2d& place, const Vector2d& velocity) {
    const Vector2d offset = places_[i] - place;
    if (offset.squaredNorm() > kFarAway * kFarAway) return;
    const Vector2d force = repulsion(options_, offset, velocity);
    push += view_weight(options_, cos_half_view_, direction, force) * force;
  };
  for (std::size_t other = 0; other < plans_.size(); ++other) {
    if (other != i) add_other(places_[other], velocities_[other]);
  }
  if (plans_[i].attentive) add_other(robot, robot_velocity);
  for (const double side : {-1.0, 1.0}) {
    push += wall_repulsion(options_, Vector2d(0, places_[i].y() - side * kStreetHalfWidth));
  }
  return push;
}

Vector2d Walkers::way(std::size_t i) {
  const WalkerPlan& plan = plans_[i];
  const Vector2d left = plan.ends[heading_for_[i]] - places_[i];
  if (left.norm() >= kArrival) return left;
  heading_for_[i] = 1 - heading_for_[i];
  return plan.ends[heading_for_[i]] - places_[i];
}

void Walkers::look(const Vector2d& robot, const Vector2d& robot_velocity) {
  const double seconds = kLookEvery * step_;
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    pushes_[i] = push_on(i, way(i).normalized(), robot, robot_velocity);
    const double speed = velocities_[i].norm();
    walked_[i] += speed * seconds;
    if (speed < 0.1) continue;
    const double turn =
        std::remainder(std::atan2(velocities_[i].y(), velocities_[i].x()) - facing_[i], 2 * std::numbers::pi);
    facing_[i] += turn * (1 - std::exp(-seconds / kTurnLag));
  }
}

void Walkers::before_step(const Vector2d& robot, const Vector2d& robot_velocity) {
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    places_[i] = position(static_cast<int>(i));
    velocities_[i] = velocity(static_cast<int>(i));
  }
  if (steps_++ % kLookEvery == 0) look(robot, robot_velocity);
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    const Vector2d next = velocity_after(options_, velocities_[i], plans_[i].desired_speed,
                                         way(i).normalized(), pushes_[i], kept_);
    const Vector2d impulse = kMass * (next - velocities_[i]);
    bodies_[i]->applyCentralImpulse(btVector3(impulse.x(), impulse.y(), 0));
  }
}

}  // namespace understudy::crowd
