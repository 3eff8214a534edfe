#include <algorithm>
#include <cmath>
#include <numbers>

#include "envs/push.h"
#include "envs/push_plan.h"

namespace understudy {
namespace {

using namespace push;
using Eigen::Vector2d;

const double kRate = 20;            // Hz
constexpr double kGain = 8;         // 1/s
constexpr double kPushSpeed = 0.2;  // m/s
constexpr double kSlowest = 0.008;  // m/s
const double kApproachSpeed = 0.1;  // m/s
const double kCorridor = 0.003;     // m to either side of a contact's normal

class PushExpert final : public Actor {
 public:
  void reset(int, std::uint64_t) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      const Vector2d velocity = choose(observations.row(row).data()) / kMaxSpeed;
      actions.row(row) = velocity.transpose().cast<float>();
    }
  }

 private:
  Vector2d choose(const float* o) const;

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
    velocity = plan.push.direction * std::clamp(kGain * plan.length, kSlowest, kPushSpeed);
    // Up to the block first, if there is a gap.
  } else {
    const Vector2d to = plan.contact.pusher - pusher;
    const double gap = to.dot(plan.contact.normal);
    const Vector2d aside = to - gap * plan.contact.normal;
    if (aside.norm() < kCorridor && gap < kClearance + 0.003 && gap > -0.003) {
      velocity = plan.contact.normal * std::clamp(kGain * gap, 0.02, kApproachSpeed) + aside * kRate / 2;
    } else {
      velocity = plan.next - pusher;
      velocity *= std::min(kRate, kMaxSpeed / std::max(velocity.norm(), 1e-9));
    }
  }
  return motion.linear() * velocity;
}

}  // namespace

std::unique_ptr<Actor> make_push_expert() {
  return std::make_unique<PushExpert>();
}

}  // namespace understudy
