// What a Variation does between an actor and a task, and to a task's episodes.

#include <cmath>
#include <numbers>

#include "datasets/types/error.h"
#include "envs/randomisation/randomisation.h"
#include "envs/tasks/driving/drive.h"
#include "envs/world/bullet_task.h"
#include "envs/world/bullet_world.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

/// A ball without weight whose velocity is set to the action [m/s]; sees its place and what reached it. Its
/// start is drawn from the seed.
class Glider final : public BulletTask {
 public:
  Glider() : BulletTask(make_spec(), WorldOptions{.gravity = 0}) {}
  int state_dim() const override { return BulletWorld::kBodyState; }

 protected:
  void build(std::uint64_t seed) override {
    auto& shape = world().keep(std::make_unique<btSphereShape>(0.1 * variation().size("ball")));
    Rng rng(seed);
    const btVector3 start(rng.uniform(-1, 1), 0, 0);
    ball_ = &world().add_body(shape, btTransform(btQuaternion::getIdentity(), start), {.mass = 1});
    applied_ = Vector::Zero(2);
  }
  StepResult advance(ConstVectorRef action) override {
    applied_ = action;
    ball_->setLinearVelocity(btVector3(action[0], action[1], 0));
    for (int i = 0; i < spec().substeps; ++i) world().step();
    StepResult result;
    result.reward = static_cast<float>(ball_->getWorldTransform().getOrigin().x());
    return result;
  }
  void observe(VectorRef observation) const override {
    const btVector3& p = ball_->getWorldTransform().getOrigin();
    observation << static_cast<float>(p.x()), static_cast<float>(p.y()), applied_;
  }
  void write_state(StateRef state) const override { world().read_state(state); }
  void build_scene(Scene& scene) const override {
    for (const float red : {0.2F, 0.2F, 0.9F}) {
      SceneShape shape;
      shape.kind = ShapeKind::kSphere;
      shape.colour = {red, 0.5F, 0.5F};
      scene.shapes.push_back(shape);
    }
    scene.cameras.push_back({"front", 0, {0, -3, 1}, {0, 0, 1}, 0.9F});
    scene.cameras.push_back({"top", 0, {0, 0, 5}, {0, 0, 0}, 0.9F});
  }
  void pose_scene(ConstStateRef, Scene&) const override {}

 private:
  static EnvironmentSpec make_spec() {
    EnvironmentSpec spec;
    spec.id = "Glider";
    spec.summary = "glide", spec.success = "never", spec.layout = "default";
    spec.observation =
        Space({{"place", 2, "m", -1000, 1000, "x, y"}, {"applied", 2, "-", -10, 10, "as it came"}});
    spec.action = Space({{"vx", 1, "-", -1, 1, "along x"}, {"vy", 1, "-", -1, 1, "along y"}});
    spec.horizon = 5000;
    spec.dimensions = {{"ball", "the ball"}};
    return spec;
  }
  btRigidBody* ball_ = nullptr;
  Vector applied_;
};

struct Trace {
  Matrix observations;  ///< [steps + 1, 4]
  StateMatrix states;   ///< [steps + 1, 13]
  std::vector<float> rewards;
};

Trace play(Environment& task, const Matrix& actions, std::uint64_t seed = 4) {
  Trace trace{Matrix(actions.rows() + 1, 4), StateMatrix(actions.rows() + 1, 13), {}};
  Vector observation(4);
  State state(13);
  task.reset(seed, observation);
  for (Eigen::Index t = 0;; ++t) {
    trace.observations.row(t) = observation.transpose();
    task.read_state(state);
    trace.states.row(t) = state.transpose();
    if (t == actions.rows()) return trace;
    trace.rewards.push_back(task.step(actions.row(t).transpose(), observation).reward);
  }
}

Trace play_varied(const Variation& variation, const Matrix& actions, std::uint64_t seed = 4) {
  Glider task;
  task.vary([variation](std::uint64_t) { return variation; });
  return play(task, actions, seed);
}

Matrix random_actions(int steps) {
  Rng rng(77);
  Matrix actions(steps, 2);
  for (float& a : actions.reshaped()) a = static_cast<float>(rng.uniform(-1, 1));
  return actions;
}

TEST_CASE("latency shifts what reaches the task by exactly so many steps, behind zeros") {
  const int latency = GENERATE(0, 1, 2, 7);
  const Matrix actions = random_actions(40);
  const Trace trace = play_varied({.latency = latency}, actions);
  for (int t = 0; t < 40; ++t) {
    CAPTURE(latency, t);
    const Vector applied = trace.observations.row(t + 1).tail(2).transpose();
    const Vector want = t < latency ? Vector(Vector::Zero(2)) : Vector(actions.row(t - latency).transpose());
    REQUIRE(applied == want);
  }
  // And the motion with it: the same displacement, so many steps later.
  Glider nominal;
  const Trace prompt = play(nominal, actions);
  CHECK(trace.states(latency + 20, 0) - trace.states(0, 0) ==
        Approx(prompt.states(20, 0) - prompt.states(0, 0)).margin(1e-12));
}

TEST_CASE("gain scales what reaches the task, beyond 1 as well, each entry by its own spread") {
  const Matrix actions = Matrix::Ones(3, 2);
  CHECK(play_varied({.gain = 1.25}, actions).observations.row(3).tail(2) == Matrix::Constant(1, 2, 1.25F));
  const Trace spread = play_varied({.gain = 2, .gain_spread = 0.1}, actions);
  const float x = spread.observations(1, 2), y = spread.observations(1, 3);
  CHECK(x != y);
  CHECK((std::abs(std::log(x / 2)) < 0.5 && std::abs(std::log(y / 2)) < 0.5));
  CHECK(spread.observations(3, 2) == x);  // the same throughout the episode
  double sum = 0, squares = 0;
  constexpr int kEpisodes = 1000;
  for (std::uint64_t seed = 0; seed < kEpisodes; ++seed) {
    const double drawn =
        std::log(play_varied({.gain_spread = 0.1}, actions.topRows(1), seed).observations(1, 2));
    sum += drawn, squares += drawn * drawn;
  }
  CHECK(std::abs(sum / kEpisodes) < 4 * 0.1 / std::sqrt(kEpisodes));
  CHECK(std::sqrt(squares / kEpisodes) == Approx(0.1).epsilon(4 / std::sqrt(2.0 * kEpisodes)));
}

TEST_CASE(
    "action noise has its deviation, stays within the action's bounds and is not recorded as the action") {
  constexpr int kSteps = 3000;
  Glider task;
  task.vary([](std::uint64_t) { return Variation{.action_noise = 0.1}; });
  Matrix actions = Matrix::Zero(kSteps, 2);
  actions.col(1).setOnes();
  const Trace trace = play(task, actions);
  const Eigen::ArrayXd x = trace.observations.col(2).tail(kSteps).cast<double>().array();
  CHECK(std::abs(x.mean()) < 4 * 0.1 / std::sqrt(kSteps));
  CHECK(std::sqrt((x - x.mean()).square().mean()) == Approx(0.1).epsilon(4 / std::sqrt(2.0 * kSteps)));
  // White: neighbours are not correlated.
  CHECK(std::abs((x.head(kSteps - 1) * x.tail(kSteps - 1)).mean()) < 4 * 0.01 / std::sqrt(kSteps));
  CHECK(trace.observations.col(3).maxCoeff() <= 1);
  CHECK(trace.observations.col(3).tail(kSteps).minCoeff() < 0.9F);
  CHECK(task.save_state().actions == actions);
}

TEST_CASE("sensor noise has its deviation and never enters the simulation or the reward") {
  constexpr int kSteps = 3000;
  const Matrix actions = Matrix::Zero(kSteps, 2);
  Glider nominal;
  const Trace clean = play(nominal, actions);
  Variation variation{.sensor_noise = 0.01};  // of 20: 0.2 on what was applied
  variation.field_noise["place"] = 0.05;
  const Trace noisy = play_varied(variation, actions);
  CHECK(noisy.states == clean.states);
  CHECK(noisy.rewards == clean.rewards);
  const double wanted[4] = {0.05, 0.05, 0.2, 0.2};
  for (int i = 0; i < 4; ++i) {
    CAPTURE(i);
    const Eigen::ArrayXd noise =
        (noisy.observations.col(i) - clean.observations.col(i)).cast<double>().array();
    CHECK(std::abs(noise.mean()) < 4 * wanted[i] / std::sqrt(kSteps));
    CHECK(std::sqrt(noise.square().mean()) == Approx(wanted[i]).epsilon(4 / std::sqrt(2.0 * kSteps)));
    CHECK(noise[0] != 0);  // the first observation has it, too
  }
  // Noise on one field alone leaves the draws of the others where they were.
  Variation one;
  one.field_noise["applied"] = 0.2;
  const Trace less = play_varied(one, actions);
  CHECK(less.observations.rightCols(2) == noisy.observations.rightCols(2));
  CHECK(less.observations.leftCols(2) == clean.observations.leftCols(2));
}

TEST_CASE("noisy observations stay within the bounds of their fields") {
  Variation variation;
  variation.field_noise["applied"] = 100;
  const Trace trace = play_varied(variation, Matrix::Zero(50, 2));
  CHECK(trace.observations.rightCols(2).maxCoeff() == 10);
  CHECK(trace.observations.rightCols(2).minCoeff() == -10);
}

/// A bit of everything that acts while an episode runs.
Variation busy() {
  Variation variation{.gravity = 0.4,
                      .mass = 1.2,
                      .mass_spread = 0.1,
                      .drag = 0.3,
                      .latency = 2,
                      .action_noise = 0.1,
                      .gain = 0.9,
                      .gain_spread = 0.1,
                      .sensor_noise = 0.001};
  variation.sizes["ball"] = 1.5;
  return variation;
}

TEST_CASE("a snapshot takes its variation along, noise included, into an object that has none") {
  const Matrix actions = random_actions(30);
  const Trace whole = play_varied(busy(), actions);
  Glider task, other;
  task.vary([](std::uint64_t) { return busy(); });
  play(task, actions.topRows(17));
  const Snapshot snapshot = task.save_state();
  CHECK(snapshot.variation == busy());
  Vector observation(4), mine(4);
  State state(13);
  other.restore_state(snapshot, observation);
  CHECK(other.variation() == busy());
  CHECK(observation.transpose() == whole.observations.row(17));
  for (Eigen::Index t = 17; t < 30; ++t) {
    other.step(actions.row(t).transpose(), observation);
    other.read_state(state);
    REQUIRE(observation.transpose() == whole.observations.row(t + 1));
    REQUIRE(state.transpose() == whole.states.row(t + 1));
  }
  // The next reset is the task as it is again.
  Glider nominal;
  other.reset(4, observation);
  nominal.reset(4, mine);
  CHECK(observation == mine);
  CHECK(other.variation().empty());
}

TEST_CASE("the same seed draws and does the same; what was drawn can be given back instead of drawn again") {
  Randomisation randomisation;
  for (const auto& [key, value] : values_of(busy())) {
    if (key == "actuators.latency") {
      randomisation.set(key, {Distribution::Kind::kInteger, {0, 3}});
    } else {
      randomisation.set(key, {Distribution::Kind::kUniform, {0.9 * value, 1.1 * value}});
    }
  }
  Glider drawn;
  drawn.vary([randomisation](std::uint64_t seed) { return randomisation.draw(seed); });
  const Matrix actions = random_actions(25);
  const Trace one = play(drawn, actions, 8);
  const Variation kept = variation_from_json(to_json(drawn.variation()), "kept");
  const Trace two = play(drawn, actions, 9);
  const Trace again = play(drawn, actions, 8);
  const Trace given = play_varied(kept, actions, 8);
  CHECK(
      (one.states == again.states && one.observations == again.observations && one.rewards == again.rewards));
  CHECK((one.states == given.states && one.observations == given.observations));
  CHECK_FALSE(one.states == two.states);
}

TEST_CASE("without a source, or with one that varies nothing, an episode has the bits it always had") {
  const Matrix actions = random_actions(25);
  Glider nominal, emptied;
  emptied.vary([](std::uint64_t) { return busy(); });
  play(emptied, actions);
  emptied.vary({});
  const Trace want = play(nominal, actions);
  const Trace cleared = play(emptied, actions), idle = play_varied({}, actions);
  CHECK((cleared.states == want.states && cleared.observations == want.observations));
  CHECK((idle.states == want.states && idle.observations == want.observations));
}

TEST_CASE("a variation that does not fit is refused at the reset") {
  Glider task;
  Variation wrong;
  wrong.sizes["cube"] = 1.1;
  task.vary([wrong](std::uint64_t) { return wrong; });
  Vector observation(4);
  CHECK_THROWS_WITH(task.reset(1, observation), ContainsSubstring("geometry.cube"));
}

TEST_CASE("colours that were equal stay equal, mixed with random ones by the share that was drawn") {
  Glider task;
  Vector observation(4);
  const auto colours = [&](double share, std::uint64_t seed) {
    task.vary([share](std::uint64_t) { return Variation{.colour = share}; });
    task.reset(seed, observation);
    std::vector<Eigen::Vector3f> found;
    for (const SceneShape& shape : task.scene().shapes) found.push_back(shape.colour);
    return found;
  };
  const auto plain = colours(0, 1), some = colours(0.5, 1), full = colours(1, 1), other = colours(1, 2);
  CHECK(plain[0] == Eigen::Vector3f(0.2F, 0.5F, 0.5F));
  CHECK(full[0] == full[1]);
  CHECK_FALSE(full[0] == full[2]);
  CHECK_FALSE(full[0] == other[0]);
  CHECK((some[0] - (plain[0] + full[0]) / 2).norm() < 1e-6F);
}

TEST_CASE("light and cameras turn and move by what was drawn") {
  Glider task;
  Vector observation(4);
  task.reset(1, observation);
  const Scene plain = task.scene();
  const double azimuth = std::atan2(-0.36, 0.42);
  task.vary([](std::uint64_t) {
    return Variation{.light_azimuth = 0.5,
                     .light_elevation = -0.2,
                     .light_intensity = 0.5,
                     .camera_x = 0.3,
                     .camera_yaw = std::numbers::pi / 2,
                     .field_of_view = 1.5};
  });
  task.reset(1, observation);
  const Scene& varied = task.scene();
  CHECK(varied.revision != plain.revision);
  CHECK(std::atan2(varied.light.direction.y(), varied.light.direction.x()) ==
        Approx(azimuth + 0.5).epsilon(1e-5));
  const double rise = std::asin(plain.light.direction.normalized().z());
  CHECK(std::asin(varied.light.direction.normalized().z()) == Approx(rise - 0.2).epsilon(1e-5));
  CHECK(varied.light.intensity == 0.5F);
  // The front camera looked along y from (0, -3, 1); turned left by 90 degrees it looks along -x.
  CHECK((varied.cameras[0].eye - Eigen::Vector3f(0.3F, -3, 1)).norm() < 1e-6F);
  CHECK((varied.cameras[0].target - varied.cameras[0].eye - Eigen::Vector3f(-3, 0, 0)).norm() < 1e-5F);
  CHECK(varied.cameras[0].field_of_view == Approx(1.35F));

  task.vary([](std::uint64_t) { return Variation{.camera_pitch = 0.4}; });
  task.reset(1, observation);
  const Eigen::Vector3f ahead = task.scene().cameras[0].target - task.scene().cameras[0].eye;
  CHECK(std::atan2(ahead.z(), ahead.y()) == Approx(0.4).epsilon(1e-5));
  // Straight down, towards y: a camera without a horizon pitches all the same.
  const Eigen::Vector3f down = task.scene().cameras[1].target - task.scene().cameras[1].eye;
  CHECK(down.z() == Approx(-5 * std::cos(0.4)).epsilon(1e-5));
}

/// Forward speed of Drive's car after `seconds` of `throttle` straight ahead.
double drive_speed(const Variation& variation, const std::vector<std::pair<double, float>>& phases) {
  const auto task = make_drive();
  task->vary([variation](std::uint64_t) { return variation; });
  Vector observation(drive::kObservationSize);
  task->reset(3, observation);
  for (const auto& [seconds, throttle] : phases) {
    for (int t = 0; t < static_cast<int>(30 * seconds); ++t)
      task->step(Eigen::Vector2f(0, throttle), observation);
  }
  return observation[drive::kSpeed];
}

TEST_CASE(
    "a car is slower when it is heavier, faster when it is stronger, and slides on when it has less grip") {
  const std::vector<std::pair<double, float>> start{{0.8, 1.0F}}, stop{{0.8, 1.0F}, {0.3, -1.0F}};
  const double nominal = drive_speed({}, start);
  CHECK(nominal > 2);
  CHECK(drive_speed({.mass = 1.3}, start) < 0.85 * nominal);
  CHECK(drive_speed({.strength = 1.3}, start) > 1.15 * nominal);
  CHECK(drive_speed({.gain = 0.5}, start) < 0.6 * nominal);
  // Brakes that give 7.4 m/s², rolling included, and tyres that hold a third of that: Bullet counts half of
  // the forward force against the grip of 0.11 to 0.125 g.
  const double lost = nominal - drive_speed({}, stop);
  const double lost_on_ice = drive_speed({.friction = 0.1}, start) - drive_speed({.friction = 0.1}, stop);
  CHECK(lost == Approx(0.3 * 7.4).epsilon(0.1));
  CHECK(lost_on_ice < 0.4 * lost);
}

TEST_CASE("a task that cannot be varied says so, and is not bothered by nothing") {
  class Plain final : public Environment {
   public:
    Plain() { spec_.id = "Plain"; }
    const EnvironmentSpec& spec() const override { return spec_; }
    void reset(std::uint64_t, VectorRef) override {}
    StepResult step(ConstVectorRef, VectorRef) override { return {}; }
    Snapshot save_state() const override { return {}; }
    void restore_state(const Snapshot&, VectorRef) override {}
    int state_dim() const override { return 0; }
    void read_state(StateRef) const override {}
    void show_state(ConstStateRef) override {}
    const Scene& scene() override { return scene_; }
    double engine_seconds() const override { return 0; }

   private:
    EnvironmentSpec spec_;
    Scene scene_;
  } plain;
  CHECK_NOTHROW(plain.vary({}));
  CHECK(plain.variation().empty());
  CHECK_THROWS_WITH(plain.vary([](std::uint64_t) { return Variation{}; }),
                    ContainsSubstring("Plain") && ContainsSubstring("cannot be varied"));
}

}  // namespace
}  // namespace understudy
