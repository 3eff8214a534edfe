// Every network that plans or remembers: its gradient against finite differences, and what is known of its parts.

#include "bc/designs/designs.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/design_network.h"

namespace understudy {
namespace {

constexpr int kObs = 3, kAct = 2;

/// As a kind is by itself, but small.
DesignConfig small(const std::string& kind) {
  DesignConfig config = default_design(kind);
  for (int& width : config.widths) width = 16;
  config.width = 16;
  config.feedforward = 32;
  config.latent = 4;
  return config;
}

/// `text` with what it calls `name` called otherwise.
std::string renamed(std::string text, const std::string& name, const std::string& other) {
  const std::string from = "def " + name + "(", to = "def " + other + "(";
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("the gradient of every kind and head is what finite differences say") {
  struct Case {
    std::string kind, head, cell;
  };
  const auto c =
      GENERATE(Case{"feedforward", "deterministic", "lstm"}, Case{"feedforward", "gaussian", "lstm"},
               Case{"feedforward", "tanh-gaussian", "lstm"}, Case{"feedforward", "gmm", "lstm"},
               Case{"feedforward", "categorical", "lstm"}, Case{"ensemble", "deterministic", "lstm"},
               Case{"recurrent", "gmm", "lstm"}, Case{"recurrent", "gmm", "gru"},
               Case{"transformer", "gmm", "lstm"}, Case{"act", "gmm", "lstm"},
               Case{"diffusion", "gmm", "lstm"}, Case{"flow", "gmm", "lstm"}, Case{"stream", "gmm", "lstm"});
  CAPTURE(c.kind, c.head, c.cell);
  DesignConfig config = small(c.kind);
  config.head.name = c.head;
  config.cell = c.cell;
  DesignNetwork net(make_design(c.kind, config, kObs, kAct), kObs, kAct);
  constexpr std::size_t kSamples = 5;
  Rng rng(3);
  const auto size = [](int a, int b) {
    return kSamples * static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
  };
  const auto observations = normal_numbers(size(net.design.window, kObs), rng);
  auto actions = normal_numbers(size(net.design.targets, kAct), rng, 0.4);
  for (float& action : actions) action = std::clamp(action, -0.95F, 0.95F);
  std::vector<float> weights(size(net.design.targets, 1), 1.0F);
  if (!net.design.pads_count && net.design.targets > 1) weights.back() = 0;
  const auto noise = normal_numbers(size(std::max(1, net.design.loss_noise), 1), rng);
  net.loss(kSamples, observations, actions, weights, noise, true);
  const Vector gradient = net.gradient;
  REQUIRE(gradient.cwiseAbs().maxCoeff() > 0);
  // Along random directions, in which a kink of one unit matters little.
  for (int i = 0; i < 4; ++i) {
    Vector direction(gradient.size());
    for (float& value : direction) value = static_cast<float>(rng.normal());
    direction /= direction.norm();
    constexpr float kStep = 2e-2F;
    const Vector start = net.parameters;
    net.parameters.array() = start.array() + kStep * direction.array();
    const double up = net.loss(kSamples, observations, actions, weights, noise, false);
    net.parameters.array() = start.array() - kStep * direction.array();
    const double down = net.loss(kSamples, observations, actions, weights, noise, false);
    net.parameters.array() = start.array();
    const double wanted = static_cast<double>(gradient.dot(direction));
    CHECK((up - down) / (2 * static_cast<double>(kStep)) ==
          Approx(wanted).epsilon(0.03).margin(0.003 * static_cast<double>(gradient.norm())));
  }
}

TEST_CASE("step by step a memory says what it says of a whole sequence, and so does a window") {
  const auto [kind, cell] = GENERATE(std::pair<std::string, std::string>{"recurrent", "lstm"},
                                     std::pair<std::string, std::string>{"recurrent", "gru"},
                                     std::pair<std::string, std::string>{"transformer", "lstm"});
  CAPTURE(kind, cell);
  DesignConfig config = small(kind);
  config.cell = cell;
  config.head.name = "deterministic";
  DesignNetwork net(make_design(kind, config, kObs, kAct), kObs, kAct);
  const int steps = net.design.window;
  Rng rng(4);
  const auto observations = normal_numbers(static_cast<std::size_t>(steps * kObs), rng);
  std::vector<float> state(static_cast<std::size_t>(std::max(1, net.design.state))), actions;
  for (int step = 0; step < steps; ++step) {
    // The window's first observations are what its plan does not see of the sequence.
    if (kind == "transformer" && step + 1 < steps) {
      actions.resize(actions.size() + kAct);
      continue;
    }
    const auto first = kind == "transformer" ? observations.begin() : observations.begin() + step * kObs;
    const auto action = net.plan({first, observations.begin() + (step + 1) * kObs}, state, {0});
    actions.insert(actions.end(), action.begin(), action.end());
  }
  std::vector<float> weights(static_cast<std::size_t>(steps), kind == "transformer" ? 0.0F : 1.0F);
  weights.back() = 1;
  CHECK(net.loss(1, observations, actions, weights, {0}, false) < 1e-12);
  actions.back() += 0.1F;
  CHECK(net.loss(1, observations, actions, weights, {0}, false) > 1e-4);
}

/// A network without layers, whose outputs are its last bias.
DesignNetwork constant_outputs(const HeadConfig& head, const std::vector<float>& outputs, int act_dim) {
  DesignConfig config = default_design("feedforward");
  config.widths.clear();
  config.head = head;
  DesignNetwork net(make_design("feedforward", config, 1, act_dim), 1, act_dim);
  REQUIRE(net.parameters.size() == static_cast<Eigen::Index>(2 * outputs.size()));
  net.parameters.head(static_cast<Eigen::Index>(outputs.size())).setZero();
  std::copy(outputs.begin(), outputs.end(),
            net.parameters.begin() + static_cast<std::ptrdiff_t>(outputs.size()));
  return net;
}

double mean_loss(DesignNetwork& net, const std::vector<float>& actions) {
  const int samples = static_cast<int>(actions.size()) / net.act_dim;
  const auto count = static_cast<std::size_t>(samples);
  return net.loss(samples, std::vector<float>(count), actions, std::vector<float>(count, 1.0F),
                  std::vector<float>(count), false);
}

float softplus_inverse(double value) {
  return static_cast<float>(std::log(std::expm1(value)));
}

TEST_CASE("likelihoods have their closed form") {
  SECTION("a Gaussian at its optimum: half the logarithm of 2 pi e s^2") {
    constexpr double kDeviation = 0.2;
    DesignNetwork net = constant_outputs({.name = "gaussian"}, {0, softplus_inverse(kDeviation - 0.01)}, 1);
    const double wanted = 0.5 * std::log(2 * std::numbers::pi * std::numbers::e * kDeviation * kDeviation);
    CHECK(mean_loss(net, {0.2F, -0.2F}) == Approx(wanted).epsilon(1e-5));
  }
  SECTION("two modes of deviation 0.1: log 2 + log 0.1 + log sqrt(2 pi) + 1/2") {
    const auto mean = static_cast<float>(std::atanh(0.8));
    const float deviation = softplus_inverse(0.1 - 1e-4);
    DesignNetwork net =
        constant_outputs({.name = "gmm", .modes = 2}, {0, 0, mean, -mean, deviation, deviation}, 1);
    CHECK(mean_loss(net, {0.9F, 0.7F, -0.9F, -0.7F}) == Approx(-0.1905).margin(1e-4));
  }
  SECTION("the squared error of what lies between two ways is their distance") {
    DesignNetwork net = constant_outputs({.name = "deterministic"}, {0}, 1);
    CHECK(mean_loss(net, {0.8F, -0.8F}) == Approx(0.64));
  }
  SECTION("bins: the logarithm of their number, whatever the action") {
    DesignNetwork net = constant_outputs({.name = "categorical", .bins = 8}, std::vector<float>(16, 0.3F), 2);
    CHECK(mean_loss(net, {-1, 1, 0.1F, -0.7F}) == Approx(2 * std::log(8)));
    // One bin likelier by e: that of 0.1, the fifth.
    std::vector<float> outputs(8, 0);
    outputs[4] = 1;
    DesignNetwork one = constant_outputs({.name = "categorical", .bins = 8}, outputs, 1);
    CHECK(mean_loss(one, {0.1F}) == Approx(std::log(7 + std::numbers::e) - 1));
    CHECK(mean_loss(one, {1.0F}) == Approx(std::log(7 + std::numbers::e)));
  }
  SECTION("a squashed Gaussian integrates to 1") {
    DesignNetwork net = constant_outputs({.name = "tanh-gaussian"}, {0.5F, softplus_inverse(0.59)}, 1);
    double integral = 0;
    constexpr int kSteps = 4000;
    for (int i = 0; i < kSteps; ++i) {
      const double action = -1 + 2 * (i + 0.5) / kSteps;
      if (std::abs(action) < 0.9999)
        integral += std::exp(-mean_loss(net, {static_cast<float>(action)})) * 2 / kSteps;
    }
    CHECK(integral == Approx(1).margin(2e-3));
  }
}

TEST_CASE("of a mixture's components each is drawn as often as its share") {
  const auto mean = static_cast<float>(std::atanh(0.5));
  const float deviation = softplus_inverse(0.1);
  DesignNetwork net =
      constant_outputs({.name = "gmm", .modes = 2},
                       {static_cast<float>(std::log(3.0)), 0, mean, -mean, deviation, deviation}, 1);
  Rng rng(1);
  int positive = 0;
  constexpr int kDraws = 2000;
  for (int i = 0; i < kDraws; ++i) {
    std::vector<float> state(1);
    const float action = net.plan({0}, state, normal_numbers(1, rng)).front();
    CHECK(std::abs(action) == Approx(0.5).epsilon(1e-5));
    positive += action > 0 ? 1 : 0;
  }
  CHECK(positive == Approx(0.75 * kDraws).margin(4 * std::sqrt(kDraws * 0.75 * 0.25)));
}

TEST_CASE("the cosine schedule has its published coefficients") {
  DesignConfig config = small("diffusion");
  const SequenceDesign design = make_design("diffusion", config, 1, 1);
  // The plan's first number becomes the schedule at the observation.
  const std::string source = renamed(design.source, "plan", "other_plan") + R"(
def plan(self, observations: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]:
    return self.signal(observations[0, 0]).repeat(1, 16, 1), state
)";
  DesignNetwork net(design, 1, 1, 1, source);
  struct Known {
    float t;
    double signal;
  };
  for (const Known& k : {Known{0, .99936872}, Known{1, .99825249}, Known{9, .97209274}, Known{24, .84701216},
                         Known{49, .49384359}, Known{74, .14427210}, Known{90, .01954438},
                         Known{98, 2.428572e-4}, Known{99, 2.428572e-7}}) {
    CAPTURE(k.t);
    std::vector<float> state(1);
    CHECK(static_cast<double>(net.plan({k.t, k.t}, state, std::vector<float>(16)).front()) ==
          Approx(k.signal).epsilon(2e-4));
  }
}

TEST_CASE("a diffusion whose noise is known ends at the one plan that there is") {
  DesignConfig config = small("diffusion");
  const SequenceDesign design = make_design("diffusion", config, 1, 1);
  // The noise in x when the plan is 0.3 throughout.
  const std::string source = renamed(design.source, "denoise", "other_denoise") + R"(
def denoise(self, x: Tensor, time: Tensor, condition: Tensor) -> Tensor:
    a = self.signal(time).reshape(-1, 1, 1)
    return (x - torch.sqrt(a) * 0.3) / torch.sqrt(1.0 - a)
)";
  DesignNetwork net(design, 1, 1, 1, source);
  Rng rng(2);
  std::vector<float> state(1);
  for (const float action : net.plan({0, 0}, state, normal_numbers(16, rng)))
    CHECK(action == Approx(0.3).margin(1e-4));
}

TEST_CASE("a flow whose velocity is known ends at the one plan that there is") {
  const SequenceDesign design = make_design("flow", small("flow"), 1, 1);
  const std::string source = renamed(design.source, "denoise", "other_denoise") + R"(
def denoise(self, x: Tensor, time: Tensor, condition: Tensor) -> Tensor:
    return (0.3 - x) / (1.0 - 0.01 * time.reshape(-1, 1, 1))
)";
  DesignNetwork net(design, 1, 1, 1, source);
  Rng rng(2);
  std::vector<float> state(1);
  for (const float action : net.plan({0, 0}, state, normal_numbers(16, rng)))
    CHECK(action == Approx(0.3).margin(1e-5));
}

TEST_CASE("the divergence of the encoder's Gaussian is that of its closed form") {
  DesignConfig config = small("act");
  config.latent = 1;
  config.kl_weight = 1;
  const SequenceDesign design = make_design("act", config, 1, 1);
  // Mean 0.5, log variance -1, and a guess that is right.
  std::string source =
      renamed(renamed(design.source, "encode", "other_encode"), "decode", "other_decode") + R"(
def encode(self, window: Tensor, actions: Tensor, weights: Tensor, train: bool) -> Tensor:
    return torch.cat([torch.full([window.size(0), 1], 0.5), torch.full([window.size(0), 1], -1.0)], 1)
def decode(self, window: Tensor, latent: Tensor, train: bool) -> Tensor:
    return torch.zeros([window.size(0), 20, 1])
)";
  DesignNetwork net(design, 1, 1, 1, source);
  std::vector<float> actions(40, 0), weights(40, 1);
  CHECK(net.loss(2, {0, 0}, actions, weights, {0, 0}, false) == Approx(0.30894).margin(1e-5));
  // A step counts by its share, and not where there is none.
  actions[3] = 1;
  CHECK(net.loss(2, {0, 0}, actions, weights, {0, 0}, false) == Approx(0.30894 + 1.0 / 40).margin(1e-5));
  weights[3] = 0;
  CHECK(net.loss(2, {0, 0}, actions, weights, {0, 0}, false) == Approx(0.30894).margin(1e-5));
}

TEST_CASE("sizes that make no network are refused by name") {
  const auto refused = [](const std::string& kind, const auto& change, const std::string& says) {
    DesignConfig config = default_design(kind);
    change(config);
    CHECK_THROWS_WITH(make_design(kind, config, 3, 2), ContainsSubstring(kind) && ContainsSubstring(says));
  };
  refused(
      "transformer", [](DesignConfig& c) { c.attention_heads = 3; }, "divide");
  refused(
      "act", [](DesignConfig& c) { c.executed = 21; }, "executed from 1 to 20");
  refused(
      "diffusion", [](DesignConfig& c) { c.horizon = 15; }, "a horizon that 2 divides");
  refused(
      "diffusion", [](DesignConfig& c) { c.widths = {12}; }, "widths that 8 divides");
  refused(
      "diffusion", [](DesignConfig& c) { c.acting_steps = 7; }, "divide");
  refused(
      "recurrent", [](DesignConfig& c) { c.history = 2; }, "history of 1");
  refused(
      "feedforward", [](DesignConfig& c) { c.dropout = 2; }, "dropout");
  CHECK_THROWS_WITH(make_design("recurent", {}, 3, 2), ContainsSubstring("recurrent"));
  DesignConfig config = default_design("feedforward");
  config.head.name = "gmn";
  CHECK_THROWS_WITH(make_design("feedforward", config, 3, 2), ContainsSubstring("gmm"));
}

TEST_CASE("a design's sizes survive as JSON, and damaged ones are refused") {
  for (const std::string& kind : design_names()) {
    CAPTURE(kind);
    const std::string json = design_json(default_design(kind));
    CHECK(design_json(design_from_json(json)) == json);
  }
  CHECK_THROWS(design_from_json("{}"));
  CHECK_THROWS(design_from_json(std::string(100'000, '[')));
}

}  // namespace
}  // namespace understudy
