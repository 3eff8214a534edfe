#include <algorithm>
#include <cmath>

#include "envs/tasks/manipulation/reach.h"
#include "envs/world/bow.h"

namespace understudy {
namespace {

/// m: at this distance the hand moves at half its greatest speed (ours).
constexpr double kGentle = 0.1;
/// m from the target at which half of a bow's turn is left (ours).
constexpr double kBowNear = 0.08;

class ReachExpert final : public Actor {
 public:
  explicit ReachExpert(const ExpertStyle& style) : gentle_(kGentle / style.pace), side_(style.side) {}

  void reset(int, std::uint64_t) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      const float* to_target = observations.row(row).data() + reach::kToTarget;
      const double x = to_target[0], y = to_target[1], z = to_target[2];
      const double share = 1 / (gentle_ + std::sqrt(x * x + y * y + z * z));
      const Eigen::Vector2d way = bowed({x, y}, side_, kBowNear);
      actions(row, 0) = static_cast<float>(share * way.x());
      actions(row, 1) = static_cast<float>(share * way.y());
      actions(row, 2) = static_cast<float>(share * z);
    }
  }

 private:
  double gentle_, side_;
};

}  // namespace

std::unique_ptr<Actor> make_reach_expert(const ExpertStyle& style) {
  return std::make_unique<ReachExpert>(style);
}

}  // namespace understudy
