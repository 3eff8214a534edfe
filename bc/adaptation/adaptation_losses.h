#pragma once
/// \file The losses of an adaptation as TorchScript methods (adaptation_networks.h has those that they call).

#include <string>

#include "bc/adaptation/adaptation_config.h"

namespace understudy {

/// Losses, each a mean over the batch:
///   lsgan(score, target) = mean (score - target)^2                               (Mao et al. 2017)
///   pmse(x, y) = |d|^2 / k - (sum d)^2 / k^2, d = x - y of k numbers             (Bousmalis et al. 2018)
///   focal(y, logits) = sum |y - p|^2 w BCE(y, p) / max(sum y, 1), p = sigmoid(logits), w = (2 a - 1) y + 1 - a, a = .25
///   perception(a, b) = focal + Huber of the offsets weighed by the heat of a / max(sum heat, 1); a, from detect, is the
///     target and gets no gradient                                                (Ho et al. 2020)
std::string adaptation_losses();

/// `loss` of the generators. It leaves what the discriminators are to be shown in the buffers fake_y and, in both
/// directions, fake_x, and its parts, unweighted, in the buffer `parts`.
///   CycleGAN, RetinaGAN, of x and y: gan + cycle (|F(G(x)) - x| + |G(F(y)) - y|) + identity (|G(y) - y| + |F(x) - x|)
///     + perception (l(x, G(x)) + l(x, F(G(x))) / 2 + l(G(x), F(G(x))) / 2 + the same of y)
///   GraspGAN, of x, masks and actions: gan, a mean over three scales, + content pmse(x, G(x)) + mask BCE
///     + features |T(x) - T(G(x))|^2 + task (|act(x) - a|^2 + |act(G(x)) - a|^2)
std::string generator_loss(const AdaptationConfig& config);
/// `loss` of the discriminators, of y and its fakes, and of x and its where there are some:
///   half of the sum over them of lsgan(D(real), 1) + lsgan(D(fake), 0).
std::string discriminator_loss(AdaptationMethod method);

}  // namespace understudy
