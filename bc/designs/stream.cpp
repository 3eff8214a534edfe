// Streaming flow policy (Jiang et al. 2025): the trajectory of actions is itself the flow. A perceptron learns, in a
// tube of deviation `sigma` around each demonstrated trajectory, the velocity along it that also leads back to its
// middle at rate `k`; acting integrates one step of the task at a time from the latest action, so there is an action
// at every step. The observations are those at which the trajectory began, as in training.

#include "bc/designs/design_parts.h"

namespace understudy {
namespace {

constexpr double kReturn = 2.5;  // per trajectory: rate at which deviations fade (their k)

}  // namespace

SequenceDesign stream_design(const DesignConfig& config, int obs_dim, int act_dim) {
  DesignBuilder builder;
  const int window = config.history * obs_dim;
  std::string text =
      "def velocity(self, x: Tensor, time: Tensor, condition: Tensor) -> Tensor:\n"
      "    h = torch.cat([x, time, torch.sin(6.283185307179586 * time), condition], -1)\n";
  int in = act_dim + 2 + window;
  for (std::size_t i = 0; i < config.widths.size(); ++i) {
    text += "    h = torch.mish(" +
            builder.linear("h", "layer_" + number(static_cast<int>(i)), in, config.widths[i]) + ")\n";
    in = config.widths[i];
  }
  text += "    return " + builder.linear("h", "out", in, act_dim) + "\n";
  builder.method(text);
  // A trajectory of `horizon` actions is run through in time 1, piecewise straight. The state: the latest action, the
  // window at the trajectory's beginning, and the steps done of `executed`.
  builder.method(filled(R"(
def condition(self, observations: Tensor) -> Tensor:
    return {seen}.flatten(1)
def loss(self, observations: Tensor, actions: Tensor, weights: Tensor, noise: Tensor, total: float, batch: float, train: bool) -> Tensor:
    place = 0.49999 * (1.0 + torch.erf(noise[:, :1] / 1.4142135623730951)) * {segments}
    segment = (torch.arange(1, {segments}) <= place).sum(-1, True)
    first = segment.unsqueeze(-1).expand(-1, 1, {A})
    start = actions.gather(1, first).squeeze(1)
    way = actions.gather(1, first + 1).squeeze(1) - start
    time = place / {segments}
    deviation = {sigma} * torch.exp(-{k} * time) * noise[:, 1:]
    target = {segments} * way - {k} * deviation
    guess = self.velocity(start + (place - segment) * way + deviation, time, self.condition(observations))
    return ((guess - target).square().mean(-1) * weights[:, 1]).sum() / batch
def plan(self, observations: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]:
    present = self.condition(observations)
    steps = state[:, -1:]
    anew = (steps == 0).to(state)
    begun = anew * present + (1.0 - anew) * state[:, {A}:-1]
    x = state[:, :{A}]
    time = steps / {segments}
    x = torch.clamp(x + self.velocity(x, time, begun) / {segments}, -1.0, 1.0)
    steps = steps + 1.0
    steps = steps * (steps < {executed}).to(steps)
    return x.unsqueeze(1), torch.cat([x, begun, steps], 1)
)",
                        {{"A", number(act_dim)},
                         {"seen", seen(config)},
                         {"segments", number(config.horizon)},
                         {"sigma", number(config.deviation)},
                         {"k", number(kReturn)},
                         {"executed", number(config.executed)}}));
  SequenceDesign design{.tensors = builder.tensors(), .source = builder.source()};
  design.history = config.history;
  design.state = act_dim + window + 1;
  design.loss_noise = 1 + act_dim;
  // The trajectory begins with the action before the present one; before an episode's first there is rest.
  design.window = config.history;
  design.before = config.history - 1;
  design.first_target = config.history - 2;
  design.targets = config.horizon + 1;
  design.pads_count = true;
  return design;
}

}  // namespace understudy
