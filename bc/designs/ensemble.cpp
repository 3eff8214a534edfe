// Several multi-layer perceptrons that differ by their first numbers alone (Lakshminarayanan et al. 2017) and act by
// their mean. How far they disagree is the doubt of HG-DAgger (Kelly et al. 2019): the Euclidean norm of the variances
// of the members' actions, entry by entry.

#include "bc/designs/design_parts.h"

namespace understudy {

SequenceDesign ensemble_design(const DesignConfig& config, int obs_dim, int act_dim) {
  DesignBuilder builder;
  std::string text =
      "def members(self, observations: Tensor) -> Tensor:\n"
      "    x = " +
      seen(config) + ".flatten(1).unsqueeze(0).expand({members}, -1, -1)\n";
  const std::int64_t members = config.members;
  const auto layer = [&](const std::string& name, int in, int out) {
    const std::string weights = builder.weight(name + "_weight", {members, in, out}, in);
    const std::string bias = builder.weight(name + "_bias", {members, 1, out}, in);
    return "torch.baddbmm(" + bias + ", x, " + weights + ")";
  };
  int in = config.history * obs_dim;
  for (std::size_t i = 0; i < config.widths.size(); ++i) {
    text +=
        "    x = torch.relu(" + layer("layer_" + number(static_cast<int>(i)), in, config.widths[i]) + ")\n";
    in = config.widths[i];
  }
  text += "    return torch.tanh(" + layer("head", in, act_dim) + ")\n";
  builder.method(filled(text, {{"members", number(config.members)}}));
  builder.method(R"(
def loss(self, observations: Tensor, actions: Tensor, weights: Tensor, noise: Tensor, total: float, batch: float, train: bool) -> Tensor:
    errors = (self.members(observations) - actions[:, 0]).square().mean(-1).mean(0)
    return (errors * weights[:, 0]).sum() / total
def plan(self, observations: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]:
    said = self.members(observations)
    doubt = said.var(0).square().sum(-1).sqrt()
    return said.mean(0).unsqueeze(1), doubt.unsqueeze(1)
)");
  SequenceDesign design{.tensors = builder.tensors(), .source = builder.source()};
  design.history = design.window = config.history;
  design.before = design.first_target = config.history - 1;
  design.state = 1;
  design.doubts = true;
  return design;
}

}  // namespace understudy
