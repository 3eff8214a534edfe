// How networks see: what the encoder makes of pictures whose answer is known.

#include "bc/designs/vision.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "bc/designs/designs.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/design_network.h"

namespace understudy {
namespace {

constexpr int kAct = 2;

/// Without layers after the pictures, so that actions are linear in what is seen.
DesignConfig seeing(const VisionConfig& vision, const std::string& kind = "feedforward") {
  DesignConfig config = default_design(kind);
  config.head.name = "deterministic";
  for (int& width : config.widths) width = 16;
  config.width = 16;
  config.feedforward = 32;
  config.latent = 4;
  config.vision = vision;
  return config;
}

VisionConfig one_camera(int width, int height, int crop) {
  return {.cameras = {{"eye", width, height}}, .network = "cnn", .crop = crop, .keypoints = 4, .features = 8};
}

/// `source` with another `plan`.
std::string with_plan(std::string source, const std::string& body) {
  const std::size_t at = source.find("def plan(");
  REQUIRE(at != std::string::npos);
  source.replace(at, 9, "def old_plan(");
  return source +
         "def plan(self, observations: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]:\n" +
         body;
}

std::vector<float> random_picture(std::size_t numbers, Rng& rng) {
  std::vector<float> picture(numbers);
  for (float& level : picture) level = static_cast<float>(rng.below(256));
  return picture;
}

TEST_CASE("the spatial softmax of one bright place is its coordinates, of none the middle") {
  constexpr int kWidth = 32, kHeight = 24;
  const SequenceDesign design =
      make_design("feedforward", seeing(one_camera(kWidth, kHeight, 0)), kWidth * kHeight * 3, kAct);
  DesignNetwork net(design, kWidth * kHeight * 3, kAct, 1,
                    with_plan(design.source,
                              "    map = observations.reshape(1, 24, 32, 3)[..., 0].unsqueeze(1)\n"
                              "    return self.places_of(map).unsqueeze(1), state\n"));
  Rng rng(1);
  std::vector<float> state(1);
  for (int i = 0; i < 20; ++i) {
    const int column = static_cast<int>(rng.below(kWidth)), row = static_cast<int>(rng.below(kHeight));
    std::vector<float> picture(kWidth * kHeight * 3);
    picture[static_cast<std::size_t>((row * kWidth + column) * 3)] = 255;
    const std::vector<float> place = net.plan(picture, state, {0});
    CAPTURE(column, row);
    CHECK(static_cast<double>(place[0]) == Approx(-1 + 2.0 * column / (kWidth - 1)).margin(1e-5));
    CHECK(static_cast<double>(place[1]) == Approx(-1 + 2.0 * row / (kHeight - 1)).margin(1e-5));
  }
  const std::vector<float> middle = net.plan(std::vector<float>(kWidth * kHeight * 3), state, {0});
  CHECK(static_cast<double>(middle[0]) == Approx(0).margin(1e-6));
  CHECK(static_cast<double>(middle[1]) == Approx(0).margin(1e-6));
}

TEST_CASE("a whole picture is seen as its middle: nothing outside matters, and everything inside does") {
  constexpr int kSide = 24, kCrop = 5;  // 2 pixels off the left and the top, 3 off the right and the bottom
  DesignNetwork net(
      make_design("feedforward", seeing(one_camera(kSide, kSide, kCrop)), 1 + kSide * kSide * 3, kAct),
      1 + kSide * kSide * 3, kAct);
  Rng rng(2);
  std::vector<float> whole{0.5F}, middle{0.5F}, state(1);
  const std::vector<float> picture = random_picture(kSide * kSide * 3, rng);
  whole.insert(whole.end(), picture.begin(), picture.end());
  const auto inside = [](int row, int column) {
    return std::min(row, column) >= 2 && std::max(row, column) < 21;
  };
  for (int row = 0; row < kSide; ++row) {
    for (int column = 0; column < kSide; ++column) {
      const auto* pixel = picture.data() + (row * kSide + column) * 3;
      if (inside(row, column)) middle.insert(middle.end(), pixel, pixel + 3);
    }
  }
  const std::vector<float> wanted = net.plan(whole, state, {0});
  const auto planned_of_middle = [&] {
    std::vector<float> actions(2), next(1);
    net.network->plan({{"", {1, 1, static_cast<std::int64_t>(middle.size())}, middle.data()},
                       {"", {1, 1}, state.data()},
                       {"", {1, 1}, state.data()}},
                      actions, next);
    return actions;
  };
  CHECK(planned_of_middle() == wanted);
  for (const auto& [row, column] : {std::pair{1, 10}, {10, 1}, {21, 10}, {10, 21}, {2, 2}, {20, 20}}) {
    CAPTURE(row, column);
    std::vector<float> other = whole;
    for (int c = 0; c < 3; ++c) {
      float& level = other[static_cast<std::size_t>(1 + (row * kSide + column) * 3 + c)];
      level = level > 127 ? 0.0F : 255.0F;
    }
    CHECK((net.plan(other, state, {0}) == wanted) == !inside(row, column));
  }
}

TEST_CASE(
    "every kind and network sees: its gradient is what finite differences say, down to the first layer") {
  struct Case {
    std::string kind, network;
  };
  const auto c = GENERATE(Case{"feedforward", "cnn"}, Case{"feedforward", "resnet18"},
                          Case{"recurrent", "cnn"}, Case{"transformer", "cnn"}, Case{"act", "cnn"},
                          Case{"diffusion", "cnn"}, Case{"flow", "cnn"}, Case{"stream", "cnn"});
  CAPTURE(c.kind, c.network);
  const int more = c.network == "resnet18" ? 17 : 0;
  VisionConfig vision{.cameras = {{"left", 20 + more, 18 + more}, {"right", 18 + more, 20 + more}},
                      .network = c.network,
                      .crop = 2,
                      .keypoints = 4,
                      .features = 6};
  const int fields = 2, in_training = fields + cropped_numbers(vision);
  CHECK(in_training == 2 + 2 * (18 + more) * (16 + more) * 3);
  DesignNetwork net(make_design(c.kind, seeing(vision, c.kind), fields + picture_numbers(vision), kAct),
                    in_training, kAct);
  constexpr std::size_t kSamples = 2;
  Rng rng(3);
  std::vector<float> observations;
  for (std::size_t i = 0; i < kSamples * static_cast<std::size_t>(net.design.window); ++i) {
    observations.insert(observations.end(), {0.3F, -0.4F});
    const auto pictures = random_picture(static_cast<std::size_t>(cropped_numbers(vision)), rng);
    observations.insert(observations.end(), pictures.begin(), pictures.end());
  }
  auto actions = normal_numbers(kSamples * static_cast<std::size_t>(net.design.targets * kAct), rng, 0.4);
  for (float& action : actions) action = std::clamp(action, -0.95F, 0.95F);
  const std::vector<float> weights(kSamples * static_cast<std::size_t>(net.design.targets), 1.0F);
  const auto noise =
      normal_numbers(kSamples * static_cast<std::size_t>(std::max(1, net.design.loss_noise)), rng);
  // Further from a uniform softmax than a training begins, where first layers matter little.
  Eigen::Index at = 0, first = -1, end = 0;
  for (const DesignTensor& tensor : net.design.tensors) {
    Eigen::Index count = 1;
    for (const std::int64_t size : tensor.shape) count *= static_cast<Eigen::Index>(size);
    if (tensor.name.find("camera_0_maps_weight") == 0)
      net.parameters.segment(at, count) *= c.network == "cnn" ? 20 : 1;
    if (first < 0 && tensor.name.find("camera_0") == 0) {
      first = at;
      end = at + count;
    }
    at += count;
  }
  REQUIRE(first >= 0);
  net.loss(kSamples, observations, actions, weights, noise, true);
  const Vector gradient = net.gradient;
  CHECK(gradient.segment(first, end - first).cwiseAbs().maxCoeff() > 0);
  for (int i = 0; i < 3; ++i) {
    // Along the gradient, and along it with the first camera's first layer alone.
    Vector direction = gradient;
    if (i == 1) direction.setZero();
    if (i == 1) direction.segment(first, end - first) = gradient.segment(first, end - first);
    if (i == 2) {
      for (float& value : direction) value *= static_cast<float>(rng.uniform());
    }
    direction /= direction.norm();
    constexpr float kStep = 2e-3F;
    const Vector start = net.parameters;
    net.parameters.array() = start.array() + kStep * direction.array();
    const double up = net.loss(kSamples, observations, actions, weights, noise, false);
    net.parameters.array() = start.array() - kStep * direction.array();
    const double down = net.loss(kSamples, observations, actions, weights, noise, false);
    net.parameters.array() = start.array();
    const double wanted = static_cast<double>(gradient.dot(direction));
    CAPTURE(i);
    CHECK((up - down) / (2 * static_cast<double>(kStep)) ==
          Approx(wanted).epsilon(0.05).margin(0.003 * static_cast<double>(gradient.norm())));
  }
}

TEST_CASE("frames of a window go through the same weights: swapped frames are swapped features") {
  constexpr int kSide = 16;
  DesignConfig config = seeing(one_camera(kSide, kSide, 0));
  config.history = 2;
  const SequenceDesign design = make_design("feedforward", config, kSide * kSide * 3, 16);
  DesignNetwork net(design, kSide * kSide * 3, 16, 1,
                    with_plan(design.source, "    return self.see(observations).reshape(1, 1, 16), state\n"));
  Rng rng(4);
  const auto a = random_picture(kSide * kSide * 3, rng), b = random_picture(kSide * kSide * 3, rng);
  std::vector<float> ab = a, ba = b, state(1);
  ab.insert(ab.end(), b.begin(), b.end());
  ba.insert(ba.end(), a.begin(), a.end());
  const std::vector<float> first = net.plan(ab, state, {0});
  std::vector<float> second = net.plan(ba, state, {0});
  CHECK(first != second);
  std::rotate(second.begin(), second.begin() + 8, second.end());
  for (std::size_t i = 0; i < first.size(); ++i)
    CHECK(static_cast<double>(first[i]) == Approx(static_cast<double>(second[i])).margin(1e-6));
}

TEST_CASE("sizes that no encoder has are refused, naming them") {
  const auto made = [](const VisionConfig& vision) {
    return make_design("feedforward", seeing(vision), 3 + picture_numbers(vision), kAct);
  };
  CHECK_THROWS_WITH(made(one_camera(84, 20, 8)),
                    "side of camera eye 84x20 cropped by 8: want 16 to 4096, found 12");
  VisionConfig vision = one_camera(84, 84, 8);
  vision.network = "resnet";
  CHECK_THROWS_WITH(made(vision),
                    ContainsSubstring("vision network 'resnet'") && ContainsSubstring("resnet18"));
  vision = one_camera(40, 84, 8);
  vision.network = "resnet18";
  CHECK_THROWS_WITH(made(vision), ContainsSubstring("want 33 to 4096, found 32"));
  vision = one_camera(84, 84, -1);
  CHECK_THROWS_WITH(made(vision), "crop: want 0 to 4096, found -1");
  CHECK_THROWS_WITH(make_design("feedforward", seeing(one_camera(20, 20, 0)), 1199, kAct),
                    ContainsSubstring("1200 numbers of pictures, found 1199"));
}

TEST_CASE("what a design sees comes back from its description") {
  const DesignConfig config = seeing(one_camera(40, 30, 4));
  const DesignConfig back = design_from_json(design_json(config));
  CHECK(back.vision.cameras == config.vision.cameras);
  CHECK(back.vision.crop == 4);
  CHECK(back.vision.keypoints == 4);
  CHECK(back.vision.features == 8);
  CHECK(design_json(default_design("act")).find("vision") == std::string::npos);
}

}  // namespace
}  // namespace understudy
