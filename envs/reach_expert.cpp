#include <algorithm>
#include <cmath>

#include "envs/reach.h"

namespace understudy {
namespace {

/// Velocity towards the target per metre of distance (ours), 1/s: the hand follows with a lag of one or two
/// control steps, so this stays stable even with a reaction time of 0.2 s in the loop.
constexpr double kApproach = 2.0;

class ReachExpert final : public Actor {
 public:
  void reset(int, std::uint64_t) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      const float* to_target = observations.row(row).data() + reach::kToTarget;
      const double x = to_target[0], y = to_target[1], z = to_target[2];
      const double gain = kApproach / reach::kMaxSpeed;
      const double share = gain / std::max(1.0, gain * std::sqrt(x * x + y * y + z * z));
      actions(row, 0) = static_cast<float>(share * x);
      actions(row, 1) = static_cast<float>(share * y);
      actions(row, 2) = static_cast<float>(share * z);
    }
  }
};

}  // namespace

std::unique_ptr<Actor> make_reach_expert() {
  return std::make_unique<ReachExpert>();
}

}  // namespace understudy
