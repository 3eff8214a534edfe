#include "envs/tasks/manipulation/reach.h"

#include <cmath>

#include "envs/contract/task_list.h"
#include "envs/tasks/manipulation/reach_robot.h"
#include "envs/tasks/manipulation/tabletop_scene.h"
#include "envs/tasks/manipulation/tabletop_task.h"

namespace understudy {
namespace reach {
namespace {

using Eigen::Vector3d;

const Vector3d kLow(0.35, -0.3, 0.15), kHigh(0.65, 0.3, 0.55);  // m, of the box that is drawn from
constexpr double kLeast = 0.2;                                  // m from the hand to the target at the start
constexpr int kTaskState = 4;                                   // the target and the steps held

constexpr double kNearCost = 0.2;
constexpr double kNearScale = 10;  // 1/m
constexpr double kActionCost = 0.01;
constexpr double kSuccessReward = 5;

EnvironmentSpec make_spec() {
  EnvironmentSpec spec;
  spec.id = "Reach";
  spec.summary = "bring the hand of a 7-joint arm to the target and hold it there";
  spec.success = "the hand within 2 cm of the target after each of 10 steps in a row";
  spec.observation = Space({
      {"to_target", 3, "m", -2, 2, "target minus hand: x away from the base, y to its left, z up"},
      {"eef_vel", 3, "m/s", -5, 5, "velocity of the hand: x, y, z"},
  });
  spec.action = Space(hand_action_fields(false, false));
  spec.horizon = 200;
  spec.layout = "default";
  return spec;
}

Vector3d draw_in_box(Rng& rng) {
  Vector3d point;
  for (int i = 0; i < 3; ++i) point[i] = rng.uniform(kLow[i], kHigh[i]);
  return point;
}

TabletopOptions options() {
  TabletopOptions tabletop;
  tabletop.grips = false;
  tabletop.task_state = kTaskState;
  tabletop.friction_cone = false;
  tabletop.solver_iterations = 10;
  tabletop.hand.wrist = Wrist::kFree;
  tabletop.hand.max_speed = kMaxSpeed;
  tabletop.hand.low = {0.25, -0.4, 0.06};
  tabletop.hand.high = {0.70, 0.4, 0.65};
  return tabletop;
}

class Reach final : public TabletopTask {
 public:
  Reach() : TabletopTask(make_spec(), options()) {}

 private:
  HandPose draw(Rng& rng) override;
  StepResult judge(ConstVectorRef action) override;
  void observe(VectorRef observation) const override;
  void write_task_state(StateRef state) const override;
  void add_objects(Scene& scene) const override;
  void pose_objects(ConstStateRef state, Scene& scene) const override;

  Vector3d target_ = Vector3d::Zero();
  int held_ = 0;  // steps in a row within the tolerance
};

HandPose Reach::draw(Rng& rng) {
  HandPose hand;
  hand.opening = 0;
  hand.position = draw_in_box(rng);
  do {
    target_ = draw_in_box(rng);
  } while ((target_ - hand.position).norm() < kLeast);
  held_ = 0;
  return hand;
}

StepResult Reach::judge(ConstVectorRef action) {
  const double distance = (target_ - hand().position).norm();
  held_ = distance < kTolerance ? held_ + 1 : 0;
  StepResult result;
  result.success = held_ >= kHoldSteps;
  result.terminated = result.success;
  double reward =
      -distance - kNearCost * std::tanh(kNearScale * distance) - kActionCost * double{action.squaredNorm()};
  if (result.success) reward += kSuccessReward;
  result.reward = static_cast<float>(reward);
  return result;
}

void Reach::observe(VectorRef observation) const {
  observation.segment<3>(kToTarget) = (target_ - hand().position).cast<float>();
  observation.segment<3>(kEefVel) = manipulator().velocity().cast<float>();
}

void Reach::write_task_state(StateRef state) const {
  state.head<3>() = target_;
  state[3] = held_;
}

void Reach::add_objects(Scene& scene) const {
  const Eigen::Vector3f red(0.85F, 0.05F, 0.07F), blue(0.10F, 0.45F, 0.80F);
  constexpr auto kRadius = static_cast<float>(kTolerance);
  const int target = first_free_body();
  name_body(scene, target, "target");
  const auto ball = [&](float radius, float opacity) {
    add_part(scene, {.body = target,
                     .kind = ShapeKind::kSphere,
                     .size = Eigen::Vector3f::Constant(radius),
                     .colour = red,
                     .opacity = opacity});
  };
  ball(0.4F * kRadius, 1);
  ball(kRadius, 0.35F);
  add_part(scene, {.size = ((kHigh - kLow) / 2).cast<float>(),
                   .at = ((kLow + kHigh) / 2).cast<float>(),
                   .colour = blue,
                   .opacity = 0.08F});
  // A thin pole from the target down to the table shows how high and how far away it is.
  const auto half_height = static_cast<float>(target_.z() / 2);
  add_part(scene, {.body = target,
                   .kind = ShapeKind::kCylinder,
                   .size = {0.002F, 0.002F, half_height},
                   .at = {0, 0, -half_height},
                   .colour = red,
                   .opacity = 0.5F});
  // Over the arm's right shoulder: straight from behind, the arm hides hand and target.
  scene.cameras.push_back({"follow", 0, {-0.55F, -0.95F, 0.95F}, {0.42F, -0.02F, 0.30F}, 0.75F});
  scene.cameras.push_back({"front", 0, {1.75F, 0.75F, 0.85F}, {0.30F, 0, 0.30F}, 0.75F});
  scene.cameras.push_back({"side", 0, {0.45F, -1.7F, 0.45F}, {0.40F, 0, 0.33F}, 0.75F});
}

void Reach::pose_objects(ConstStateRef state, Scene& scene) const {
  scene.poses.resize(static_cast<std::size_t>(first_free_body()) + 1);
  const Vector3d target = state.segment<3>(task_state_at());
  scene.poses.back() = Eigen::Isometry3f(Eigen::Translation3f(target.cast<float>()));
  scene.figures = {{.name = "to the target",
                    .value = 100 * (target - grip_in(scene)).norm(),
                    .unit = "cm",
                    .high = 100 * kTolerance},
                   {.name = "held",
                    .value = state[task_state_at() + 3] / spec().control_rate,
                    .unit = "s",
                    .decimals = 2,
                    .low = kHoldSteps / spec().control_rate}};
}

}  // namespace
}  // namespace reach

std::unique_ptr<Environment> make_reach() {
  return std::make_unique<reach::Reach>();
}

void add_reach(TaskList& tasks) {
  tasks.add({.id = "Reach",
             .make = make_reach,
             .make_expert = make_reach_expert,
             .ways = "goes there in a bow to the left or right",
             .robot_form = RobotForm{
                 .make = make_reach_robot, .make_expert = make_reach_robot_expert, .takes_link = true}});
}

}  // namespace understudy
