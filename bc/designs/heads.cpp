#include "bc/designs/heads.h"

#include <cmath>
#include <numbers>

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr double kLeastDeviation = 0.01;         // of a Gaussian (robomimic's)
constexpr double kLeastMixtureDeviation = 1e-4;  // of a mixture's components (robomimic's)
constexpr float kFirstMixtureDeviation = -1.5F;  // before softplus
constexpr double kInside = 1e-4;  // recorded actions at the bounds are moved in by this, for atanh

const std::string kHalfLogTwoPi = number(0.5 * std::log(2 * std::numbers::pi));

constexpr const char* kDeterministic = R"(
def head_loss(self, outputs: Tensor, actions: Tensor) -> Tensor:
    return (torch.tanh(outputs) - actions).square().mean(-1)
def head_action(self, outputs: Tensor, noise: Tensor) -> Tensor:
    return torch.tanh(outputs)
)";

constexpr const char* kGaussian = R"(
def head_loss(self, outputs: Tensor, actions: Tensor) -> Tensor:
    deviation = torch.softplus(outputs[..., {A}:]) + {least}
    z = (actions - torch.tanh(outputs[..., :{A}])) / deviation
    return (0.5 * z * z + torch.log(deviation) + {half_log_two_pi}).sum(-1)
def head_action(self, outputs: Tensor, noise: Tensor) -> Tensor:
    return torch.tanh(outputs[..., :{A}])
)";

constexpr const char* kTanhGaussian = R"(
def head_loss(self, outputs: Tensor, actions: Tensor) -> Tensor:
    deviation = torch.softplus(outputs[..., {A}:]) + {least}
    inside = torch.clamp(actions, -1.0 + {inside}, 1.0 - {inside})
    z = (torch.atanh(inside) - outputs[..., :{A}]) / deviation
    return (0.5 * z * z + torch.log(deviation) + {half_log_two_pi} + torch.log(1.0 - inside * inside)).sum(-1)
def head_action(self, outputs: Tensor, noise: Tensor) -> Tensor:
    return torch.tanh(outputs[..., :{A}])
)";

// Outputs: logits of the modes, their means, their deviations.
constexpr const char* kMixture = R"(
def head_loss(self, outputs: Tensor, actions: Tensor) -> Tensor:
    shares = torch.log_softmax(outputs[..., :{K}], -1)
    means = torch.tanh(outputs[..., {K}:{KA}]).unflatten(-1, [{K}, {A}])
    deviations = torch.softplus(outputs[..., {KA}:]).unflatten(-1, [{K}, {A}]) + {least}
    z = (actions.unsqueeze(-2) - means) / deviations
    modes = -(0.5 * z * z + torch.log(deviations) + {half_log_two_pi}).sum(-1)
    return -torch.logsumexp(shares + modes, -1)
def head_action(self, outputs: Tensor, noise: Tensor) -> Tensor:
    shares = torch.softmax(outputs[:, :{K}], -1)
    drawn = 0.5 * (1.0 + torch.erf(noise[:, :1] / {root_two}))
    mode = torch.clamp((torch.cumsum(shares, -1) < drawn).sum(-1), 0, {K} - 1)
    means = torch.tanh(outputs[:, {K}:{KA}]).reshape(-1, {K}, {A})
    return means.gather(1, mode.reshape(-1, 1, 1).expand(-1, 1, {A})).squeeze(1)
)";

constexpr const char* kCategorical = R"(
def head_loss(self, outputs: Tensor, actions: Tensor) -> Tensor:
    logits = torch.log_softmax(outputs.unflatten(-1, [{A}, {N}]), -1)
    bins = (torch.arange(1, {N}) * 2.0 / {N} - 1.0 <= actions.unsqueeze(-1)).sum(-1)
    return -logits.gather(-1, bins.unsqueeze(-1)).squeeze(-1).sum(-1)
def head_action(self, outputs: Tensor, noise: Tensor) -> Tensor:
    shares = torch.softmax(outputs.reshape(-1, {A}, {N}), -1)
    drawn = 0.5 * (1.0 + torch.erf(noise / {root_two})).reshape(-1, {A}, 1)
    bins = torch.clamp((torch.cumsum(shares, -1) < drawn).sum(-1), 0, {N} - 1)
    return (bins.to(outputs) + 0.5) * 2.0 / {N} - 1.0
)";

}  // namespace

const std::vector<std::string>& head_names() {
  static const std::vector<std::string> names{"deterministic", "gaussian", "tanh-gaussian", "gmm",
                                              "categorical"};
  return names;
}

int head_outputs(const HeadConfig& head, int act_dim) {
  if (head.name == "deterministic") return act_dim;
  if (head.name == "gmm") return head.modes * (1 + 2 * act_dim);
  if (head.name == "categorical") return head.bins * act_dim;
  return 2 * act_dim;
}

std::string head_layer(DesignBuilder& builder, const HeadConfig& head, const std::string& x, int in,
                       int act_dim) {
  std::string outputs = builder.linear(x, "head", in, head_outputs(head, act_dim));
  if (head.name == "gmm") builder.shift_last(std::int64_t{head.modes} * act_dim, kFirstMixtureDeviation);
  return outputs;
}

int head_noise(const HeadConfig& head, int act_dim) {
  return head.name == "gmm" ? 1 : head.name == "categorical" ? act_dim : 0;
}

void add_head(DesignBuilder& builder, const HeadConfig& head, int act_dim) {
  const char* text = head.name == "deterministic"   ? kDeterministic
                     : head.name == "gaussian"      ? kGaussian
                     : head.name == "tanh-gaussian" ? kTanhGaussian
                     : head.name == "gmm"           ? kMixture
                     : head.name == "categorical"   ? kCategorical
                                                    : nullptr;
  if (text == nullptr) throw UsageError(unknown_name("head", head.name, head_names()));
  builder.method(
      filled(text, {{"A", number(act_dim)},
                    {"K", number(head.modes)},
                    {"KA", number(head.modes * (1 + act_dim))},
                    {"N", number(head.bins)},
                    {"least", number(head.name == "gmm" ? kLeastMixtureDeviation : kLeastDeviation)},
                    {"inside", number(kInside)},
                    {"root_two", number(std::numbers::sqrt2)},
                    {"half_log_two_pi", kHalfLogTwoPi}}));
}

}  // namespace understudy
