// A causal transformer over a window of observations (Vaswani et al. 2017, normalised first as in GPT-2, Radford et
// al. 2019), with any head at every step. Where an episode has not so many observations yet, its first is repeated.

#include <cmath>

#include "bc/designs/design_parts.h"

namespace understudy {

void add_attention(DesignBuilder& builder, int heads, int width, double dropout) {
  builder.method(filled(R"(
def attend(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, train: bool) -> Tensor:
    q = query.reshape(query.size(0), query.size(1), {heads}, {depth}).transpose(1, 2)
    k = key.reshape(key.size(0), key.size(1), {heads}, {depth}).transpose(1, 2)
    v = value.reshape(value.size(0), value.size(1), {heads}, {depth}).transpose(1, 2)
    shares = torch.softmax(torch.matmul(q, k.transpose(2, 3)) * {scale} + mask, -1)
    shares = torch.dropout(shares, {dropout}, train)
    return torch.matmul(shares, v).transpose(1, 2).reshape(query.size(0), query.size(1), {width})
)",
                        {{"heads", number(heads)},
                         {"depth", number(width / heads)},
                         {"width", number(width)},
                         {"scale", number(1 / std::sqrt(static_cast<double>(width) / heads))},
                         {"dropout", number(dropout)}}));
}

std::string attention(DesignBuilder& builder, const std::string& name, int width, const std::string& query,
                      const std::string& key, const std::string& value, const std::string& mask) {
  const std::string attended = "self.attend(" + builder.linear(query, name + "_query", width, width) + ", " +
                               builder.linear(key, name + "_key", width, width) + ", " +
                               builder.linear(value, name + "_value", width, width) + ", " + mask +
                               ", train)";
  return builder.linear(attended, name + "_out", width, width);
}

SequenceDesign transformer_design(const DesignConfig& config, int obs_dim, int act_dim) {
  DesignBuilder builder;
  add_head(builder, config.head, act_dim);
  add_attention(builder, config.attention_heads, config.width, config.dropout);
  const std::string drop = number(config.dropout);
  const std::string places =
      builder.weight("places", {config.history, config.width}, 3 * 50 * 50);  // a deviation of 0.02 or so
  std::string text =
      "def body(self, observations: Tensor, train: bool, last: bool) -> Tensor:\n"
      "    x = " +
      seen(config) +
      "\n"
      "    x = " +
      builder.linear("x", "input", obs_dim, config.width) + " + " + places +
      "\n"
      "    x = torch.dropout(x, " +
      drop +
      ", train)\n"
      "    future = torch.triu(torch.full([x.size(1), x.size(1)], -1e9), 1)\n";
  for (int i = 0; i < config.layers; ++i) {
    const std::string name = "block_" + number(i);
    text += "    h = " + builder.layer_norm("x", name + "_norm_1", config.width) + "\n";
    if (i + 1 == config.layers) text += "    if last:\n        x = x[:, -1:]\n        future = future[-1:]\n";
    text += "    x = x + torch.dropout(" +
            attention(builder, name, config.width, "h[:, -x.size(1):]", "h", "h", "future") + ", " + drop +
            ", train)\n";
    text += "    h = " + builder.layer_norm("x", name + "_norm_2", config.width) + "\n";
    text +=
        "    h = torch.gelu(" + builder.linear("h", name + "_wide", config.width, config.feedforward) + ")\n";
    text += "    x = x + torch.dropout(" +
            builder.linear("h", name + "_narrow", config.feedforward, config.width) + ", " + drop +
            ", train)\n";
  }
  text += "    x = " + builder.layer_norm("x", "norm", config.width) + "\n";
  text += "    return " + head_layer(builder, config.head, "x", config.width, act_dim) + "\n";
  builder.method(text);
  builder.method(R"(
def loss(self, observations: Tensor, actions: Tensor, weights: Tensor, noise: Tensor, total: float, batch: float, train: bool) -> Tensor:
    return (self.head_loss(self.body(observations, train, False), actions) * weights).sum() / total
def plan(self, observations: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]:
    return self.head_action(self.body(observations, False, True)[:, 0], noise).unsqueeze(1), state
)");
  SequenceDesign design{.tensors = builder.tensors(), .source = builder.source()};
  design.history = design.window = design.targets = config.history;
  design.before = config.history - 1;
  design.plan_noise = head_noise(config.head, act_dim);
  return design;
}

}  // namespace understudy
