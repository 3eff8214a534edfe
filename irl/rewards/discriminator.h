#pragma once
/// \file Logistic regression between expert (label 1) and agent (label 0), the inner problem of adversarial
/// imitation (Ho, Ermon 2016, eq. 15, with the labels the other way round).
///
/// With logit l and D = sigmoid(l) the loss is
///   L = sum_i w_i [ -y_i log D_i - (1 - y_i) log(1 - D_i) - entropy * H(D_i) ] + penalty * P,
/// H the entropy of a coin with chance D [nat], P the gradient penalty (gradient_penalty.h) on rows mixed of
/// one of either side, u * expert + (1 - u) * agent, u uniform in [0, 1) (Kostrikov et al. 2019).

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bc/networks/adam.h"
#include "bc/networks/gradient_penalty.h"
#include "bc/networks/mlp.h"
#include "datasets/storage/archive.h"
#include "irl/rewards/spectral_norm.h"

namespace understudy {

/// What a loss over labelled logits comes to.
struct Discrimination {
  double loss = 0;             ///< cross-entropy without regularisers [nat]; log 2 when nothing is told apart
  double expert_accuracy = 0;  ///< share of the expert's rows with l > 0
  double agent_accuracy = 0;   ///< share of the agent's rows with l < 0
};

/// The sum over i above, and its derivative by the logits. Rows [0, experts) are the expert's. `[rows]` each.
Discrimination discriminate(ConstVectorRef logits, ConstVectorRef weights, int experts, double entropy,
                            VectorRef gradient);

/// Rows mixed of the expert's `inputs[0, experts)` and the agent's after them, each row of the longer side
/// once. Returns their number; `mixed` has room for as many.
int mix_rows(ConstMatrixRef inputs, int experts, Rng& rng, MatrixRef mixed);

struct DiscriminatorConfig {
  std::vector<int> hidden{256, 256};  ///< (DAC)
  std::string activation = "tanh";    ///< (DAC)
  double learning_rate = 1e-3;        ///< Adam (DAC)
  double penalty = 10;                ///< weight of the gradient penalty (DAC); 0: none
  double entropy = 0;                 ///< weight of the entropy (GAIL's code: 1e-3)
  bool spectral = false;              ///< weights over their largest singular value (spectral_norm.h)
};

/// A network from rows of features to logits that learns by Adam.
class Discriminator {
 public:
  /// `most_rows` of any update. Its larger passes run on `device`; null: the CPU. Throws UsageError for an
  /// unknown activation.
  Discriminator(const DiscriminatorConfig& config, int features, int most_rows, Rng& rng,
                std::shared_ptr<MlpDevice> device = nullptr);

  /// Logits of `features` `[rows, features]`, until the next pass.
  Eigen::Map<const Vector> logits(ConstMatrixRef features);

  /// One step of Adam. `features` `[rows, ...]`, `weights` `[rows]`, the first `experts` rows the expert's;
  /// `logits()` of the same features came just before.
  Discrimination update(ConstMatrixRef features, ConstVectorRef weights, int experts, Rng& rng);

  /// P of the last update; 0 without penalty.
  double penalty() const { return last_penalty_; }

  void serialise(Archive& archive);

 private:
  const Vector& effective() const { return spectral_ ? normalised_ : parameters_; }

  DiscriminatorConfig config_;
  Mlp network_;
  Vector parameters_;
  std::optional<SpectralNorm> spectral_;
  Vector normalised_;  ///< what the network computes with; empty without
  AdamState adam_;
  MlpWorkspace workspace_;
  GradientPenalty penalty_;
  Matrix mixed_;
  Vector gradient_;
  double last_penalty_ = 0;
};

}  // namespace understudy
