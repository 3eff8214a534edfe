// Flow matching (Lipman et al. 2023; Liu et al. 2023) on the diffusion policy's network: it learns the velocity that
// carries noise to a plan along a straight line, and acts by a few steps of Euler's along it.

#include "bc/designs/design_parts.h"

namespace understudy {

SequenceDesign flow_design(const DesignConfig& config, int obs_dim, int act_dim) {
  DesignBuilder builder;
  add_unet(builder, config, config.history * obs_dim, act_dim);
  // The network's embedding was made for steps of a hundred.
  builder.method(filled(
      R"(
def condition(self, observations: Tensor) -> Tensor:
    return {seen}.flatten(1)
def loss(self, observations: Tensor, actions: Tensor, weights: Tensor, noise: Tensor, total: float, batch: float, train: bool) -> Tensor:
    x = actions.transpose(1, 2)
    e = noise[:, 1:].reshape(x.shape)
    t = 0.5 * (1.0 + torch.erf(noise[:, 0] / 1.4142135623730951))
    s = t.reshape(-1, 1, 1)
    guess = self.denoise((1.0 - s) * e + s * x, 100.0 * t, self.condition(observations))
    return ((guess - (x - e)).square().mean(1) * weights).sum() / total
def plan(self, observations: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]:
    c = self.condition(observations)
    x = noise.reshape(-1, {A}, {horizon})
    for i in range({steps}):
        t = torch.full([x.size(0)], 100.0 * i / {steps})
        x = x + self.denoise(x, t, c) / {steps}
    return torch.clamp(x, -1.0, 1.0).transpose(1, 2), state
)",
      {{"A", number(act_dim)},
       {"seen", seen(config)},
       {"horizon", number(config.horizon)},
       {"steps", number(config.acting_steps)}}));
  return denoising_design(builder, config, act_dim);
}

}  // namespace understudy
