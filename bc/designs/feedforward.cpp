// A multi-layer perceptron over the observations of the window, with any head.

#include "bc/designs/design_parts.h"

namespace understudy {

SequenceDesign feedforward_design(const DesignConfig& config, int obs_dim, int act_dim) {
  DesignBuilder builder;
  add_head(builder, config.head, act_dim);
  std::string text =
      "def body(self, observations: Tensor, train: bool) -> Tensor:\n"
      "    x = " +
      seen(config) + ".flatten(1)\n";
  int in = config.history * obs_dim;
  for (std::size_t i = 0; i < config.widths.size(); ++i) {
    text += "    x = torch.relu(" +
            builder.linear("x", "layer_" + number(static_cast<int>(i)), in, config.widths[i]) + ")\n";
    if (config.dropout > 0) text += "    x = torch.dropout(x, " + number(config.dropout) + ", train)\n";
    in = config.widths[i];
  }
  text += "    return " + head_layer(builder, config.head, "x", in, act_dim) + "\n";
  builder.method(text);
  builder.method(R"(
def loss(self, observations: Tensor, actions: Tensor, weights: Tensor, noise: Tensor, total: float, batch: float, train: bool) -> Tensor:
    return (self.head_loss(self.body(observations, train), actions[:, 0]) * weights[:, 0]).sum() / total
def plan(self, observations: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]:
    return self.head_action(self.body(observations, False), noise).unsqueeze(1), state
)");
  SequenceDesign design{.tensors = builder.tensors(), .source = builder.source()};
  design.history = design.window = config.history;
  design.before = design.first_target = config.history - 1;
  design.plan_noise = head_noise(config.head, act_dim);
  return design;
}

}  // namespace understudy
