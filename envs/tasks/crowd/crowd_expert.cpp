#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "envs/tasks/crowd/crowd.h"
#include "envs/world/bow.h"

namespace understudy {
namespace {

using namespace crowd;
using Eigen::Vector2d;

// Candidates: standing still, and `kDirections` ways at each of `kSpeeds` speeds.
constexpr int kDirections = 24, kSpeeds = 4;
constexpr std::size_t kCandidates = 1 + kDirections * kSpeeds;

// Costs (ours), in m/s of departure from the straight way.
constexpr double kCruise = 1.25;      // m/s
constexpr double kSlowing = 0.4;      // m from the goal at which it goes at half that speed
constexpr double kNearCost = 1.2;     // of being at kSparedGap from somebody at one of kMoments
constexpr double kNearScale = 0.15;   // m: the cost falls by e over this gap
constexpr double kSparedGap = 0.25;   // m
constexpr double kUrgency = 1.6;      // s: the cost falls by e over this time from now
constexpr double kReaction = 0.3;     // s, lag of the robot's velocity with its limit of acceleration
constexpr double kFrontGap = 0.35;    // m kept to the fronts
constexpr double kFrontScale = 0.1;   // m
constexpr double kChangeCost = 0.15;  // of leaving the present velocity, per m/s
constexpr double kSharpness = 0.04;   // m/s, temperature of the softmin
// What style changes (ours).
constexpr double kFaster = 0.1;   // share of the cruise, by boldness
constexpr double kNearer = 0.15;  // share of the spared gap, by boldness
constexpr double kBow = 0.35;     // rad from the straight way, by side
constexpr double kBowNear = 4;    // m from the goal at which half of that is left
constexpr double kShadow = 0.6;   // m kept free on the wrong side of who is ahead, by side
constexpr std::array kMoments = {0.2, 0.4, 0.7, 1.0, 1.4, 1.8, 2.3, 2.9};  // s from now, looked at

struct Pedestrian {
  Vector2d offset, velocity;  // relative position; velocity over ground
  Vector2d shadow{0, 0};      // to the far end of what is to be passed on their other side
};

/// From the robot to the nearest point of somebody `apart` from it who has a shadow.
Vector2d nearest_of(const Vector2d& apart, const Vector2d& shadow) {
  const double length = shadow.squaredNorm();
  if (length == 0) return apart;
  return apart + std::clamp(-apart.dot(shadow) / length, 0.0, 1.0) * shadow;
}

double cost_of(const Vector2d& candidate, const Vector2d& straight, const Vector2d& present,
               const std::array<Pedestrian, kSeen>& pedestrians, double left, double right, double spared) {
  double cost = (candidate - straight).norm() + kChangeCost * (candidate - present).norm();
  for (const Pedestrian& pedestrian : pedestrians) {
    for (const double when : kMoments) {
      // The robot goes over to the candidate's velocity gradually.
      const double late = kReaction * (1 - std::exp(-when / kReaction));
      const Vector2d apart =
          pedestrian.offset + when * (pedestrian.velocity - candidate) + late * (candidate - present);
      const double gap = nearest_of(apart, pedestrian.shadow).norm() - kRobotRadius - kPedestrianRadius;
      cost += kNearCost * std::exp((spared - gap) / kNearScale - when / kUrgency);
    }
  }
  for (const double way : {left - candidate.y(), right + candidate.y()}) {  // one second ahead
    cost += std::exp(std::min((kFrontGap - way) / kFrontScale, 20.0));
  }
  return cost;
}

class CrowdExpert final : public Actor {
 public:
  explicit CrowdExpert(const ExpertStyle& style)
      : side_(style.side),
        cruise_(kCruise * (1 + kFaster * style.boldness)),
        spared_(kSparedGap * (1 - kNearer * style.boldness)) {
    candidates_[0] = Vector2d::Zero();
    for (int speed = 0; speed < kSpeeds; ++speed) {
      for (int i = 0; i < kDirections; ++i) {
        const double angle = 2 * std::numbers::pi * i / kDirections;
        candidates_[static_cast<std::size_t>(1 + speed * kDirections + i)] =
            kMaxSpeed * (speed + 1) / kSpeeds * Vector2d(std::cos(angle), std::sin(angle));
      }
    }
  }

  void reset(int, std::uint64_t) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      const Vector2d velocity = choose(observations.row(row).data());
      for (int i = 0; i < 2; ++i)
        actions(row, i) = static_cast<float>(std::clamp(velocity[i] / kMaxSpeed, -1.0, 1.0));
    }
  }

 private:
  /// Of somebody at `offset`: to the right of their place, seen on the way to the goal, when they are to be passed on
  /// the left; the less the further they are from straight ahead, and none behind.
  Vector2d shadow_of(const Vector2d& offset, const Vector2d& goal) const {
    const Vector2d ahead = goal.normalized();
    return kShadow * side_ * std::max(0.0, ahead.dot(offset.normalized())) * Vector2d(ahead.y(), -ahead.x());
  }

  Vector2d choose(const float* o) const {
    const auto pair_at = [&](int entry) { return Vector2d(double{o[entry]}, double{o[entry + 1]}); };
    const Vector2d goal = pair_at(kGoal), present = pair_at(kVelocity);
    const Vector2d straight = cruise_ / (goal.norm() + kSlowing) * bowed(goal, kBow * side_, kBowNear);
    std::array<Pedestrian, kSeen> pedestrians;
    for (int k = 0; k < kSeen; ++k) {
      const int entry = kNearest + k * kSeenEntries;
      pedestrians[static_cast<std::size_t>(k)] = {pair_at(entry), pair_at(entry + 2) + present};
      if (side_ != 0) pedestrians[static_cast<std::size_t>(k)].shadow = shadow_of(pair_at(entry), goal);
    }
    std::array<double, kCandidates> costs;
    for (std::size_t i = 0; i < kCandidates; ++i) {
      costs[i] = cost_of(candidates_[i], straight, present, pedestrians, o[kFronts], o[kFronts + 1], spared_);
    }
    const double least = *std::min_element(costs.begin(), costs.end());
    Vector2d sum = Vector2d::Zero();
    double weights = 0;
    for (std::size_t i = 0; i < kCandidates; ++i) {
      const double weight = std::exp((least - costs[i]) / kSharpness);
      sum += weight * candidates_[i];
      weights += weight;
    }
    return sum / weights;
  }

  double side_, cruise_, spared_;
  std::array<Vector2d, kCandidates> candidates_;
};

}  // namespace

std::unique_ptr<Actor> make_crowd_expert(const ExpertStyle& style) {
  return std::make_unique<CrowdExpert>(style);
}

}  // namespace understudy
