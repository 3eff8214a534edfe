#pragma once
/// \file The kinds of networks that clone sequences, by name. A kind is a source of its own and one line in
/// designs.cpp.

#include <string>
#include <vector>

#include "bc/designs/design.h"
#include "bc/designs/heads.h"
#include "bc/designs/vision.h"

namespace understudy {

/// Sizes of all kinds; each has use for some of them. What stands here is no kind's default: see `default_design`.
struct DesignConfig {
  HeadConfig head{};  ///< of feedforward, recurrent and transformer
  std::vector<int>
      widths{};  ///< of hidden layers: feedforward, ensemble, stream; of the U-Net's levels: diffusion, flow
  std::string cell = "lstm";  ///< lstm or gru: recurrent
  int members = 5;            ///< ensemble
  double doubt = 0;           ///< ensemble: at which a person takes over, as far as it is known
  int layers = 2;             ///< recurrent, transformer, act (of its encoder)
  int width = 256;            ///< of a recurrent layer's state or a transformer's tokens
  int attention_heads = 4;    ///< transformer, act
  int feedforward = 512;      ///< width within a transformer's layers: transformer, act
  double dropout = 0;
  int history = 1;        ///< observations that count
  int horizon = 1;        ///< actions of a plan; of recurrent: steps of a training sequence and of its memory
  int executed = 1;       ///< of a plan
  int latent = 32;        ///< act
  double kl_weight = 10;  ///< act
  double ensemble = 0;    ///< act
  int diffusion_steps = 100;  ///< diffusion, in training
  int acting_steps = 10;      ///< diffusion, flow
  double deviation = 0.1;     ///< stream: of the tube around a trajectory
  VisionConfig vision{};      ///< all
};

/// "feedforward", "recurrent", ...
const std::vector<std::string>& design_names();

/// The sizes that a kind has when nobody says others. Throws UsageError that lists the kinds.
DesignConfig default_design(const std::string& kind);

/// Throws UsageError naming kind, option, range and finding.
SequenceDesign make_design(const std::string& kind, const DesignConfig& config, int obs_dim, int act_dim);

/// What make_design needs, as JSON and back. Reading throws Error, or the JSON library's exceptions, for anything that
/// make_design would not take.
std::string design_json(const DesignConfig& config);
DesignConfig design_from_json(const std::string& text);

}  // namespace understudy
