#include "envs/tasks/classic/inverted_pendulum.h"

#include <cmath>

#include "datasets/types/rng.h"
#include "envs/contract/task_list.h"
#include "envs/tasks/classic/cart.h"

namespace understudy {
namespace {

constexpr double kForce = 100;         // N at action 1
constexpr double kStartAngle = 0.1;    // rad
constexpr double kHanging = 3.1415;    // rad
constexpr double kGreatestTilt = 0.2;  // rad

EnvironmentSpec make_spec(bool swingup) {
  EnvironmentSpec spec;
  spec.id = swingup ? "InvertedPendulumSwingup" : "InvertedPendulum";
  spec.summary = swingup ? "swing a pole up on a cart and keep it there" : "balance a pole on a cart";
  spec.observation = Space({
      {"cart", 2, "m", -20, 20, "place and velocity of the cart along the rail"},
      {"pole", 2, "-", -1, 1, "cosine and sine of the pole's angle from upright"},
      {"pole_velocity", 1, "rad/s", -100, 100, "rate of the pole's angle"},
  });
  spec.action = Space({{"force", 1, "-", -1, 1, "on the cart along the rail, 1 = 100 N"}});
  return spec;
}

class InvertedPendulum final : public CartTask {
 public:
  explicit InvertedPendulum(bool swingup)
      : CartTask(make_spec(swingup), "inverted_pendulum", kForce), swingup_(swingup) {}

 protected:
  void start(Rng& rng) override {
    robot().set_joint(1, rng.uniform(-kStartAngle, kStartAngle) + (swingup_ ? kHanging : 0));
  }

  StepResult judge() const override {
    const double angle = robot().position(1);
    StepResult result;
    result.reward = swingup_ ? static_cast<float>(std::cos(angle)) : 1;
    result.terminated = !swingup_ && std::abs(angle) > kGreatestTilt;
    if (result.terminated) result.cause = "fell";
    return result;
  }

  void observe(VectorRef observation) const override {
    const double angle = robot().position(1);
    Eigen::Matrix<double, 5, 1> o;
    o << robot().position(0), robot().velocity(0), std::cos(angle), std::sin(angle), robot().velocity(1);
    observation = o.cast<float>();
  }

 private:
  bool swingup_;
};

}  // namespace

std::unique_ptr<Environment> make_inverted_pendulum() {
  return std::make_unique<InvertedPendulum>(false);
}

std::unique_ptr<Environment> make_inverted_pendulum_swingup() {
  return std::make_unique<InvertedPendulum>(true);
}

void add_inverted_pendulum(TaskList& tasks) {
  tasks.add({.id = "InvertedPendulum", .make = make_inverted_pendulum});
  tasks.add({.id = "InvertedPendulumSwingup", .make = make_inverted_pendulum_swingup});
}

}  // namespace understudy
