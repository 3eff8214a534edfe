#include "bc/cloning/cloning.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "bc/networks/divergence_error.h"
#include "bc/networks/losses.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

/// Actions of a linear controller on a double integrator, with noise.
CloningPairs linear_pairs(int count, double noise, std::uint64_t seed) {
  Rng rng(seed);
  CloningPairs pairs{Matrix(count, 2), Matrix(count, 1)};
  for (int i = 0; i < count; ++i) {
    const double position = rng.uniform(-1, 1);
    const double velocity = rng.uniform(-1, 1);
    pairs.observations.row(i) << static_cast<float>(position), static_cast<float>(velocity);
    pairs.actions(i, 0) =
        static_cast<float>(-(2.585701 * position + 3.443436 * velocity) + noise * rng.normal());
  }
  return pairs;
}

CloningConfig small_config() {
  CloningConfig config;
  config.hidden = {16, 16};
  config.batch = 32;
  config.epochs = 10;
  config.epoch_updates = 20;
  config.weight_decay = 0;
  return config;
}

std::string saved(Cloning& cloning) {
  Archive archive;
  cloning.serialise(archive);
  return archive.bytes();
}

void restore(Cloning& cloning, const std::string& bytes) {
  Archive archive(bytes, "test");
  cloning.serialise(archive);
  archive.finish();
}

}  // namespace

TEST_CASE("cloning a linear expert recovers its gain matrix within 1 %", "[bc]") {
  // Discrete-time LQR, dt = 0.1, A = [[1, .1], [0, 1]], B = [.005, .1], Q = I, R = 0.1. The gain and the
  // solution of the Riccati equation below belong together: K = (R + B'PB)^-1 B'PA.
  const Eigen::Matrix2d p = (Eigen::Matrix2d() << 13.317224, 3.201562, 3.201562, 4.603514).finished();
  const Eigen::Matrix2d a = (Eigen::Matrix2d() << 1, 0.1, 0, 1).finished();
  const Eigen::Vector2d b(0.005, 0.1);
  const Eigen::RowVector2d k = (b.transpose() * p * a) / (0.1 + b.dot(p * b));
  REQUIRE(k(0) == Approx(2.585701).epsilon(1e-5));
  REQUIRE(k(1) == Approx(3.443436).epsilon(1e-5));

  CloningConfig config;
  config.hidden = {};
  config.squash = false;
  config.weight_decay = 0;
  config.learning_rate = 0.05;
  config.epochs = 20;
  config.batch = 256;
  config.epoch_updates = 50;
  Cloning cloning(config, linear_pairs(5000, 0.05, 1));
  while (cloning.updates() < 1000) cloning.update();
  const Policy policy = cloning.policy();
  // The policy's gain on raw observations is weight times scale.
  CHECK(-mlp_of(policy).parameters(0) * policy.normaliser.scale(0) == Approx(k(0)).epsilon(0.01));
  CHECK(-mlp_of(policy).parameters(1) * policy.normaliser.scale(1) == Approx(k(1)).epsilon(0.01));
  // What is left is the noise: its variance is 0.0025, known to 3 standard errors of 5000 samples.
  CHECK(cloning.loss(linear_pairs(5000, 0.05, 2)) == Approx(0.0025).epsilon(3 * std::sqrt(2.0 / 5000)));
}

TEST_CASE("the Gaussian likelihood's optimum is the data's mean and deviation", "[bc]") {
  // Constant observation, actions from N(0.2, 0.3^2): the best loss is 1/2 log(2 pi e 0.09) = 0.21497.
  Rng rng(11);
  const int count = 4000;
  CloningPairs pairs{Matrix::Ones(count, 1), Matrix(count, 1)};
  for (int i = 0; i < count; ++i) pairs.actions(i, 0) = static_cast<float>(0.2 + 0.3 * rng.normal());
  const double mean = pairs.actions.cast<double>().mean();
  const double deviation = std::sqrt((pairs.actions.cast<double>().array() - mean).square().mean());

  CloningConfig config;
  config.hidden = {};
  config.squash = false;
  config.weight_decay = 0;
  config.likelihood = Likelihood::kGaussian;
  config.learning_rate = 0.02;
  config.batch = 1000;
  config.epochs = 10;
  Cloning cloning(config, pairs);
  while (cloning.updates() < 1000) cloning.update();
  const Policy policy = cloning.policy();
  // One input, two outputs: weights [0, 1] (times a normalised observation of 0), then biases [mean, raw].
  const double raw = static_cast<double>(mlp_of(policy).parameters(3));
  CHECK(static_cast<double>(mlp_of(policy).parameters(2)) == Approx(mean).margin(2e-3));
  CHECK(std::log1p(std::exp(raw)) + static_cast<double>(kMinDeviation) == Approx(deviation).epsilon(0.01));
  CHECK(cloning.loss(pairs) ==
        Approx(0.5 * std::log(2 * std::numbers::pi * std::numbers::e * deviation * deviation)).margin(1e-3));
}

TEST_CASE("for unit variance the Gaussian likelihood's optimum is 1.41894", "[bc]") {
  // Two actions at mean -+ 1: mean square deviation exactly 1, so L = 1/2 log(2 pi e). The floor of sigma is
  // 0.01, so raw = softplus^-1(0.99) = log(e^0.99 - 1).
  Matrix mean = Matrix::Constant(2, 1, 3);
  Matrix raw = Matrix::Constant(2, 1, static_cast<float>(std::log(std::exp(0.99) - 1)));
  Matrix action(2, 1);
  action << 2, 4;
  Matrix mean_gradient(2, 1);
  Matrix raw_gradient(2, 1);
  CHECK(gaussian_nll(mean, raw, action, 0.01F, mean_gradient, raw_gradient) == Approx(1.41894).margin(1e-5));
  CHECK(std::abs(mean_gradient.sum()) < 1e-6F);
  CHECK(std::abs(raw_gradient.sum()) < 1e-6F);
}

TEST_CASE("a squared error averages two modes, as theory says it must", "[bc]") {
  // Targets -1 and +1 with deviation 0.1: the best constant is 0, with loss 1 + 0.1^2 = 1.01.
  Rng rng(12);
  const int count = 4000;
  CloningPairs pairs{Matrix::Ones(count, 1), Matrix(count, 1)};
  for (int i = 0; i < count; ++i) {
    pairs.actions(i, 0) = static_cast<float>((i % 2 == 0 ? 1 : -1) + 0.1 * rng.normal());
  }
  CloningConfig config = small_config();
  config.hidden = {};
  config.squash = false;
  config.learning_rate = 0.02;
  config.batch = 1000;
  Cloning cloning(config, pairs);
  while (cloning.updates() < 200) cloning.update();
  CHECK(std::abs(mlp_of(cloning.policy()).parameters(1)) < 0.02F);
  CHECK(cloning.loss(pairs) == Approx(1.01).epsilon(0.01));
}

TEST_CASE("a network learns what a linear map cannot", "[bc]") {
  Rng rng(13);
  CloningPairs pairs{Matrix(2000, 2), Matrix(2000, 1)};
  for (int i = 0; i < 2000; ++i) {
    const double x = rng.uniform(-1, 1);
    const double y = rng.uniform(-1, 1);
    pairs.observations.row(i) << static_cast<float>(x), static_cast<float>(y);
    pairs.actions(i, 0) = static_cast<float>(x * y);  // variance 1/9, no linear part
  }
  const auto activation = GENERATE(Activation::kTanh, Activation::kRelu);
  CloningConfig config = small_config();
  config.activation = activation;
  config.learning_rate = 5e-3;
  config.epochs = 20;
  config.epoch_updates = 100;
  Cloning cloning(config, pairs);
  for (int i = 0; i < 2000; ++i) cloning.update();
  CHECK(cloning.loss(pairs) < 0.001);
}

TEST_CASE("the same seed trains to the same bits, another seed to others", "[bc]") {
  const auto train = [](std::uint64_t seed) {
    CloningConfig config = small_config();
    config.seed = seed;
    config.observation_noise = 0.1;
    Cloning cloning(config, linear_pairs(300, 0.1, 1));
    for (int i = 0; i < 60; ++i) cloning.update();
    return mlp_of(cloning.policy()).parameters;
  };
  CHECK(train(1) == train(1));
  CHECK(train(1) != train(2));
}

TEST_CASE("a restored state continues bit for bit", "[bc]") {
  CloningConfig config = small_config();
  config.observation_noise = 0.05;
  config.batch = 77;  // so that the state is taken in the middle of a shuffle
  Cloning whole(config, linear_pairs(300, 0.1, 1));
  for (int i = 0; i < 50; ++i) whole.update();

  Cloning first(config, linear_pairs(300, 0.1, 1));
  for (int i = 0; i < 23; ++i) first.update();
  Cloning second(config, linear_pairs(300, 0.1, 1));
  restore(second, saved(first));
  for (int i = 0; i < 27; ++i) second.update();
  CHECK(mlp_of(second.policy()).parameters == mlp_of(whole.policy()).parameters);
  CHECK(saved(second) == saved(whole));
}

TEST_CASE("a state of another network or dataset is refused", "[bc]") {
  Cloning cloning(small_config(), linear_pairs(300, 0, 1));
  CloningConfig other_config = small_config();
  other_config.hidden = {8};
  Cloning other(other_config, linear_pairs(300, 0, 1));
  CHECK_THROWS_WITH(restore(cloning, saved(other)), ContainsSubstring("cloning parameters: want"));
  Cloning fewer(small_config(), linear_pairs(200, 0, 1));
  CHECK_THROWS_WITH(restore(cloning, saved(fewer)), ContainsSubstring("cloning rows: want 300, found 200"));
}

TEST_CASE("a state with a row or a position outside the data is refused", "[bc]") {
  Cloning cloning(small_config(), linear_pairs(300, 0, 1));
  const std::string good = saved(cloning);
  const auto changed = [&](const std::string& field, std::size_t entry, int value) {
    std::string bytes = good;
    const std::size_t place = bytes.find(field) + field.size() + entry;
    bytes.replace(place, sizeof value, reinterpret_cast<const char*>(&value), sizeof value);
    return bytes;
  };
  CHECK_NOTHROW(restore(cloning, good));
  // A list's number of entries stands before them, 8 bytes.
  CHECK_THROWS_WITH(restore(cloning, changed("cloning order", 8, 300)),
                    ContainsSubstring("cloning order: want every row of the data once"));
  CHECK_THROWS_WITH(restore(cloning, changed("cloning order", 12, -1)),
                    ContainsSubstring("cloning order: want every row of the data once"));
  CHECK_THROWS_WITH(restore(cloning, changed("cloning cursor", 0, 301)),
                    ContainsSubstring("cloning cursor: want a number from 0 to 300, found 301"));
}

TEST_CASE("every row is seen once before any is seen twice", "[bc]") {
  // With a linear network, no normalisation and actions equal to the row's number, the losses of single-row
  // batches would not tell rows apart reliably; the order itself does.
  CloningConfig config = small_config();
  config.batch = 10;
  Cloning cloning(config, linear_pairs(50, 0, 1));
  cloning.update();
  const std::vector<int> first = cloning.order();
  for (int i = 0; i < 4; ++i) cloning.update();
  CHECK(cloning.order() == first);
  auto sorted = first;
  std::sort(sorted.begin(), sorted.end());
  for (int i = 0; i < 50; ++i) REQUIRE(sorted[static_cast<std::size_t>(i)] == i);
  cloning.update();
  CHECK(cloning.order() != first);
}

TEST_CASE("a row that weighs twice counts as much as two, and one that weighs nothing is not drawn", "[bc]") {
  const Likelihood likelihood = GENERATE(Likelihood::kMse, Likelihood::kGaussian);
  CloningConfig config = small_config();
  config.likelihood = likelihood;
  CloningPairs weighted = linear_pairs(3, 0.1, 1);
  weighted.weights = {2, 0, 1};
  CloningPairs repeated{Matrix(3, 2), Matrix(3, 1)};
  for (const auto& [to, from] : {std::pair{0, 0}, {1, 0}, {2, 2}}) {
    repeated.observations.row(to) = weighted.observations.row(from);
    repeated.actions.row(to) = weighted.actions.row(from);
  }
  Cloning cloning(config, linear_pairs(50, 0.1, 2));
  CHECK(cloning.loss(weighted) == Approx(cloning.loss(repeated)).epsilon(1e-5));

  config.batch = 6;
  Cloning on_weighted(config, weighted);
  CHECK(on_weighted.order().size() == 2);
  weighted.weights = {0, 0, 0};
  CHECK_THROWS_WITH(Cloning(config, weighted), ContainsSubstring("has weight 0; raise --correction-weight"));
  weighted.weights = {1, -1, 1};
  CHECK_THROWS_WITH(Cloning(config, weighted), ContainsSubstring("want weights of at least 0, found -1"));
}

TEST_CASE("the gradient of weighted rows is that of rows repeated", "[bc]") {
  CloningConfig config = small_config();
  config.batch = 3;
  config.normalise = false;
  config.likelihood = Likelihood::kGaussian;
  CloningPairs weighted = linear_pairs(2, 0.1, 1);
  weighted.weights = {2, 1};
  weighted.observations.conservativeResize(3, 2);  // so that a batch is of all rows
  weighted.actions.conservativeResize(3, 1);
  weighted.observations.row(2).setZero();
  weighted.actions.row(2).setZero();
  weighted.weights.push_back(1);
  CloningPairs repeated = weighted;
  repeated.observations.conservativeResize(4, 2);
  repeated.actions.conservativeResize(4, 1);
  repeated.observations.row(3) = weighted.observations.row(0);
  repeated.actions.row(3) = weighted.actions.row(0);
  repeated.weights.clear();
  Cloning one(config, weighted);
  config.batch = 4;
  Cloning other(config, repeated);
  CHECK(one.update().gradient_norm == Approx(other.update().gradient_norm).epsilon(1e-4));
}

TEST_CASE("every batch has its share of every file, however few rows that has", "[bc]") {
  BatchRows rows({{0, 1}, {2, 3, 4, 5, 6, 7, 8, 9}}, {1, 3});
  Rng rng(1);
  std::vector<int> seen(10), batch(8);
  for (int i = 0; i < 12; ++i) {
    rows.next(rng, batch.data(), 8);
    CHECK(std::count_if(batch.begin(), batch.end(), [](int row) { return row < 2; }) == 2);
    for (const int row : batch) ++seen[static_cast<std::size_t>(row)];
  }
  CHECK(seen == std::vector<int>{12, 12, 9, 9, 9, 9, 9, 9, 9, 9});
  BatchRows alike({{0, 1}, {2, 3, 4, 5, 6, 7, 8, 9}}, {});
  seen.assign(10, 0);
  for (int i = 0; i < 5; ++i) {
    alike.next(rng, batch.data(), 8);
    for (const int row : batch) ++seen[static_cast<std::size_t>(row)];
  }
  CHECK(seen == std::vector<int>(10, 4));
}

TEST_CASE("shares of batches go on where they were saved", "[bc]") {
  BatchRows whole({{0, 1}, {2, 3, 4}}, {1, 2});
  Rng rng(1);
  std::vector<int> batch(4), again(4);
  whole.next(rng, batch.data(), 4);
  Archive saved;
  whole.serialise(saved);
  BatchRows resumed({{0, 1}, {2, 3, 4}}, {1, 2});
  Archive loaded(saved.bytes(), "here");
  resumed.serialise(loaded);
  loaded.finish();
  Rng other = rng;
  whole.next(rng, batch.data(), 4);
  resumed.next(other, again.data(), 4);
  CHECK(batch == again);
}

TEST_CASE("the learning rate rises along a line, where it is warmed up, before it falls", "[bc]") {
  const LearningRate rate{.full = 0.8, .final_share = 0.1, .warm_up = 4, .updates = 24};
  CHECK(learning_rate_at(rate, 0) == Approx(0.2));
  CHECK(learning_rate_at(rate, 3) == Approx(0.8));
  CHECK(learning_rate_at(rate, 4) == Approx(0.8));
  CHECK(learning_rate_at(rate, 14) == Approx(0.8 * (0.1 + 0.9 * 0.5)));
  CHECK(learning_rate_at(rate, 24) == Approx(0.08));
}

TEST_CASE("a training that begins with another's policy begins with its numbers and its normaliser", "[bc]") {
  CloningConfig config = small_config();
  Cloning before(config, linear_pairs(300, 0, 1));
  for (int i = 0; i < 150; ++i) before.update();
  const Policy policy = before.policy();
  const CloningPairs others = linear_pairs(40, 0, 2);
  Cloning after(config, others, nullptr, &policy);
  CHECK(after.loss(others) == before.loss(others));
  config.hidden = {8};
  CHECK_THROWS_WITH(Cloning(config, others, nullptr, &policy),
                    ContainsSubstring("warm start: want 33 parameters"));
}

TEST_CASE("the learning rate falls along half a cosine to its final share", "[bc]") {
  CloningConfig config = small_config();
  config.learning_rate = 0.01;
  config.final_learning_rate = 0.1;
  Cloning cloning(config, linear_pairs(100, 0, 1));
  CHECK(cloning.update().learning_rate == Approx(0.01));
  while (cloning.updates() < 100) cloning.update();
  CHECK(cloning.update().learning_rate == Approx(0.01 * (0.1 + 0.9 * 0.5)));  // half way of 200 updates
  while (cloning.updates() < 200) cloning.update();
  CHECK(cloning.update().learning_rate == Approx(0.001));
}

TEST_CASE("training that diverges says at which update", "[bc]") {
  CloningConfig config = small_config();
  config.squash = false;
  config.hidden = {};
  config.learning_rate = 1e30;
  Cloning cloning(config, linear_pairs(100, 0, 1));
  try {
    for (int i = 0; i < 50; ++i) cloning.update();
    FAIL("did not diverge");
  } catch (const DivergenceError& error) {
    CHECK(error.step() == cloning.updates() + 1);
    CHECK((error.metric() == "loss" || error.metric() == "gradient norm"));
    CHECK_THAT(error.what(), ContainsSubstring("lower the learning rate"));
  }
}

TEST_CASE("options out of range are refused by name", "[bc]") {
  const auto refused = [](const char* message, auto change) {
    CloningConfig config;
    change(config);
    CHECK_THROWS_WITH(validate(config), ContainsSubstring(message));
    CHECK_THROWS_AS(validate(config), UsageError);
  };
  refused("--hidden: want widths from 1", [](CloningConfig& c) { c.hidden = {64, 0}; });
  refused("--learning-rate: want a number from 1e-300 to 1e+30, found 0",
          [](CloningConfig& c) { c.learning_rate = 0; });
  refused("learning-rate", [](CloningConfig& c) { c.learning_rate = std::nan(""); });
  refused("--final-learning-rate: want a number from 1e-300 to 1, found 2",
          [](CloningConfig& c) { c.final_learning_rate = 2; });
  refused("weight-decay", [](CloningConfig& c) { c.weight_decay = -1; });
  refused("observation-noise", [](CloningConfig& c) { c.observation_noise = -0.1; });
  refused("--batch: want a number from 1 to 1e+09, found 0", [](CloningConfig& c) { c.batch = 0; });
  refused("epochs", [](CloningConfig& c) { c.epochs = 0; });
  refused("epoch-updates", [](CloningConfig& c) { c.epoch_updates = -5; });
  CHECK_NOTHROW(validate(CloningConfig{}));
}

TEST_CASE("data that cannot be learnt from is refused", "[bc]") {
  CHECK_THROWS_WITH(Cloning(small_config(), CloningPairs{Matrix(0, 2), Matrix(0, 1)}),
                    ContainsSubstring("at least one transition"));
  CHECK_THROWS_WITH(Cloning(small_config(), CloningPairs{Matrix::Zero(3, 2), Matrix::Zero(2, 1)}),
                    ContainsSubstring("found 2 for 3"));
  CloningPairs pairs = linear_pairs(10, 0, 1);
  pairs.observations(4, 1) = std::nanf("");
  CHECK_THROWS_WITH(Cloning(small_config(), pairs), ContainsSubstring("not finite"));
}

}  // namespace understudy
