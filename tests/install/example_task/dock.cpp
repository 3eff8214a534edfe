// Dock: fly a hovercraft onto its dock and stop there. A task of one's own, with a body of its own: a disc on
// a cushion of air that fans push, m v' = F - c v, in semi-implicit Euler steps of 1/120 s.
//
// | action | meaning | range |
// |---|---|---|
// | 0 dx, 1 dy | thrust, 1 = 2 N; x away from the camera, y to the left | [-1, 1] |
//
// Observation: the spaces below. Start: at rest, dock and hovercraft each uniformly in a square, at least 0.5
// m apart. Reward: m that it came nearer to the dock, and 1 for success. Success, which ends it: within 0.1 m
// of the dock's centre and slower than 0.1 m/s. More than 3 m from the floor's centre it has failed.

#include <algorithm>
#include <memory>

#include "datasets/types/rng.h"
#include "envs/contract/plugin.h"
#include "envs/world/scene_build.h"
#include "envs/world/simulated_task.h"

namespace {

using Eigen::Vector2d;
using Eigen::Vector3f;
using namespace understudy;

constexpr double kControlRate = 30;  // Hz
constexpr int kSubsteps = 4;         // physics steps per action
constexpr double kMass = 1;          // kg
constexpr double kThrust = 2;        // N
constexpr double kDrag = 0.3;        // kg/s
constexpr double kDockRadius = 0.1;  // m
constexpr double kSlow = 0.1;        // m/s
constexpr double kFloor = 3;         // m, radius

EnvironmentSpec make_spec() {
  EnvironmentSpec spec;
  spec.id = "Dock";
  spec.summary = "fly a hovercraft onto its dock and stop there";
  spec.success = "within 0.1 m of the dock's centre and slower than 0.1 m/s";
  spec.observation = Space({{"to_dock", 2, "m", -8, 8, "dock minus hovercraft, x and y"},
                            {"velocity", 2, "m/s", -8, 8, "of the hovercraft, x and y"}});
  spec.action = Space(
      {{"dx", 1, "-", -1, 1, "thrust along x, 1 = 2 N"}, {"dy", 1, "-", -1, 1, "thrust along y, 1 = 2 N"}});
  spec.control_rate = kControlRate;
  spec.substeps = kSubsteps;
  spec.horizon = 300;
  spec.layout = "default";  // dx and dy are the left stick, or W A S D
  spec.dimensions = {{"dock_size", "radius within which the hovercraft has arrived"}};
  return spec;
}

class Dock final : public SimulatedTask {
 public:
  Dock() : SimulatedTask(make_spec()) {}
  int state_dim() const override { return 4; }

 private:
  void begin(std::uint64_t seed) override {
    Rng rng(seed);
    dock_ = {rng.uniform(-1, 1), rng.uniform(-1, 1)};
    do {
      place_ = {rng.uniform(-2, 2), rng.uniform(-2, 2)};
    } while ((dock_ - place_).norm() < 0.5);
    velocity_.setZero();
    mass_ = kMass * variation().mass.value_or(1);  // what --randomise has drawn for this episode
    radius_ = kDockRadius * variation().size("dock_size");
  }

  StepResult advance(ConstVectorRef action) override {
    const double distance = (dock_ - place_).norm();
    const double step = 1 / (kControlRate * kSubsteps);  // s
    for (int i = 0; i < kSubsteps; ++i) {
      velocity_ += step / mass_ * (kThrust * action.cast<double>() - kDrag * velocity_);
      place_ += step * velocity_;
    }
    const double left = (dock_ - place_).norm();
    StepResult result;
    result.success = left < radius_ && velocity_.norm() < kSlow;
    result.terminated = result.success || place_.norm() > kFloor;
    result.reward = static_cast<float>(distance - left + (result.success ? 1 : 0));
    return result;
  }

  void observe(VectorRef observation) const override {
    observation << (dock_ - place_).cast<float>(), velocity_.cast<float>();
  }

  void write_state(StateRef state) const override { state << place_, velocity_; }

  void build_scene(Scene& scene) const override {
    const Vector3f dock(static_cast<float>(dock_.x()), static_cast<float>(dock_.y()), 0);
    const auto radius = static_cast<float>(radius_), floor = static_cast<float>(kFloor);
    scene.poses.resize(2, Eigen::Isometry3f::Identity());  // the world, the hovercraft
    name_body(scene, 1, "hovercraft");
    add_shape(scene, 0, ShapeKind::kCylinder, {floor, floor, 0.01F}, {0, 0, -0.02F}, {0.5F, 0.55F, 0.6F});
    add_shape(scene, 0, ShapeKind::kCylinder, {radius, radius, 0.01F}, dock, {0.1F, 0.6F, 0.2F});
    add_shape(scene, 1, ShapeKind::kCylinder, {0.12F, 0.12F, 0.03F}, {0, 0, 0.05F}, {0.9F, 0.4F, 0.1F});
    add_shape(scene, 1, ShapeKind::kSphere, {0.05F, 0.05F, 0.05F}, {0, 0, 0.1F}, {0.2F, 0.2F, 0.25F});
    scene.cameras = {{"behind", 0, {-5, 0, 4}, {0, 0, 0}}, {"top", 0, {-0.01F, 0, 7}, {0, 0, 0}}};
  }

  void pose_scene(ConstStateRef state, Scene& scene) const override {
    scene.poses[1].translation() = Vector3f(static_cast<float>(state[0]), static_cast<float>(state[1]), 0);
  }

  Vector2d dock_, place_, velocity_;  // m, m, m/s
  double mass_ = kMass;               // kg
  double radius_ = kDockRadius;       // m
};

/// Thrust that brings the hovercraft to the dock like a damped spring, in a bow to the side that the style says.
class DockExpert final : public Actor {
 public:
  explicit DockExpert(const ExpertStyle& style) : side_(static_cast<float>(style.side)) {}
  void reset(int, std::uint64_t) override {}
  void act(ConstMatrixRef observations, MatrixRef actions) override {
    const Eigen::Matrix2f turn = Eigen::Rotation2Df(0.4F * side_).toRotationMatrix();
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      const Eigen::Vector2f to_dock = turn * observations.row(row).head<2>().transpose();
      const Eigen::Vector2f velocity = observations.row(row).tail<2>().transpose();
      actions.row(row) = (0.75F * to_dock - 1.1F * velocity).cwiseMax(-1).cwiseMin(1).transpose();
    }
  }

 private:
  float side_;
};

UNDERSTUDY_PLUGIN(tasks) {
  tasks.add({.id = "Dock",
             .make = [] { return std::make_unique<Dock>(); },
             .make_expert = [](const ExpertStyle& style) { return std::make_unique<DockExpert>(style); },
             .ways = "flies to the dock in a bow to the left or right"});
}

}  // namespace
