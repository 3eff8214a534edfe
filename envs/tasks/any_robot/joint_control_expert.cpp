#include <algorithm>

#include "envs/robots/driven_joints.h"
#include "envs/robots/urdf.h"
#include "envs/tasks/any_robot/joint_control.h"

namespace understudy {
namespace {

constexpr double kApproach = 6;     // 1/s, wanted speed per way that is left (ours)
constexpr double kRestraint = 0.5;  // action per share of the speed limit (ours)

class JointControlExpert final : public Actor {
 public:
  explicit JointControlExpert(const std::vector<DrivenJoint>& joints)
      : gains_(static_cast<Eigen::Index>(joints.size())) {
    for (std::size_t i = 0; i < joints.size(); ++i) {
      gains_[static_cast<Eigen::Index>(i)] =
          static_cast<float>(kApproach * joints[i].half_range() / joints[i].speed);
    }
  }

  void reset(int, std::uint64_t) override {}

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    const Eigen::Index count = gains_.size();
    for (Eigen::Index row = 0; row < observations.rows(); ++row) {
      for (Eigen::Index i = 0; i < count; ++i) {
        const float wanted = gains_[i] * observations(row, i);
        const float action = wanted - static_cast<float>(kRestraint) * observations(row, count + i);
        actions(row, i) = std::clamp(action, -1.0F, 1.0F);
      }
    }
  }

 private:
  Vector gains_;
};

}  // namespace

std::unique_ptr<Actor> make_joint_control_expert() {
  return make_joint_control_expert(read_model("arm"));
}

std::unique_ptr<Actor> make_joint_control_expert(const RobotModel& robot) {
  return std::make_unique<JointControlExpert>(driven_joints(robot));
}

}  // namespace understudy
