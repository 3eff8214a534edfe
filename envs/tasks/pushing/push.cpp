#include "envs/tasks/pushing/push.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "datasets/types/rng.h"
#include "datasets/types/rng_streams.h"
#include "envs/contract/task_list.h"
#include "envs/tasks/pushing/push_bodies.h"
#include "envs/tasks/pushing/push_scene.h"
#include "envs/world/bullet_task.h"

namespace understudy {
namespace push {
namespace {

using Eigen::Vector2d;

// PushT's ranges in its pixels, counted from the middle of its 512 x 512.
constexpr double kBlockLow = -0.156, kBlockHigh = 0.144;    // m
constexpr double kPusherLow = -0.206, kPusherHigh = 0.194;  // m
constexpr double kStartGap = 0.005;                         // m between block and pusher

EnvironmentSpec make_spec() {
  EnvironmentSpec spec;
  spec.id = "Push";
  spec.summary = "push a T-shaped block over a table until it covers its goal";
  spec.success = "the block covers more than 95 % of the goal";
  spec.observation = Space({
      {"pusher", 2, "m", -1, 1, "pusher, from the middle of the goal: x away from the viewer, y to the left"},
      {"pusher_vel", 2, "m/s", -2, 2, "velocity of the pusher: x, y"},
      {"block", 2, "m", -1, 1, "middle of the block's area, from that of the goal: x, y"},
      {"turn", 2, "-", -1, 1, "cosine and sine of the block's heading minus the goal's"},
      {"pusher_in_block", 2, "m", -1, 1,
       "pusher, from the middle of the block: along its stem, along its bar"},
  });
  spec.action = Space({
      {"dx", 1, "-", -1, 1, "velocity of the pusher along x (away from the viewer), 1 = 0.3 m/s"},
      {"dy", 1, "-", -1, 1, "along y (to the viewer's left)"},
  });
  spec.control_rate = kControlRate;
  spec.substeps = 12;
  spec.horizon = 600;
  spec.layout = "default";
  spec.dimensions = {{"block_size", "length and width of the block and of its goal"}};
  return spec;
}

class Push final : public BulletTask {
 public:
  Push() : BulletTask(make_spec(), push_world()) {}

  int state_dim() const override { return PushBodies::kStateSize; }

 protected:
  void build(std::uint64_t seed) override;
  StepResult advance(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void write_state(StateRef state) const override { world().read_state(state); }
  void build_scene(Scene& scene) const override {
    add_push_shapes(goal_, size_, scene);
    scene.handle = {.body = kPusherBody, .at = {0, 0, kPusherTop}, .x = 0, .y = 1};
  }
  void pose_scene(ConstStateRef state, Scene& scene) const override;

 private:
  const TeePose goal_ = goal_pose();
  double size_ = 1;  // of the block
  std::optional<PushBodies> bodies_;
};

void Push::build(std::uint64_t seed) {
  size_ = variation().size("block_size");
  Rng rng = Rng::stream(seed, RngStream::kPush);
  const auto draw = [&rng](double low, double high) {
    const double x = rng.uniform(low, high);
    return Vector2d(x, rng.uniform(low, high));
  };
  const Vector2d origin = draw(kBlockLow, kBlockHigh);
  const TeePose start = tee_at_origin(origin, rng.uniform(-std::numbers::pi, std::numbers::pi));
  Vector2d pusher;
  do {
    pusher = draw(kPusherLow, kPusherHigh);
  } while (tee_distance(start.motion().inverse() * pusher, size_) < kPusherRadius + kStartGap);
  bodies_.emplace(world(), start, pusher, size_);
}

StepResult Push::advance(ConstVectorRef action) {
  Vector2d velocity = kMaxSpeed * action.head<2>().cast<double>();
  velocity *= std::min(1.0, kMaxSpeed / std::max(velocity.norm(), 1e-12));
  // No faster than would bring it to the end of its range within this step.
  const Vector2d low = (Vector2d::Constant(-kReach) - bodies_->pusher()) * kControlRate;
  const Vector2d high = (Vector2d::Constant(kReach) - bodies_->pusher()) * kControlRate;
  bodies_->drive(velocity.cwiseMax(low).cwiseMin(high));
  for (int i = 0; i < spec().substeps; ++i) world().step();

  const double coverage = tee_coverage(bodies_->tee(), goal_, size_);
  StepResult result;
  result.reward = static_cast<float>(std::clamp(coverage / kSuccessCoverage, 0.0, 1.0));
  result.success = coverage > kSuccessCoverage;
  result.terminated = result.success;
  return result;
}

void Push::observe(VectorRef observation) const {
  const TeePose block = bodies_->tee();
  const Vector2d pusher = bodies_->pusher();
  const double turn = block.heading - goal_.heading;
  observation.segment<2>(kPusher) = (pusher - goal_.place).cast<float>();
  observation.segment<2>(kPusherVel) = bodies_->pusher_velocity().cast<float>();
  observation.segment<2>(kBlock) = (block.place - goal_.place).cast<float>();
  observation[kTurn] = static_cast<float>(std::cos(turn));
  observation[kTurn + 1] = static_cast<float>(std::sin(turn));
  observation.segment<2>(kPusherInBlock) = (block.motion().inverse() * pusher).cast<float>();
}

void Push::pose_scene(ConstStateRef state, Scene& scene) const {
  const Eigen::Quaterniond turn(state[6], state[3], state[4], state[5]);
  const Eigen::Isometry3d block =
      Eigen::Translation3d(state.head<3>()) * Eigen::Isometry3d(turn.normalized());
  pose_push_scene(block, {state[PushBodies::kPusherX], state[PushBodies::kPusherY]}, scene);
  const Eigen::Vector3d ahead = block.linear().col(0);
  const TeePose tee{.place = block.translation().head<2>(), .heading = std::atan2(ahead.y(), ahead.x())};
  const double off = std::remainder(tee.heading - goal_.heading, 2 * std::numbers::pi);
  scene.figures = {{.name = "coverage",
                    .value = 100 * tee_coverage(tee, goal_, size_),
                    .unit = "%",
                    .low = 100 * kSuccessCoverage},
                   {.name = "off the goal", .value = 1000 * (tee.place - goal_.place).norm(), .unit = "mm"},
                   {.name = "turned", .value = off * 180 / std::numbers::pi, .unit = "deg"}};
}

}  // namespace

TeePose goal_pose() {
  // PushT's (256, 256, pi / 4): its y axis points down, so that its angles run the other way.
  return tee_at_origin(Vector2d::Zero(), -std::numbers::pi / 4);
}

}  // namespace push

std::unique_ptr<Environment> make_push() {
  return std::make_unique<push::Push>();
}

void add_push(TaskList& tasks) {
  tasks.add({.id = "Push",
             .make = make_push,
             .make_expert = make_push_expert,
             .ways = "pushes from the left or right, turns the block that way round, faster or slower"});
}

}  // namespace understudy
