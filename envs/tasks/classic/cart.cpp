#include "envs/tasks/classic/cart.h"

#include <cmath>
#include <numbers>

#include "datasets/types/rng_streams.h"
#include "envs/robots/robot_scene.h"
#include "envs/robots/urdf.h"
#include "envs/world/bullet_world.h"

namespace understudy {
namespace {

constexpr double kActionTime = 0.0165;  // s
constexpr double kRailHeight = 1.3;     // m, only drawn
constexpr int kFirstBody = 1;           // of the robot in the scene

EnvironmentSpec complete(EnvironmentSpec spec) {
  spec.success = "none: the return counts";
  spec.control_rate = 1 / kActionTime;
  spec.substeps = 1;
  spec.horizon = 1000;
  spec.layout = "default";
  return spec;
}

}  // namespace

CartTask::CartTask(EnvironmentSpec spec, const std::string& model, double force)
    : BulletTask(complete(std::move(spec)), pybullet_environment_options(kActionTime)),
      model_(read_model(model)),
      force_(force) {}

int CartTask::state_dim() const {
  return BulletWorld::kBodyState + 2 * model_.dofs();
}

void CartTask::build(std::uint64_t seed) {
  RobotOptions options;
  options.fixed_base = true;
  robot_.emplace(world(), model_, options);
  Rng rng = Rng::stream(seed, RngStream::kTask);
  start(rng);
  robot_->settle();
}

StepResult CartTask::advance(ConstVectorRef action) {
  robot_->add_torque(0, force_ * double{action[0]});
  world().step();
  return judge();
}

void CartTask::write_state(StateRef state) const {
  world().read_state(state);
}

void CartTask::build_scene(Scene& scene) const {
  const auto box = [&](const Eigen::Vector3f& half, const Eigen::Vector3f& at,
                       const Eigen::Vector3f& colour) {
    SceneShape shape;
    shape.size = half;
    shape.local.translation() = at;
    shape.colour = colour;
    scene.shapes.push_back(shape);
  };
  constexpr auto kHeight = static_cast<float>(kRailHeight);
  box({6, 6, 0.05F}, {0, 0, -0.05F}, {0.30F, 0.33F, 0.35F});
  for (const float side : {-1.05F, 1.05F}) {
    box({0.04F, 0.04F, kHeight / 2}, {side, 0, kHeight / 2}, {0.16F, 0.17F, 0.20F});
    box({0.20F, 0.20F, 0.02F}, {side, 0, 0.02F}, {0.16F, 0.17F, 0.20F});
  }
  add_robot_shapes(model_, kFirstBody, scene);
  scene.cameras.push_back({"follow", 0, {0.5F, -4.2F, 1.8F}, {0, 0, 1.35F}, 0.75F});
  scene.cameras.push_back({"side", 0, {0, -4.6F, 1.35F}, {0, 0, 1.35F}, 0.7F});
}

void CartTask::pose_scene(ConstStateRef state, Scene& scene) const {
  Eigen::VectorXd positions(model_.dofs());
  for (Eigen::Index i = 0; i < positions.size(); ++i) positions[i] = state[BulletWorld::kBodyState + 2 * i];
  const Eigen::Isometry3d base(Eigen::Translation3d(0, 0, kRailHeight));
  pose_robot(link_poses(model_, base, positions), kFirstBody, scene);
  double tilt = 0;
  for (Eigen::Index i = 1; i < positions.size(); ++i) {
    tilt += positions[i];
    const double shown = std::remainder(tilt, 2 * std::numbers::pi) * 180 / std::numbers::pi;
    scene.figures.push_back(
        {.name = i == 1 ? "pole's tilt" : "upper pole's tilt", .value = shown, .unit = "deg"});
  }
  scene.figures.push_back({.name = "cart off the middle", .value = 100 * positions[0], .unit = "cm"});
}

}  // namespace understudy
