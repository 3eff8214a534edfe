// Diffusion policy (Chi et al. 2023): the plan is what is left when noise is taken away step by step. Trained as DDPM
// (Ho et al. 2020) on the squared cosine schedule (Nichol, Dhariwal 2021), acts as DDIM (Song et al. 2021) in a few
// steps without new noise. Departure: the plan begins with the present action instead of the window's oldest.

#include <cmath>
#include <numbers>

#include "bc/designs/design_parts.h"

namespace understudy {

SequenceDesign diffusion_design(const DesignConfig& config, int obs_dim, int act_dim) {
  DesignBuilder builder;
  add_unet(builder, config, config.history * obs_dim, act_dim);
  // signal(t): the schedule's product of 1 - beta up to step t, of which the last beta is 0.999.
  std::string text = filled(R"(
def condition(self, observations: Tensor) -> Tensor:
    return {seen}.flatten(1)
def signal(self, t: Tensor) -> Tensor:
    last = torch.clamp(t + 1.0, max={K} - 1.0)
    share = torch.cos((last / {K} + 0.008) / 1.008 * 1.5707963267948966) / {first}
    return share * share * torch.where(t > {K} - 1.5, 0.001, 1.0)
def loss(self, observations: Tensor, actions: Tensor, weights: Tensor, noise: Tensor, total: float, batch: float, train: bool) -> Tensor:
    x = actions.transpose(1, 2)
    e = noise[:, 1:].reshape(x.shape)
    t = torch.clamp(torch.floor(0.5 * (1.0 + torch.erf(noise[:, 0] / 1.4142135623730951)) * {K}), 0.0, {K} - 1.0)
    a = self.signal(t).reshape(-1, 1, 1)
    guess = self.denoise(torch.sqrt(a) * x + torch.sqrt(1.0 - a) * e, t, self.condition(observations))
    return ((guess - e).square().mean(1) * weights).sum() / total
def plan(self, observations: Tensor, state: Tensor, noise: Tensor) -> Tuple[Tensor, Tensor]:
    c = self.condition(observations)
    x = noise.reshape(-1, {A}, {horizon})
    for i in range({steps}):
        t = torch.full([x.size(0)], float(({steps} - 1 - i) * {stride}))
        a = self.signal(t).reshape(-1, 1, 1)
        e = self.denoise(x, t, c)
        clean = torch.clamp((x - torch.sqrt(1.0 - a) * e) / torch.sqrt(a), -1.0, 1.0)
        if i == {steps} - 1:
            x = clean
        else:
            b = self.signal(t - {stride}).reshape(-1, 1, 1)
            x = torch.sqrt(b) * clean + torch.sqrt(1.0 - b) * e
    return x.transpose(1, 2), state
)",
                            {{"K", number(config.diffusion_steps)},
                             {"seen", seen(config)},
                             {"first", number(std::cos(0.008 / 1.008 * std::numbers::pi / 2))},
                             {"A", number(act_dim)},
                             {"horizon", number(config.horizon)},
                             {"steps", number(config.acting_steps)},
                             {"stride", number(config.diffusion_steps / config.acting_steps)}});
  builder.method(text);
  return denoising_design(builder, config, act_dim);
}

}  // namespace understudy
