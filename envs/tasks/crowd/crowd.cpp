#include "envs/tasks/crowd/crowd.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>

#include "datasets/types/rng_streams.h"
#include "envs/contract/task_list.h"
#include "envs/tasks/crowd/crowd_scene.h"
#include "envs/tasks/crowd/crowd_walkers.h"
#include "envs/world/bullet_task.h"
#include "envs/world/bullet_world.h"

namespace understudy {
namespace crowd {
namespace {

using Eigen::Vector2d;

constexpr double kWorldStep = 1.0 / 120;  // s
constexpr double kRobotMass = 40;         // kg
constexpr double kRobotHeight = 0.9;      // m
constexpr double kLag = 0.15;             // s, of the robot's velocity
constexpr double kMaxAcceleration = 2.5;  // m/s²
constexpr double kStartX = -6, kGoalX = 6;
constexpr double kStartY = 2.5, kGoalY = 2.5;  // m to either side, at most
/// m: a touch. Bullet lets bodies that push each other come apart by a hair.
constexpr double kTouchDistance = 0.001;
constexpr int kVelocityInState = 7;  // of a body: position and quaternion come first
constexpr int kStateSize = BulletWorld::kBodyState * (1 + kPedestrians) + 2 * kPedestrians;

constexpr double kApproachReward = 0.1;
constexpr double kDiscomfortCost = 0.25;  // per second, when touching
constexpr double kEndReward = 5;

EnvironmentSpec make_spec() {
  EnvironmentSpec spec;
  spec.id = "Crowd";
  spec.summary = "take a delivery robot down a busy street to its goal without touching anybody";
  spec.success = "the robot's centre within 0.4 m of the goal, nobody and no shop front touched before";
  spec.observation = Space({
      {"goal", 2, "m", -20, 20, "goal minus robot: forward, left"},
      {"velocity", 2, "m/s", -3, 3, "of the robot: forward, left"},
      {"fronts", 2, "m", 0, 8, "free way to the shop fronts on the left and on the right"},
      {"pedestrians", kSeen * kSeenEntries, "m, m/s", -40, 40,
       "6 nearest, nearest first: position and velocity minus the robot's, forward and left each"},
  });
  spec.action = Space({
      {"dx", 1, "-", -1, 1, "wanted velocity forward, 1 = 1.4 m/s"},
      {"dy", 1, "-", -1, 1, "wanted velocity to the left, 1 = 1.4 m/s"},
  });
  spec.control_rate = 30;
  spec.substeps = 4;
  spec.horizon = 900;
  spec.layout = "default";
  return spec;
}

class Crowd final : public BulletTask {
 public:
  Crowd() : BulletTask(make_spec(), {.time_step = kWorldStep}) {}

  int state_dim() const override { return kStateSize; }

 protected:
  void build(std::uint64_t seed) override;
  StepResult advance(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void write_state(StateRef state) const override;
  void build_scene(Scene& scene) const override {
    add_crowd_shapes(walkers_->plans(), goal_, scene);
    scene.handle = {.body = kRobotBody, .at = {0, 0, static_cast<float>(kRobotHeight / 2)}, .x = 0, .y = 1};
  }
  void pose_scene(ConstStateRef state, Scene& scene) const override;

 private:
  void add_fronts();
  void push_robot(const Vector2d& wanted);
  double nearest_gap() const;  ///< m, to a pedestrian
  Vector2d place() const {
    const btVector3& p = robot_->getWorldTransform().getOrigin();
    return {p.x(), p.y()};
  }
  Vector2d velocity() const { return {robot_->getLinearVelocity().x(), robot_->getLinearVelocity().y()}; }

  btRigidBody* robot_ = nullptr;
  std::optional<Walkers> walkers_;
  Vector2d goal_ = Vector2d::Zero();
};

void Crowd::build(std::uint64_t seed) {
  Rng rng = Rng::stream(seed, RngStream::kCrowd);
  const Vector2d start(kStartX, rng.uniform(-kStartY, kStartY));
  goal_ = {kGoalX, rng.uniform(-kGoalY, kGoalY)};
  add_fronts();
  robot_ = &add_upright(world(), start, kRobotRadius, kRobotHeight, kRobotMass, kRobotBit,
                        kFrontBit | kPedestrianBit);
  walkers_.emplace(world(), draw_walkers(rng, kPedestrians, start));
}

void Crowd::add_fronts() {
  const btVector3 half(kStreetHalfLength + 3, 0.5, 1.5);
  auto& shape = world().keep(std::make_unique<btBoxShape>(half));
  for (const double side : {-1.0, 1.0}) {
    const btVector3 at(0, side * (kStreetHalfWidth + half.y()), half.z());
    world().add_body(shape, btTransform(btQuaternion::getIdentity(), at),
                     {.mass = 0, .friction = 0.3, .group = kFrontBit, .mask = kPedestrianBit | kRobotBit});
  }
}

void Crowd::push_robot(const Vector2d& wanted) {
  Vector2d change = (wanted - velocity()) * (1 - std::exp(-kWorldStep / kLag));
  change *= std::min(1.0, kMaxAcceleration * kWorldStep / std::max(change.norm(), 1e-12));
  robot_->applyCentralImpulse(kRobotMass * btVector3(change.x(), change.y(), 0));
}

double Crowd::nearest_gap() const {
  double nearest = 1e9;
  for (int i = 0; i < walkers_->count(); ++i)
    nearest = std::min(nearest, (walkers_->position(i) - place()).norm());
  return nearest - kRobotRadius - kPedestrianRadius;
}

StepResult Crowd::advance(ConstVectorRef action) {
  const double before = (goal_ - place()).norm();
  Vector2d wanted = kMaxSpeed * action.head<2>().cast<double>();
  wanted *= std::min(1.0, kMaxSpeed / std::max(wanted.norm(), 1e-12));
  bool touched = false;
  for (int i = 0; i < spec().substeps; ++i) {
    walkers_->before_step(place(), velocity());
    push_robot(wanted);
    world().step();
    touched = touched || world().touching(*robot_, kTouchDistance);
  }

  const double distance = (goal_ - place()).norm();
  StepResult result;
  result.success = !touched && distance < kGoalRadius;
  result.terminated = result.success || touched;
  if (touched) result.cause = "collision";
  const double discomfort = std::clamp(1 - nearest_gap() / kDiscomfort, 0.0, 1.0);
  double reward = kApproachReward * (before - distance) - kDiscomfortCost * discomfort / spec().control_rate;
  if (result.success) reward += kEndReward;
  if (touched) reward -= kEndReward;
  result.reward = static_cast<float>(reward);
  return result;
}

void Crowd::observe(VectorRef observation) const {
  const Vector2d own = place(), moving = velocity();
  observation.segment<2>(kGoal) = (goal_ - own).cast<float>();
  observation.segment<2>(kVelocity) = moving.cast<float>();
  observation[kFronts] = static_cast<float>(kStreetHalfWidth - own.y() - kRobotRadius);
  observation[kFronts + 1] = static_cast<float>(kStreetHalfWidth + own.y() - kRobotRadius);

  std::array<int, kPedestrians> order;
  std::array<double, kPedestrians> distance;
  std::iota(order.begin(), order.end(), 0);
  for (int i = 0; i < kPedestrians; ++i) {
    distance[static_cast<std::size_t>(i)] = (walkers_->position(i) - own).squaredNorm();
  }
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    return distance[static_cast<std::size_t>(a)] < distance[static_cast<std::size_t>(b)];
  });
  for (int k = 0; k < kSeen; ++k) {
    const int i = order[static_cast<std::size_t>(k)];
    const int entry = kNearest + k * kSeenEntries;
    observation.segment<2>(entry) = (walkers_->position(i) - own).cast<float>();
    observation.segment<2>(entry + 2) = (walkers_->velocity(i) - moving).cast<float>();
  }
}

void Crowd::pose_scene(ConstStateRef state, Scene& scene) const {
  pose_crowd_scene(state, kPedestrians, scene);
  const auto place_in = [&](int body) { return Vector2d(state.segment<2>(BulletWorld::kBodyState * body)); };
  double nearest = 1e9;
  for (int i = 1; i <= kPedestrians; ++i) nearest = std::min(nearest, (place_in(i) - place_in(0)).norm());
  scene.figures = {
      {.name = "to the goal", .value = (goal_ - place_in(0)).norm(), .unit = "m", .high = kGoalRadius},
      {.name = "nearest person", .value = nearest - kRobotRadius - kPedestrianRadius, .unit = "m", .low = 0},
      {.name = "speed", .value = state.segment<2>(kVelocityInState).norm(), .unit = "m/s"}};
}

void Crowd::write_state(StateRef state) const {
  const int bodies = world().state_dim();
  world().read_state(state.head(bodies));
  for (int i = 0; i < kPedestrians; ++i) {
    state[bodies + i] = walkers_->walked(i);
    state[bodies + kPedestrians + i] = walkers_->facing(i);
  }
}

}  // namespace
}  // namespace crowd

std::unique_ptr<Environment> make_crowd() {
  return std::make_unique<crowd::Crowd>();
}

void add_crowd(TaskList& tasks) {
  tasks.add({.id = "Crowd",
             .make = make_crowd,
             .make_expert = make_crowd_expert,
             .ways = "passes people on the left or right, nearer or further away, and keeps to that side of "
                     "the street"});
}

}  // namespace understudy
