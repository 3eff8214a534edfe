#include "bc/adaptation/adaptation_networks.h"

#include <cmath>
#include <utility>

namespace understudy {
namespace {

constexpr double kGanDeviation = 0.02;  // Zhu et al. 2017
constexpr int kResiduals = 4;

/// Collects layers; every function returns an expression.
class Layers {
 public:
  Layers(AdaptationPart& part, std::string name, double deviation)
      : part_(part), name_(std::move(name)), deviation_(deviation) {}

  std::string convolution(const std::string& x, int in, int out, int kernel, int stride, int padding) {
    const auto [weight, bias] = tensors({out, in, kernel, kernel}, out, in * kernel * kernel);
    return "torch.conv2d(" + x + ", " + weight + ", " + bias + ", [" + both(stride) + "], [" + both(padding) +
           "])";
  }
  std::string reflected(const std::string& x, int in, int out, int kernel) {
    const std::string p = std::to_string(kernel / 2);
    return convolution("torch.reflection_pad2d(" + x + ", [" + p + ", " + p + ", " + p + ", " + p + "])", in,
                       out, kernel, 1, 0);
  }
  /// Twice as wide and high.
  std::string upward(const std::string& x, int in, int out) {
    const auto [weight, bias] = tensors({in, out, 3, 3}, out, in * 9);
    return "torch.conv_transpose2d(" + x + ", " + weight + ", " + bias + ", [2, 2], [1, 1], [1, 1])";
  }
  std::string linear(const std::string& x, int in, int out) {
    const auto [weight, bias] = tensors({out, in}, out, in);
    return "torch.addmm(" + bias + ", " + x + ", " + weight + ".t())";
  }
  static std::string normal(const std::string& x) {
    return "torch.instance_norm(" + x + ", None, None, None, None, True, 0.0, 1e-5, False)";
  }

 private:
  static std::string both(int value) { return std::to_string(value) + ", " + std::to_string(value); }

  /// Deviation 0: He et al. 2015.
  std::pair<std::string, std::string> tensors(std::vector<std::int64_t> shape, int out, int fan_in) {
    const std::string name = name_ + "_" + std::to_string(count_++);
    part_.tensors.push_back({.name = name + "_weight",
                             .shape = std::move(shape),
                             .deviation = deviation_ > 0 ? deviation_ : std::sqrt(2.0 / fan_in)});
    part_.tensors.push_back({.name = name + "_bias", .shape = {out}, .deviation = 0});
    return {"self." + name + "_weight", "self." + name + "_bias"};
  }

  AdaptationPart& part_;
  std::string name_;
  double deviation_;
  int count_ = 0;
};

std::string head(const std::string& name) {
  return "def " + name + "(self, x: Tensor) -> Tensor:\n";
}

/// Three convolutions of 5 x 5 that halve: 29 pixels of the picture in each place.
std::string trunk(Layers& layers, int last) {
  return "    x = torch.relu(" + layers.convolution("x", 3, 16, 5, 2, 2) + ")\n" +   //
         "    x = torch.relu(" + layers.convolution("x", 16, 32, 5, 2, 2) + ")\n" +  //
         "    x = torch.relu(" + layers.convolution("x", 32, last, 5, 2, 2) + ")\n";
}

}  // namespace

std::int64_t AdaptationPart::size() const {
  std::int64_t sum = 0;
  for (const Tensor& tensor : tensors) {
    std::int64_t count = 1;
    for (const std::int64_t side : tensor.shape) count *= side;
    sum += count;
  }
  return sum;
}

void AdaptationPart::add(const AdaptationPart& other) {
  tensors.insert(tensors.end(), other.tensors.begin(), other.tensors.end());
  source += other.source;
}

AdaptationPart generator_part(const std::string& name, int outputs) {
  AdaptationPart part;
  Layers layers(part, name, kGanDeviation);
  std::string text = head(name);
  const auto active = [&](const std::string& x) {
    text += "    x = torch.relu(" + Layers::normal(x) + ")\n";
  };
  active(layers.reflected("x", 3, 16, 7));
  active(layers.convolution("x", 16, 32, 3, 2, 1));
  active(layers.convolution("x", 32, 64, 3, 2, 1));
  for (int i = 0; i < kResiduals; ++i) {
    text += "    h = torch.relu(" + Layers::normal(layers.reflected("x", 64, 64, 3)) + ")\n";
    text += "    x = x + " + Layers::normal(layers.reflected("h", 64, 64, 3)) + "\n";
  }
  active(layers.upward("x", 64, 32));
  active(layers.upward("x", 32, 16));
  text += "    x = " + layers.reflected("x", 16, outputs, 7) + "\n";
  text += outputs == 3 ? "    return torch.tanh(x)\n"
                       : "    return torch.cat([torch.tanh(x[:, :3]), x[:, 3:]], 1)\n";
  part.source = text;
  return part;
}

AdaptationPart discriminator_part(const std::string& name) {
  AdaptationPart part;
  Layers layers(part, name, kGanDeviation);
  part.source =
      head(name) + "    x = torch.leaky_relu(" + layers.convolution("x", 3, 32, 4, 2, 1) + ", 0.2)\n";
  part.source +=
      "    x = torch.leaky_relu(" + Layers::normal(layers.convolution("x", 32, 64, 4, 2, 1)) + ", 0.2)\n";
  part.source += "    return " + layers.convolution("x", 64, 1, 4, 1, 1) + "\n";
  return part;
}

AdaptationPart detector_part(int classes) {
  AdaptationPart part;
  Layers layers(part, "detector", 0);
  part.source = head("detect") + trunk(layers, 64);
  part.source += "    return " + layers.convolution("x", 64, 3 * classes, 1, 1, 0) + "\n";
  return part;
}

AdaptationPart task_part(int actions) {
  AdaptationPart part;
  Layers layers(part, "task", 0);
  part.source = head("features") + trunk(layers, 32) + R"(
    shares = torch.softmax(x.flatten(2), -1).reshape(x.shape)
    across = (shares.sum(2) * torch.linspace(-1.0, 1.0, x.size(3))).sum(-1)
    down = (shares.sum(3) * torch.linspace(-1.0, 1.0, x.size(2))).sum(-1)
    return torch.cat([across, down], 1)
)";
  part.source += head("act") + "    return " + layers.linear("x", 64, actions) + "\n";
  return part;
}

Vector drawn_numbers(const AdaptationPart& part, Rng& rng) {
  Vector numbers(part.size());
  Eigen::Index at = 0;
  for (const AdaptationPart::Tensor& tensor : part.tensors) {
    std::int64_t count = 1;
    for (const std::int64_t side : tensor.shape) count *= side;
    for (std::int64_t i = 0; i < count; ++i)
      numbers[at++] = tensor.deviation > 0 ? static_cast<float>(tensor.deviation * rng.normal()) : 0.0F;
  }
  return numbers;
}

std::vector<ScriptTensor> tensors_in(const AdaptationPart& part, const Vector& numbers) {
  std::vector<ScriptTensor> list;
  const float* at = numbers.data();
  for (const AdaptationPart::Tensor& tensor : part.tensors) {
    list.push_back({.name = tensor.name, .shape = tensor.shape, .values = at});
    std::int64_t count = 1;
    for (const std::int64_t side : tensor.shape) count *= side;
    at += count;
  }
  return list;
}

}  // namespace understudy
