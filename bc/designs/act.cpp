// Action chunking with transformers (Zhao et al. 2023), for low-dimensional observations: a conditional variational
// auto-encoder whose encoder sees the demonstrated actions in training and is not there when acting. Layers are
// normalised last and positions added to queries and keys, as in DETR (Carion et al. 2020); one layer of decoder, as
// their published code in effect has.

#include <cmath>

#include "bc/designs/design_parts.h"

namespace understudy {
namespace {

class Act {
 public:
  Act(DesignBuilder& builder, const DesignConfig& config) : builder_(builder), config_(config) {}

  std::string drop(const std::string& x) const {
    return config_.dropout > 0 ? "torch.dropout(" + x + ", " + number(config_.dropout) + ", train)" : x;
  }

  /// Lines that pass `x` through the layer's wide part.
  std::string wide(const std::string& name, const std::string& norm) {
    std::string text = "    h = torch.relu(" +
                       builder_.linear("x", name + "_wide", config_.width, config_.feedforward) + ")\n";
    text +=
        "    h = " + builder_.linear(drop("h"), name + "_narrow", config_.feedforward, config_.width) + "\n";
    text += "    x = " + builder_.layer_norm("x + " + drop("h"), name + norm, config_.width) + "\n";
    return text;
  }

  /// Lines that attend from `x`, at `places`, to itself.
  std::string self_attention(const std::string& name, const std::string& places, const std::string& mask) {
    std::string text = "    q = x + " + places + "\n";
    text += "    h = " + attention(builder_, name, config_.width, "q", "q", "x", mask) + "\n";
    text += "    x = " + builder_.layer_norm("x + " + drop("h"), name + "_norm_1", config_.width) + "\n";
    return text;
  }

  std::string encoder(const std::string& name, const std::string& places, const std::string& mask) {
    std::string text;
    for (int layer = 0; layer < config_.layers; ++layer) {
      const std::string part = name + "_" + number(layer);
      text += self_attention(part, places, mask) + wide(part, "_norm_2");
    }
    return text;
  }

 private:
  DesignBuilder& builder_;
  const DesignConfig& config_;
};

}  // namespace

SequenceDesign act_design(const DesignConfig& config, int obs_dim, int act_dim) {
  DesignBuilder builder;
  Act act(builder, config);
  const int window = config.history * obs_dim;
  add_attention(builder, config.attention_heads, config.width, config.dropout);
  builder.method(filled(R"(
def places(self, count: int) -> Tensor:
    rates = torch.pow(10000.0, -2.0 * torch.floor(torch.arange({width}) / 2.0) / {width})
    angles = torch.arange(count).unsqueeze(-1) * rates
    even = torch.arange({width}) % 2 == 0
    return torch.where(even, angles.sin(), angles.cos())
)",
                        {{"width", number(config.width)}}));
  const std::string token = builder.weight("summary", {1, 1, config.width}, 1);
  std::string text =
      "def encode(self, window: Tensor, actions: Tensor, weights: Tensor, train: bool) -> Tensor:\n"
      "    summary = " +
      token +
      ".expand(window.size(0), -1, -1)\n"
      "    known = " +
      builder.linear("window", "encoder_window", window, config.width) +
      ".unsqueeze(1)\n"
      "    x = torch.cat([summary, known, " +
      builder.linear("actions", "encoder_actions", act_dim, config.width) +
      "], 1)\n"
      "    p = self.places(x.size(1))\n"
      "    mask = torch.cat([torch.zeros([x.size(0), 2]), ((weights > 0.0).to(weights.dtype) - 1.0) * 1e9], "
      "1).reshape(-1, 1, 1, "
      "x.size(1))\n" +
      act.encoder("encoder", "p", "mask") + "    return " +
      builder.linear("x[:, 0]", "encoder_latent", config.width, 2 * config.latent) + "\n";
  builder.method(text);
  const std::string places = builder.weight("places_known", {2, config.width}, 1);
  const std::string queries = builder.weight("places_actions", {config.horizon, config.width}, 1);
  text =
      "def decode(self, window: Tensor, latent: Tensor, train: bool) -> Tensor:\n"
      "    none = torch.zeros([])\n"
      "    x = torch.stack([" +
      builder.linear("latent", "latent", config.latent, config.width) + ", " +
      builder.linear("window", "window", window, config.width) + "], 1)\n" +
      act.encoder("body", places, "none") +
      "    known = x\n"
      "    x = torch.zeros([window.size(0), {horizon}, {width}])\n" +
      act.self_attention("decoder", queries, "none") + "    q = x + " + queries +
      "\n"
      "    k = known + " +
      places +
      "\n"
      "    h = " +
      attention(builder, "decoder_known", config.width, "q", "k", "known", "none") +
      "\n"
      "    x = " +
      builder.layer_norm("x + " + act.drop("h"), "decoder_norm_2", config.width) + "\n" +
      act.wide("decoder", "_norm_3") + "    x = " + builder.layer_norm("x", "decoder_norm", config.width) +
      "\n"
      "    return " +
      builder.linear("x", "head", config.width, act_dim) + "\n";
  builder.method(filled(text, {{"horizon", number(config.horizon)}, {"width", number(config.width)}}));
  // The error's mean is over all steps, those beyond the episode's end counting as right.
  builder.method(filled(R"(
def loss(self, observations: Tensor, actions: Tensor, weights: Tensor, noise: Tensor, total: float, batch: float, train: bool) -> Tensor:
    window = {seen}.flatten(1)
    outputs = self.encode(window, actions, weights, train)
    mean = outputs[:, :{latent}]
    log_variance = outputs[:, {latent}:]
    guess = self.decode(window, mean + torch.exp(0.5 * log_variance) * noise, train)
    error = ((guess - actions).abs().mean(-1) * weights).sum() / {horizon}
    divergence = -0.5 * (1.0 + log_variance - mean.square() - log_variance.exp()).sum()
    return (error + {kl} * divergence) / batch
def plan(self, observations: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]:
    window = {seen}.flatten(1)
    guess = self.decode(window, torch.zeros([window.size(0), {latent}]), False)
    return torch.clamp(guess, -1.0, 1.0), state
)",
                        {{"latent", number(config.latent)},
                         {"seen", seen(config)},
                         {"horizon", number(config.horizon)},
                         {"kl", number(config.kl_weight)}}));
  SequenceDesign design{.tensors = builder.tensors(), .source = builder.source()};
  design.history = design.window = config.history;
  design.before = design.first_target = config.history - 1;
  design.planned = design.targets = config.horizon;
  design.executed = config.executed;
  design.ensemble = config.ensemble;
  design.loss_noise = config.latent;
  return design;
}

}  // namespace understudy
