// The conditional one-dimensional U-Net of diffusion policies (Chi et al. 2023; Janner et al. 2022), with FiLM (Perez
// et al. 2018): convolutions over time, each scaled and shifted by the condition.

#include "bc/designs/design_parts.h"

namespace understudy {
namespace {

constexpr int kKernel = 5;
constexpr int kGroups = 8;
constexpr int kTimeWidth = 64;  // of the step's embedding; ours, theirs is 256

class Unet {
 public:
  Unet(DesignBuilder& builder, int condition) : builder_(builder), condition_(condition) {}

  std::string convolution(const std::string& x, const std::string& name, int in, int out, int kernel,
                          int stride, int padding) {
    const std::string weight = builder_.weight(name + "_weight", {out, in, kernel}, in * kernel);
    const std::string bias = builder_.weight(name + "_bias", {out}, in * kernel);
    return "torch.conv1d(" + x + ", " + weight + ", " + bias + ", [" + number(stride) + "], [" +
           number(padding) + "])";
  }

  /// Convolution, group norm and Mish (Misra 2019).
  std::string block(const std::string& x, const std::string& name, int in, int out) {
    const std::string convolved = convolution(x, name, in, out, kKernel, 1, kKernel / 2);
    const std::string weight = builder_.constant(name + "_norm_weight", {out}, 1);
    const std::string bias = builder_.constant(name + "_norm_bias", {out}, 0);
    return "torch.mish(torch.group_norm(" + convolved + ", " + number(kGroups) + ", " + weight + ", " + bias +
           "))";
  }

  /// Lines that turn `x` [B, in, T] into [B, out, T].
  std::string residual(const std::string& name, int in, int out) {
    std::string text = "    f = " + builder_.linear("torch.mish(c)", name + "_film", condition_, 2 * out) +
                       ".unsqueeze(-1)\n";
    text += "    h = " + block("x", name + "_first", in, out) + "\n";
    text += "    h = f[:, :" + number(out) + "] * h + f[:, " + number(out) + ":]\n";
    text += "    h = " + block("h", name + "_second", out, out) + "\n";
    text += "    x = h + " + (in == out ? "x" : convolution("x", name + "_skip", in, out, 1, 1, 0)) + "\n";
    return text;
  }

  std::string upsample(const std::string& name, int width) {
    const std::string weight = builder_.weight(name + "_weight", {width, width, 4}, width * 4);
    const std::string bias = builder_.weight(name + "_bias", {width}, width * 4);
    return "    x = torch.conv_transpose1d(x, " + weight + ", " + bias + ", [2], [1])\n";
  }

 private:
  DesignBuilder& builder_;
  int condition_;
};

}  // namespace

void add_unet(DesignBuilder& builder, const DesignConfig& config, int condition, int act_dim) {
  builder.method(filled(R"(
def step_embedding(self, time: Tensor) -> Tensor:
    rates = torch.exp(torch.arange({half}).to(time) * (-9.210340371976184 / ({half} - 1)))
    angles = time.unsqueeze(-1) * rates
    return torch.cat([angles.sin(), angles.cos()], -1)
)",
                        {{"half", number(kTimeWidth / 2)}}));
  Unet unet(builder, kTimeWidth + condition);
  std::string text =
      "def denoise(self, x: Tensor, time: Tensor, condition: Tensor) -> Tensor:\n"
      "    e = self.step_embedding(time)\n"
      "    e = torch.mish(" +
      builder.linear("e", "time_wide", kTimeWidth, 4 * kTimeWidth) +
      ")\n"
      "    c = torch.cat([" +
      builder.linear("e", "time_narrow", 4 * kTimeWidth, kTimeWidth) + ", condition], -1)\n";
  const std::vector<int>& widths = config.widths;
  const int levels = static_cast<int>(widths.size());
  int in = act_dim;
  for (int level = 0; level < levels; ++level) {
    const int out = widths[static_cast<std::size_t>(level)];
    const std::string name = "down_" + number(level);
    text += unet.residual(name + "_0", in, out) + unet.residual(name + "_1", out, out);
    if (level > 0) text += "    s" + number(level) + " = x\n";
    if (level + 1 < levels)
      text += "    x = " + unet.convolution("x", name + "_stride", out, out, 3, 2, 1) + "\n";
    in = out;
  }
  text += unet.residual("middle_0", in, in) + unet.residual("middle_1", in, in);
  for (int level = levels - 1; level > 0; --level) {
    const int out = widths[static_cast<std::size_t>(level - 1)];
    const std::string name = "up_" + number(level);
    text += "    x = torch.cat([x, s" + number(level) + "], 1)\n";
    text += unet.residual(name + "_0", 2 * in, out) + unet.residual(name + "_1", out, out);
    text += unet.upsample(name + "_stride", out);
    in = out;
  }
  text += "    x = " + unet.block("x", "last", in, in) + "\n";
  text += "    return " + unet.convolution("x", "out", in, act_dim, 1, 1, 0) + "\n";
  builder.method(text);
}

SequenceDesign denoising_design(const DesignBuilder& builder, const DesignConfig& config, int act_dim) {
  SequenceDesign design{.tensors = builder.tensors(), .source = builder.source()};
  design.history = design.window = config.history;
  design.before = design.first_target = config.history - 1;
  design.planned = design.targets = config.horizon;
  design.executed = config.executed;
  design.plan_noise = config.horizon * act_dim;
  design.loss_noise = 1 + config.horizon * act_dim;
  design.pads_count = true;
  return design;
}

}  // namespace understudy
