#include "envs/tasks/classic/inverted_double_pendulum.h"

#include <cmath>

#include "envs/contract/task_list.h"
#include "envs/tasks/classic/cart.h"

namespace understudy {
namespace {

constexpr double kForce = 200;                    // N at action 1
constexpr double kStartAngle = 0.1;               // rad
constexpr double kHalfPole = 0.3;                 // m
constexpr double kTop = 2;                        // m, aimed at by the reward
constexpr double kLowest = 1;                     // m, of the upper pole's tip
constexpr int kCart = 0, kLower = 1, kUpper = 2;  // joints
constexpr int kUpperLink = 3;

EnvironmentSpec make_spec() {
  EnvironmentSpec spec;
  spec.id = "InvertedDoublePendulum";
  spec.summary = "balance two poles, one above the other, on a cart";
  spec.observation = Space({
      {"cart", 2, "m", -20, 20, "place and velocity of the cart along the rail"},
      {"upper_x", 1, "m", -20, 20, "place of the upper pole's centre along the rail"},
      {"lower", 3, "-", -100, 100,
       "cosine and sine of the lower pole's angle from upright, its rate in rad/s"},
      {"upper", 3, "-", -100, 100, "the same of the upper pole's angle to the lower pole"},
  });
  spec.action = Space({{"force", 1, "-", -1, 1, "on the cart along the rail, 1 = 200 N"}});
  return spec;
}

class InvertedDoublePendulum final : public CartTask {
 public:
  InvertedDoublePendulum() : CartTask(make_spec(), "inverted_double_pendulum", kForce) {}

 protected:
  void start(Rng& rng) override {
    robot().set_joint(kLower, rng.uniform(-kStartAngle, kStartAngle));
    robot().set_joint(kUpper, rng.uniform(-kStartAngle, kStartAngle));
  }

  StepResult judge() const override {
    const Eigen::Vector3d upper = robot().link_centre(kUpperLink);
    const double tip = upper.z() + kHalfPole;
    StepResult result;
    result.reward = static_cast<float>(10 - 0.01 * upper.x() * upper.x() - (tip - kTop) * (tip - kTop));
    result.terminated = tip <= kLowest;
    if (result.terminated) result.cause = "fell";
    return result;
  }

  void observe(VectorRef observation) const override {
    const double lower = robot().position(kLower), upper = robot().position(kUpper);
    Eigen::Matrix<double, 9, 1> o;
    o << robot().position(kCart), robot().velocity(kCart), robot().link_centre(kUpperLink).x(),
        std::cos(lower), std::sin(lower), robot().velocity(kLower), std::cos(upper), std::sin(upper),
        robot().velocity(kUpper);
    observation = o.cast<float>();
  }
};

}  // namespace

std::unique_ptr<Environment> make_inverted_double_pendulum() {
  return std::make_unique<InvertedDoublePendulum>();
}

void add_inverted_double_pendulum(TaskList& tasks) {
  tasks.add({.id = "InvertedDoublePendulum", .make = make_inverted_double_pendulum});
}

}  // namespace understudy
