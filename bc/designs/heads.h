#pragma once
/// \file What a network's last layer says of an action: a distribution with its likelihood in closed form.

#include <string>
#include <vector>

#include "bc/designs/design.h"

namespace understudy {

/// By name:
///   deterministic  tanh of the output; mean squared error over entries
///   gaussian       means within [-1, 1] by tanh, deviations softplus + 0.01
///   tanh-gaussian  tanh of a Gaussian, so that no density lies outside [-1, 1] (Haarnoja et al. 2018)
///   gmm            a mixture of `modes` Gaussians with diagonal deviations of at least 1e-4 (Mandlekar et al. 2021)
///   categorical    for each entry, one of `bins` of equal width
struct HeadConfig {
  std::string name = "gmm";
  int modes = 5;
  int bins = 41;
};

/// "deterministic", ...
const std::vector<std::string>& head_names();

/// Numbers that the network gives for an action of `act_dim`.
int head_outputs(const HeadConfig& head, int act_dim);

/// Adds the layer that gives them: an expression of [..., outputs] of `x` [..., in]. A mixture's deviations begin
/// narrow, at 0.2: where each component covers all actions at first, one takes them all and the others never learn.
std::string head_layer(DesignBuilder& builder, const HeadConfig& head, const std::string& x, int in,
                       int act_dim);

/// Random numbers that an action takes, where one of several ways is drawn.
int head_noise(const HeadConfig& head, int act_dim);

/// Adds `head_loss(self, outputs: Tensor, actions: Tensor) -> Tensor`, [..., outputs] and [..., A] to [...], the
/// negative log likelihood or the error, and `head_action(self, outputs: Tensor, noise: Tensor) -> Tensor`,
/// [B, outputs] and [B, head_noise] to [B, A]: the mean, or that of the component or bin drawn.
void add_head(DesignBuilder& builder, const HeadConfig& head, int act_dim);

}  // namespace understudy
