// What only memory can clone; and that training is the same bits, resumed too.

#include "bc/cloning/sequence_cloning.h"

#include <algorithm>
#include <cmath>

#include "bc/policies/sequence_policy.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

/// Episodes of `length` in which the action is the first entry of the observation three steps before.
CloningPairs delayed_copies(int episodes, int length, std::uint64_t seed) {
  Rng rng(seed);
  CloningPairs pairs{Matrix(episodes * length, 1), Matrix(episodes * length, 1), {}};
  for (int e = 0; e < episodes; ++e) {
    for (int t = 0; t < length; ++t) {
      const int row = e * length + t;
      pairs.observations(row, 0) = static_cast<float>(rng.uniform(-0.9, 0.9));
      pairs.actions(row, 0) = t < 3 ? 0 : pairs.observations(row - 3, 0);
    }
    pairs.lengths.push_back(length);
  }
  return pairs;
}

SequenceCloningConfig small(const std::string& kind) {
  SequenceCloningConfig config;
  config.kind = kind;
  config.design = default_design(kind);
  config.design.width = 32;
  for (int& width : config.design.widths) width = 32;
  config.design.feedforward = 64;
  config.batch = 32;
  config.epochs = 12;
  config.threads = 2;
  return config;
}

double trained(SequenceCloning& cloning, int updates) {
  double loss = 0;
  for (int i = 0; i < updates; ++i) loss = cloning.update().loss;
  return loss;
}

/// Mean squared error of acting on episodes of `pairs`, the first three steps left out.
double acting_error(const Policy& policy, const CloningPairs& pairs) {
  Policy whole = policy;
  const auto actor = policy_actor(whole);
  double error = 0;
  int count = 0, row = 0;
  for (const int length : pairs.lengths) {
    actor->reset(0, 1);
    for (int t = 0; t < length; ++t, ++row) {
      Matrix action(1, 1);
      actor->act(pairs.observations.row(row), action);
      if (t < 3) continue;
      error += std::pow(static_cast<double>(action(0, 0) - pairs.actions(row, 0)), 2);
      ++count;
    }
  }
  return error / count;
}

Policy with_spaces(Policy policy, int obs_dim, int act_dim) {
  policy.environment_id = "Made";
  policy.observation = Space({{"seen", obs_dim, "-", -10, 10, ""}});
  policy.action = Space({{"done", act_dim, "-", -1, 1, ""}});
  return policy;
}

TEST_CASE("a copy that comes three steps late is cloned by memory or a window, and by nothing without",
          "[slow]") {
  const auto [kind, cell] = GENERATE(std::pair<std::string, std::string>{"feedforward", "lstm"},
                                     std::pair<std::string, std::string>{"recurrent", "lstm"},
                                     std::pair<std::string, std::string>{"recurrent", "gru"},
                                     std::pair<std::string, std::string>{"transformer", "lstm"});
  CAPTURE(kind, cell);
  SequenceCloningConfig config = small(kind);
  config.design.head.name = "deterministic";
  config.design.cell = cell;
  // Longer sequences than the memory's reset, at which nothing can be known for three steps.
  if (kind == "recurrent") config.design.horizon = 30;
  config.learning_rate = 3e-3;
  SequenceCloning cloning(config, delayed_copies(100, 30, 1), 1, 1);
  trained(cloning, 1200);
  const double error = acting_error(with_spaces(cloning.policy(), 1, 1), delayed_copies(20, 30, 2));
  const double variance = 0.9 * 0.9 / 3;
  if (kind == "feedforward") {
    CHECK(error == Approx(variance).epsilon(0.2));
  } else {
    CHECK(error < (kind == "recurrent" ? 1e-3 : 0.01));
  }
}

/// A point that has to pass an obstacle ahead of it: at once to the left, as three of five people do, or to the right.
class Passage {
 public:
  static constexpr int kSteps = 6;

  explicit Passage(Rng& rng) : x_(0.02 * rng.normal()), y_(0.02 * rng.normal()) {}

  double y() const { return y_; }
  Matrix seen() const { return (Matrix(1, 2) << static_cast<float>(x_), static_cast<float>(y_)).finished(); }
  void move(double ahead, double sideways) {
    x_ += 0.4 * ahead;
    y_ += sideways;
    collided_ = collided_ || (std::abs(x_ - 0.2) < 0.1 && std::abs(y_) < 0.2);
  }
  bool passed() const { return !collided_ && x_ > 1; }

 private:
  double x_, y_;
  bool collided_ = false;
};

CloningPairs two_ways(int episodes, std::uint64_t seed) {
  Rng rng(seed);
  CloningPairs pairs{Matrix(episodes * Passage::kSteps, 2), Matrix(episodes * Passage::kSteps, 2), {}};
  for (int e = 0; e < episodes; ++e) {
    const double side = e % 5 < 3 ? 0.4 : -0.4;
    Passage passage(rng);
    for (int t = 0; t < Passage::kSteps; ++t) {
      const int row = e * Passage::kSteps + t;
      const double ahead = 0.5 + 0.02 * rng.normal();
      const double sideways = side - passage.y() + 0.02 * rng.normal();
      pairs.observations.row(row) = passage.seen();
      pairs.actions.row(row) << static_cast<float>(ahead), static_cast<float>(sideways);
      passage.move(ahead, sideways);
    }
    REQUIRE(passage.passed());
    pairs.lengths.push_back(Passage::kSteps);
  }
  return pairs;
}

struct Ways {
  int left = 0, right = 0, collided = 0;  ///< episodes
};

Ways drive(const Policy& policy, int episodes) {
  const auto actor = policy_actor(policy);
  Rng rng(3);
  Ways ways;
  for (int e = 0; e < episodes; ++e) {
    actor->reset(0, static_cast<std::uint64_t>(e) + 1);
    Passage passage(rng);
    for (int t = 0; t < Passage::kSteps; ++t) {
      Matrix action(1, 2);
      actor->act(passage.seen(), action);
      passage.move(static_cast<double>(action(0, 0)), static_cast<double>(action(0, 1)));
    }
    ++(!passage.passed() ? ways.collided : passage.y() > 0 ? ways.left : ways.right);
  }
  return ways;
}

TEST_CASE(
    "of two ways round an obstacle the mean hits it, and what knows several takes each as often as people "
    "did",
    "[slow]") {
  const auto [kind, head] = GENERATE(std::pair<std::string, std::string>{"feedforward", "deterministic"},
                                     std::pair<std::string, std::string>{"feedforward", "gmm"},
                                     std::pair<std::string, std::string>{"feedforward", "categorical"},
                                     std::pair<std::string, std::string>{"recurrent", "gmm"},
                                     std::pair<std::string, std::string>{"transformer", "gmm"},
                                     std::pair<std::string, std::string>{"act", ""},
                                     std::pair<std::string, std::string>{"diffusion", ""},
                                     std::pair<std::string, std::string>{"flow", ""});
  SequenceCloningConfig config = small(kind);
  if (!head.empty()) config.design.head.name = head;
  config.design.head.modes = 3;
  config.design.history = 1;
  config.design.horizon = std::min(config.design.horizon, Passage::kSteps);
  config.design.executed = std::min(config.design.executed, config.design.horizon);
  config.learning_rate = 2e-3;
  config.warm_up = 100;
  config.clip_gradient = 1;
  config.epochs = 24;
  const bool denoises = kind == "diffusion" || kind == "flow";
  if (denoises) {
    for (int& width : config.design.widths) width = 64;
    config.design.acting_steps = 10;  // of a flow, four blur what lies between two ways
    config.batch = 64;
    config.learning_rate = 1e-3;
    config.epochs = 60;
  }
  SequenceCloning cloning(config, two_ways(100, 1), 2, 2);
  trained(cloning, config.epochs * config.epoch_updates);
  const Ways ways = drive(with_spaces(cloning.policy(), 2, 2), 200);
  CAPTURE(kind, head, config.epoch_updates, ways.left, ways.right, ways.collided);
  if (head == "deterministic") {
    CHECK(ways.collided > 190);
  } else if (kind == "act") {  // acts by the middle of its latent, and the median of two ways is the commoner
    CHECK(ways.left > 190);
  } else {
    CHECK(ways.collided <= (denoises ? 20 : 10));
    CHECK(std::abs(ways.left - 120) <= 30);
    CHECK(std::abs(ways.right - 80) <= 30);
  }
}

TEST_CASE("training is the same bits again, on more threads, and resumed") {
  const std::string kind =
      GENERATE("feedforward", "ensemble", "recurrent", "transformer", "act", "diffusion", "flow", "stream");
  CAPTURE(kind);
  SequenceCloningConfig config = small(kind);
  config.design.width = 8;
  config.observation_noise = 0.05;
  config.clip_gradient = 1;
  for (int& width : config.design.widths) width = 8;
  const bool dropout = kind == "transformer";
  if (dropout) config.design.dropout = 0.1;
  config.batch = 7;
  const CloningPairs pairs = delayed_copies(4, 12, 1);
  SequenceCloning whole(config, pairs, 1, 1), half(config, pairs, 1, 1);
  std::vector<double> losses;
  for (int i = 0; i < 20; ++i) losses.push_back(whole.update().loss);
  for (int i = 0; i < 10; ++i) CHECK(half.update().loss == losses[static_cast<std::size_t>(i)]);
  Archive saved;
  half.serialise(saved);
  config.threads = 1;
  SequenceCloning resumed(config, pairs, 1, 1);
  Archive loaded(saved.bytes(), "here");
  resumed.serialise(loaded);
  loaded.finish();
  for (int i = 10; i < 20; ++i) CHECK(resumed.update().loss == losses[static_cast<std::size_t>(i)]);
  CHECK(resumed.loss(pairs) == whole.loss(pairs));
}

TEST_CASE("an ensemble knows at which doubt people took over: the mean of the last quarter") {
  SequenceCloningConfig config = small("ensemble");
  CloningPairs pairs = delayed_copies(4, 12, 1);
  pairs.takeovers.resize(8, 1);
  pairs.takeovers << 0.1F, 0.2F, 5, -3, 0.3F, 0.4F, 2, -6;
  SequenceCloning cloning(config, pairs, 1, 1);
  trained(cloning, 30);
  const Policy policy = with_spaces(cloning.policy(), 1, 1);
  const Vector found = doubts(policy, pairs.takeovers);
  CHECK(found.minCoeff() > 0);
  CHECK(dynamic_cast<const SequencePolicy&>(*policy.network).config().doubt ==
        Approx(0.5 * static_cast<double>(found[6] + found[7])));
  CHECK(doubt_threshold(Vector()) == 0);
}

TEST_CASE("the doubt of an ensemble is the norm of its members' variances") {
  DesignConfig design = default_design("ensemble");
  design.widths.clear();
  design.members = 2;
  Vector numbers = Vector::Zero(2 * 1 * 2 + 2 * 2);
  // Weights [2, 1, 2], then biases [2, 1, 2]: what the members say whatever they see.
  numbers.tail(4) << std::atanh(0.2F), std::atanh(-0.4F), std::atanh(0.6F), std::atanh(0.4F);
  Policy policy;
  policy.normaliser = identity_normaliser(1);
  policy.network = std::make_shared<const SequencePolicy>("ensemble", design, 1, 2, numbers);
  policy = with_spaces(policy, 1, 2);
  const Vector found = doubts(policy, Matrix::Zero(1, 1));
  CHECK(static_cast<double>(found[0]) == Approx(std::hypot(0.4 * 0.4 / 2, 0.8 * 0.8 / 2)).epsilon(1e-4));
  Matrix action(1, 2);
  policy_actor(policy)->act(Matrix::Zero(1, 1), action);
  CHECK(static_cast<double>(action(0, 0)) == Approx(0.4).epsilon(1e-4));
  CHECK(static_cast<double>(action(0, 1)) == Approx(0).margin(1e-6));
}

TEST_CASE("a training that begins with another's policy begins as that ended") {
  const std::string kind = GENERATE("recurrent", "act", "stream");
  CAPTURE(kind);
  SequenceCloningConfig config = small(kind);
  const CloningPairs pairs = delayed_copies(4, 12, 1), others = delayed_copies(3, 12, 2);
  SequenceCloning before(config, pairs, 1, 1);
  trained(before, 20);
  const Policy policy = before.policy();
  SequenceCloning after(config, others, 1, 1, &policy);
  CHECK(after.loss(others) == before.loss(others));
}

TEST_CASE("a checkpoint of another kind or size is refused") {
  SequenceCloningConfig config = small("recurrent");
  config.design.width = 8;
  const CloningPairs pairs = delayed_copies(4, 12, 1);
  SequenceCloning one(config, pairs, 1, 1);
  Archive saved;
  one.serialise(saved);
  config.design.width = 9;
  SequenceCloning other(config, pairs, 1, 1);
  Archive loaded(saved.bytes(), "here");
  CHECK_THROWS_AS(other.serialise(loaded), Error);
}

TEST_CASE("windows repeat what lies beyond an episode, and say so") {
  CloningPairs pairs{Matrix(5, 1), Matrix(5, 1), {2, 3}};
  pairs.observations << 1, 2, 3, 4, 5;
  pairs.actions << 0.1F, 0.2F, 0.3F, 0.4F, 0.5F;
  SequenceDesign design;
  design.window = 2;
  design.before = 1;
  design.first_target = 0;
  design.targets = 4;
  WindowBatch batch;
  const int rows[] = {2, 4, 1};
  WindowData(pairs, design).gather(rows, 3, batch);
  CHECK(batch.observations == std::vector<float>{3, 3, 4, 5, 1, 2});
  CHECK(batch.actions ==
        std::vector<float>{0, 0.3F, 0.4F, 0.5F, 0.4F, 0.5F, 0.5F, 0.5F, 0.1F, 0.2F, 0.2F, 0.2F});
  CHECK(batch.weights == std::vector<float>{0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0});
  design.pads_count = true;
  WindowData(pairs, design).gather(rows, 1, batch);
  CHECK(batch.weights == std::vector<float>{0, 1, 1, 1});
  pairs.weights = {1, 0, 3, 0, 0};
  WindowData(pairs, design).gather(rows, 1, batch);
  CHECK(batch.weights == std::vector<float>{0, 3, 0, 0});
  design.targets = 1;
  CHECK(WindowData(pairs, design).has_label(3));  // its window begins one before
  CHECK_FALSE(WindowData(pairs, design).has_label(4));
  pairs.lengths = {2};
  CHECK_THROWS_AS(WindowData(pairs, design), Error);
}

}  // namespace
}  // namespace understudy
