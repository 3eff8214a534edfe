#pragma once
/// \file Private to this room: the kinds, and what several of them are built of.

#include <string>

#include "bc/designs/designs.h"

namespace understudy {

SequenceDesign feedforward_design(const DesignConfig& config, int obs_dim, int act_dim);
SequenceDesign ensemble_design(const DesignConfig& config, int obs_dim, int act_dim);
SequenceDesign recurrent_design(const DesignConfig& config, int obs_dim, int act_dim);
SequenceDesign transformer_design(const DesignConfig& config, int obs_dim, int act_dim);
SequenceDesign act_design(const DesignConfig& config, int obs_dim, int act_dim);
SequenceDesign diffusion_design(const DesignConfig& config, int obs_dim, int act_dim);
SequenceDesign flow_design(const DesignConfig& config, int obs_dim, int act_dim);
SequenceDesign stream_design(const DesignConfig& config, int obs_dim, int act_dim);

/// An expression of what the network sees of `observations`: the fields normalised, and what is left of pictures.
std::string seen(const DesignConfig& config);

/// Adds `attend`, multi-head attention of [B, Q, W] to [B, S, W] (Vaswani et al. 2017); `mask` is added to its logits.
void add_attention(DesignBuilder& builder, int heads, int width, double dropout);
/// A call of it with weights NAME_query, NAME_key, NAME_value and NAME_out.
std::string attention(DesignBuilder& builder, const std::string& name, int width, const std::string& query,
                      const std::string& key, const std::string& value, const std::string& mask);

/// Adds `{method}(self, x: Tensor, time: Tensor, condition: Tensor) -> Tensor`, the one-dimensional U-Net of Chi et al.
/// 2023: [B, A, T], [B] and [B, condition] to [B, A, T]; T divides by 2 as often as there are levels after the first.
void add_unet(DesignBuilder& builder, const DesignConfig& config, int condition, int act_dim);
/// What the builder holds, as a plan made of noise from the observations of a window: the loss takes a number that says
/// how far the noise is taken away, then the noise.
SequenceDesign denoising_design(const DesignBuilder& builder, const DesignConfig& config, int act_dim);

}  // namespace understudy
