#include <algorithm>
#include <cmath>

#include "envs/tasks/pushing/push.h"
#include "envs/tasks/pushing/push_plan.h"

namespace understudy {
namespace {

using namespace push;
using Eigen::Vector2d;

// Speeds and gains (ours): slow enough to survive a delay of 0.1 s.
constexpr double kPushSpeed = 0.2;      // m/s at most while pushing
constexpr double kFaster = 0.15;        // share of that, by boldness
constexpr double kPushGain = 5;         // 1/s: speed over the push's remaining length
constexpr double kSlowest = 0.012;      // m/s
constexpr double kWayGain = 4;          // 1/s: speed over the way's remaining length
constexpr double kWayEnd = 0.02;        // m/s
constexpr double kApproachSpeed = 0.1;  // m/s
constexpr double kTouchSpeed = 0.02;    // m/s
constexpr double kApproachGain = 6;     // 1/s
constexpr double kCorridor = 0.010;     // m to every side of where a push begins

class PushExpert final : public Actor {
 public:
  explicit PushExpert(const ExpertStyle& style)
      : pace_(style.pace), speed_(kPushSpeed * (1 + kFaster * style.boldness)), planner_(style.side) {}

  void reset(int, std::uint64_t) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      const Vector2d velocity = choose(observations.row(row).data()) / kMaxSpeed;
      actions.row(row) = velocity.transpose().cast<float>();
    }
  }

 private:
  Vector2d choose(const float* o) const;

  double pace_;
  double speed_;  // m/s, at most while pushing
  PushPlanner planner_;
};

Vector2d PushExpert::choose(const float* o) const {
  const TeePose goal = goal_pose();
  PushSituation now;
  now.goal = goal;
  now.pusher = goal.place + Vector2d(o[kPusher], o[kPusher + 1]);
  now.block.place = goal.place + Vector2d(o[kBlock], o[kBlock + 1]);
  now.block.heading = goal.heading + std::atan2(o[kTurn + 1], o[kTurn]);
  const PlannedPush plan = planner_.plan(now);
  const Eigen::Isometry2d motion = now.block.motion();
  const Vector2d pusher = motion.inverse() * now.pusher;
  Vector2d velocity;
  if (plan.touching) {
    velocity = plan.push.direction * std::clamp(pace_ * kPushGain * plan.length, kSlowest, speed_);
  } else {
    const Vector2d to = plan.contact.pusher - pusher;
    const double gap = to.dot(plan.contact.normal);
    const Vector2d aside = to - gap * plan.contact.normal;
    if (aside.norm() < kCorridor && std::abs(gap) < kClearance + kCorridor) {
      velocity = plan.contact.normal * std::clamp(pace_ * kApproachGain * gap, kTouchSpeed, kApproachSpeed) +
                 aside * pace_ * kApproachGain;
    } else {
      velocity =
          (plan.next - pusher).normalized() * std::min(kMaxSpeed, kWayEnd + pace_ * kWayGain * plan.way);
    }
  }
  return motion.linear() * velocity;
}

}  // namespace

std::unique_ptr<Actor> make_push_expert(const ExpertStyle& style) {
  return std::make_unique<PushExpert>(style);
}

}  // namespace understudy
