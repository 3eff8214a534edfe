#include <cmath>
#include <map>

#include "envs/contract/random_actor.h"
#include "envs/robots/robot_model.h"
#include "envs/robots/urdf.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

constexpr double kActionTime = 0.0165;  // s

TEST_CASE("the robots weigh what PyBullet's weigh, link by link") {
  // kg, as PyBullet 3.2.7 reports them for its MJCF files: Hopper, Walker2D, HalfCheetah, Ant,
  // Humanoid, pendulums, Reacher.
  const std::map<std::string, double> totals{{"hopper", 15.82},       {"walker2d", 23.68},
                                             {"half_cheetah", 38.19}, {"ant", 182.18},
                                             {"humanoid", 42.12},     {"inverted_pendulum", 15.4906},
                                             {"reacher", 0.0754},     {"inverted_double_pendulum", 18.8695}};
  for (const auto& [name, mass] : totals) {
    CAPTURE(name);
    CHECK((read_model(name).mass()) == Approx(mass).epsilon(1e-3));
  }
  const RobotModel ant = read_model("ant"), humanoid = read_model("humanoid");
  const auto mass = [](const RobotModel& model, const std::string& link) {
    return model.links[static_cast<std::size_t>(model.link_index(link))].mass;
  };
  CHECK((mass(ant, "torso")) == Approx(65.45).epsilon(1e-3));
  CHECK((mass(ant, "front_left_foot")) == Approx(13.518).epsilon(1e-3));
  CHECK((mass(humanoid, "pelvis")) == Approx(6.616).epsilon(1e-3));
  CHECK((mass(humanoid, "right_upper_arm")) == Approx(1.661).epsilon(1e-3));
  // Capsules of 1000 kg/m³: pi r² (length + 4 r / 3).
  CHECK(mass(read_model("hopper"), "torso") ==
        Approx(1000 * M_PI * 0.05 * 0.05 * (0.4 + 4 * 0.05 / 3)).epsilon(1e-4));
}

/// Steps `id` with the same action until it ends or `steps` are done.
struct Run {
  double reward = 0;  // of the last step
  double sum = 0;
  int steps = 0;
  bool terminated = false;
  Vector observation;
};

Run run(const std::string& id, std::uint64_t seed, int steps, float action) {
  const auto env = make_environment(id);
  Run result;
  result.observation.resize(env->spec().observation.size());
  env->reset(seed, result.observation);
  const Vector actions = Vector::Constant(env->spec().action.size(), action);
  while (result.steps < steps && !result.terminated) {
    const StepResult step = env->step(actions, result.observation);
    result.reward = double{step.reward};
    result.sum += result.reward;
    ++result.steps;
    result.terminated = step.terminated;
  }
  return result;
}

TEST_CASE("walkers start upright, at rest, turned to the target, with scaled joint angles") {
  const auto env = make_environment("Hopper");
  Vector o(15);
  State state(env->state_dim());
  env->reset(3, o);
  env->read_state(state);
  Vector expected = Vector::Zero(8);
  expected[2] = 1;
  CHECK((o.head<8>() - expected).cwiseAbs().maxCoeff() < 1e-6F);
  // Hip: limits -150° and 0°, state: 13 of the base, three pairs of the planar joint, then the hip's angle.
  const double hip = state[13 + 6];
  CHECK(std::abs(hip) < 0.1);
  CHECK((double{o[8]}) == Approx((hip + 75 * M_PI / 180) / (75 * M_PI / 180)).margin(1e-6));
  CHECK(o[9] == 0);
  CHECK(o[14] == 0);
}

TEST_CASE("a Hopper without torque falls, and the step that sees it below 0.8 m or tilted ends the episode") {
  const Run fall = run("Hopper", 3, 1000, 0);
  CHECK(fall.terminated);
  const bool low = fall.observation[0] + 1.25F <= 0.8F;
  const bool tilted = std::abs(fall.observation[7]) >= 1;
  CHECK((low || tilted));
  CHECK(fall.reward < 0);
  CHECK(fall.steps > 20);
}

TEST_CASE("a walker's reward is alive bonus, progress, electricity, stall and joint limits") {
  // From one step to the next everything but the mean position of the parts is observed; a standing robot
  // without torque gets the alive bonus alone, minus 0.1 for each joint at a limit.
  const auto env = make_environment("Hopper");
  Vector o(15), none = Vector::Zero(3), full = Vector::Ones(3);
  env->reset(3, o);
  const StepResult idle = env->step(none, o);
  // Nothing moves forward yet: the hopper is in free fall for the first action.
  int at_limit = 0;
  for (int joint = 0; joint < 3; ++joint) at_limit += std::abs(o[8 + 2 * joint]) > 0.99F;
  CHECK((double{idle.reward}) == Approx(1 - 0.1 * at_limit).margin(1e-3));

  env->reset(3, o);
  const StepResult driven = env->step(full, o);
  double power = 0;
  at_limit = 0;
  for (int joint = 0; joint < 3; ++joint) {
    power += std::abs(double{o[9 + 2 * joint]}) / 3;
    at_limit += std::abs(o[8 + 2 * joint]) > 0.99F;
  }
  // Internal torques in the air leave the centre of mass where it is, but not the mean of the
  // parts: bounded, not zero.
  const double progress = double{driven.reward} - (1 - 2 * power - 0.1 - 0.1 * at_limit);
  CHECK(power > 0.1);
  CHECK(std::abs(progress) < 1);
}

TEST_CASE("HalfCheetah goes on whatever happens") {
  const Run still = run("HalfCheetah", 5, 1000, 0.5F);
  CHECK(still.steps == 1000);
  CHECK_FALSE(still.terminated);
}

TEST_CASE("progress is the speed of the parts' mean times n / (n + 1): it adds up to the distance covered") {
  // HalfCheetah never ends. With no torque and away from limits the reward is alive + progress, so
  // that over an episode of no torque the sum of (reward - alive - limits) * 16.5 ms is how far the
  // mean of the parts has come.
  const auto env = make_environment("HalfCheetah");
  Vector o(26), none = Vector::Zero(6);
  env->reset(9, o);
  State state(env->state_dim());
  env->read_state(state);
  const RobotModel model = read_model("half_cheetah");
  const auto mean_x = [&] {
    env->read_state(state);
    Eigen::VectorXd q(model.dofs());
    for (Eigen::Index i = 0; i < q.size(); ++i) q[i] = state[13 + 2 * i];
    const auto poses = link_poses(model, Eigen::Isometry3d(Eigen::Translation3d(0, 0, 0)), q);
    double sum = 3 * poses[1].translation().x();
    for (std::size_t i = 1; i < poses.size(); ++i) {
      sum += (poses[i] * model.links[i].inertial).translation().x();
      if (i > 1) sum += poses[i].translation().x();
    }
    return sum / 17;
  };
  const double start = mean_x();
  double progress = 0;
  for (int t = 0; t < 30; ++t) {
    const Vector before = o;
    const StepResult step = env->step(none, o);
    int at_limit = 0;
    for (int joint = 0; joint < 6; ++joint) at_limit += std::abs(o[8 + 2 * joint]) > 0.99F;
    const bool on_feet = o[21] == 0 && o[22] == 0 && o[24] == 0 && o[25] == 0 && std::abs(o[7]) < 1;
    progress += double{step.reward} - (on_feet ? 1 : -1) + 0.1 * at_limit;
  }
  CHECK((progress * kActionTime) == Approx(mean_x() - start).margin(1e-5));
}

TEST_CASE("random actions earn what they earn in PyBullet's environments") {
  // PyBullet 3.2.7, mean return and length over 60 episodes (40 for the pendulum), with the
  // standard error of the return.
  struct Known {
    const char* id;
    double mean, error, length;
  };
  const Known known = GENERATE(Known{"Hopper", 19.96, 0.35, 11.7}, Known{"Walker2D", 16.43, 0.42, 13.7},
                               Known{"InvertedDoublePendulum", 296.3, 9.6, 31.9});
  CAPTURE(known.id);
  const auto env = make_environment(known.id);
  const auto actor = make_random_actor(env->spec().action.size());
  double sum = 0, length = 0;
  constexpr int kEpisodes = 200;
  for (int i = 0; i < kEpisodes; ++i) {
    const Episode episode = rollout(*env, *actor, 100 + static_cast<std::uint64_t>(i));
    for (const float reward : episode.rewards) sum += double{reward} / kEpisodes;
    length += static_cast<double>(episode.length()) / kEpisodes;
  }
  CHECK(std::abs(sum - known.mean) < 4 * known.error);
  CHECK(length == Approx(known.length).epsilon(0.12));
}

TEST_CASE("an upright pole on a cart is at rest for ever and earns 1 per action") {
  const auto env = make_environment("InvertedPendulum");
  Vector o(5), none = Vector::Zero(1);
  env->reset(1, o);
  const float angle = std::atan2(o[3], o[2]);
  CHECK(std::abs(angle) < 0.1F);
  const StepResult step = env->step(none, o);
  CHECK(step.reward == 1);
  // It falls to the side it leans to.
  CHECK(std::signbit(o[4]) == std::signbit(angle));
  const Run fall = run("InvertedPendulum", 1, 1000, 0);
  CHECK(fall.terminated);
  CHECK(std::abs(std::atan2(fall.observation[3], fall.observation[2])) > 0.2F);
}

TEST_CASE("a hanging pole on a free cart swings at the frequency of its linearised equations") {
  // Cart M, pole m with centre at l from the hinge and moment I: small swings about hanging have
  // w² = (M + m) m g l / ((M + m)(I + m l²) - m² l²). Starts at rest at a small angle: count zero crossings.
  const double M = 10.471976, m = 5.018592, l = 0.3, I = 0.2665395, g = 9.8;
  const double w = std::sqrt((M + m) * m * g * l / ((M + m) * (I + m * l * l) - m * m * l * l));
  const auto env = make_environment("InvertedPendulumSwingup");
  Vector o(5), none = Vector::Zero(1);
  env->reset(2, o);
  std::vector<double> crossings;
  // The pole's centre is 0.5 mm off its axis, so that it hangs at 0.0017 rad.
  double before = 0;
  for (int t = 1; t <= 400; ++t) {
    env->step(none, o);
    const double angle =
        std::remainder(std::atan2(double{o[3]}, double{o[2]}) - M_PI, 2 * M_PI) + 0.0005 / 0.3;
    if (t > 1 && before < 0 && angle >= 0) crossings.push_back(t - angle / (angle - before));
    before = angle;
  }
  REQUIRE(crossings.size() > 2);
  const double period =
      (crossings.back() - crossings.front()) / static_cast<double>(crossings.size() - 1) * kActionTime;
  CHECK((period) == Approx(2 * M_PI / w).epsilon(0.01));
}

TEST_CASE("a double pendulum near upright earns a little less than 9.36 per action") {
  const Run first = run("InvertedDoublePendulum", 4, 1, 0);
  const double height = 2 - std::sqrt(10 - first.reward);  // of the tip, x is nearly 0
  CHECK(height > 1.15);
  CHECK(height < 1.2001);
  CHECK(first.reward < 9.36);
}

TEST_CASE("Reacher without torque earns nothing; with torque its gains add up to the distance covered") {
  CHECK(std::abs(run("Reacher", 6, 150, 0).sum) < 1e-4);
  const auto env = make_environment("Reacher");
  Vector o(9), push = Vector::Zero(2);
  push[0] = 0.4F;
  env->reset(6, o);
  const double start = double{o.segment<2>(2).norm()};
  double gained = 0;
  for (int t = 0; t < 150; ++t) {
    const StepResult step = env->step(push, o);
    double costs = 0.1 * 0.4 * std::abs(double{o[6]}) + 0.01 * 0.4;
    if (std::abs(std::abs(double{o[7]}) - 1) < 0.01) costs += 0.1;
    gained += double{step.reward} + costs;
  }
  CHECK((gained) == Approx(100 * (start - double{o.segment<2>(2).norm()})).margin(1e-2));
}

}  // namespace
}  // namespace understudy
