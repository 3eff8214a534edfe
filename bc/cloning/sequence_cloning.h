#pragma once
/// \file Cloning of networks that plan or remember (bc/designs): minibatches of windows, gradients by LibTorch, Adam
/// with a warm-up and half a cosine, and a running average of the weights that is what acts in the end.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bc/cloning/augmentation.h"
#include "bc/cloning/cloning.h"
#include "bc/cloning/window_data.h"
#include "bc/designs/designs.h"
#include "bc/networks/adam.h"
#include "bc/networks/script_network.h"
#include "bc/parallel/shards.h"
#include "bc/policies/policy.h"
#include "datasets/storage/archive.h"
#include "datasets/types/rng.h"
#include "datasets/types/thread_pool.h"

namespace understudy {

struct SequenceCloningConfig {
  std::string kind = "recurrent";  ///< of bc/designs
  DesignConfig design{};
  double learning_rate = 1e-3;        ///< after the warm-up, > 0
  double final_learning_rate = 0.01;  ///< share of it left at the last update, in (0, 1]
  int warm_up = 200;                  ///< updates in which the rate grows to its full size
  double weight_decay = 0;            ///< decoupled, >= 0
  double clip_gradient = 0;           ///< longest gradient; 0: any
  bool average = true;           ///< act with averaged weights (Chi et al. 2023: decay 1 - (1 + t)^-0.75)
  double observation_noise = 0;  ///< standard deviation, in units of the normalised observation
  std::vector<double> shares{};  ///< of each batch, one for each of the files; none: all windows alike
  AugmentationConfig augmentation{};  ///< of pictures; the crop is the design's
  int batch = 128;                    ///< windows per update
  int epoch_updates = 100;
  int epochs = 100;
  int threads = 1;  ///< results do not depend on it
  int shards = 1;   ///< that each batch is cut into; at most `batch`
  std::uint64_t seed = 1;
};

/// Trains one network. Same data, config and build: same bits.
class SequenceCloning final : public Cloner {
 public:
  /// Of `obs_dim` those that are not of the design's pictures stand in `training`. Throws UsageError from make_design,
  /// and Error when `training` is empty, has values that are not finite, an augmentation does not do as it is told, or
  /// LibTorch cannot be loaded. `warm_start`: policy of the same design, whose numbers and normaliser it begins with;
  /// null: none. `ranks` share the shards.
  SequenceCloning(SequenceCloningConfig config, CloningPairs training, int obs_dim, int act_dim,
                  const Policy* warm_start = nullptr, std::shared_ptr<Ranks> ranks = single_rank());

  CloningMetrics update() override;
  /// Of the averaged weights, with the same random numbers every time; with pictures, of at most 512 steps of the pairs,
  /// evenly spread.
  double loss(const CloningPairs& pairs) override;
  std::uint64_t updates() const override { return adam_.steps; }
  Policy policy() const override;
  void serialise(Archive& archive) override;

 private:
  /// What one part of a batch is computed with. The parts are the same however many threads there are.
  struct Part {
    std::unique_ptr<ScriptNetwork> network;
    WindowBatch batch;
    std::vector<float> noise;
    std::uint64_t seed = 0;  ///< of dropout
    Vector gradient;
    double loss = 0;
  };
  static constexpr int kParts = 2;

  void disturb(WindowBatch& batch, Rng& rng);
  /// Windows of these rows, with pictures and noise.
  void fill(Part& part, const int* rows, int count, Rng& rng);
  double gradient_by_parts();
  double gradient_by_shards();
  void check_middle();
  void expect_next();
  double part_loss(Part& part, int count, double total, double samples, bool train, bool differentiate);

  SequenceCloningConfig config_;
  SequenceDesign design_;
  CloningPairs pairs_;
  WindowData data_;
  Normaliser normaliser_;
  int act_dim_;
  int seen_;  ///< entries of an observation in training
  Vector parameters_;
  Vector averaged_;
  AdamState adam_;
  Rng rng_;
  BatchRows batches_;
  std::vector<int> rows_;
  std::vector<Part> parts_;
  std::unique_ptr<ScriptNetwork> judge_;  ///< of the averaged weights
  Vector gradient_;
  Shards shards_;
  ThreadPool pool_;
};

}  // namespace understudy
