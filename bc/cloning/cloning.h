#pragma once
/// \file Behavioural cloning: supervised learning of the demonstrator's action from the observation
/// (Pomerleau 1991), with MSE or Gaussian likelihood.
///
/// Departures from common practice: an epoch is a fixed number of gradient steps rather than one pass over
/// the data (as in robomimic), so that one set of defaults serves datasets of any size; the learning rate
/// falls along a half cosine (Loshchilov, Hutter 2017), which averages out the demonstrator's noise at the
/// end; and Gaussian noise may be added to the normalised observations, which teaches the network the same
/// action in a neighbourhood of every demonstrated state (Bishop 1995).

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "bc/cloning/batch_rows.h"
#include "bc/cloning/picture_source.h"
#include "bc/networks/adam.h"
#include "bc/networks/mlp.h"
#include "bc/parallel/shards.h"
#include "bc/policies/mlp_policy.h"
#include "bc/policies/normaliser.h"
#include "bc/runs/setting.h"
#include "datasets/storage/archive.h"
#include "datasets/types/matrix.h"
#include "datasets/types/rng.h"

namespace understudy {

struct CloningConfig {
  std::vector<int> hidden{256, 256};          ///< widths of the hidden layers (ours)
  Activation activation = Activation::kTanh;  ///< of the hidden layers (ours)
  Likelihood likelihood = Likelihood::kMse;
  bool squash = true;           ///< tanh on the mean, as robomimic does; else linear, clamped when acting
  bool normalise = true;        ///< observations to zero mean and unit variance
  double learning_rate = 1e-3;  ///< Adam's alpha at the first update, > 0 (ours)
  double final_learning_rate = 0.01;  ///< share of learning_rate left at the last update, in (0, 1] (ours)
  double weight_decay = 0;            ///< decoupled, >= 0
  int warm_up = 0;                    ///< updates in which the rate grows to its full size
  double clip_gradient = 0;           ///< longest gradient; 0: any
  double observation_noise = 0;       ///< standard deviation, in units of the normalised observation; >= 0
  std::vector<double> shares{};       ///< of each batch, one for each of the files; none: all rows alike
  int batch = 256;                    ///< transitions per update (ours)
  int epoch_updates = 100;            ///< updates per epoch (robomimic)
  int epochs = 60;                    ///< length of the learning-rate schedule and of a run
  int shards = 1;                     ///< that each batch is cut into; at most `batch`
  std::uint64_t seed = 1;
};

SettingList settings(CloningConfig& config);

/// Throws UsageError naming the option, its range and what was found.
void validate(const CloningConfig& config);

/// Transitions to clone: row i of both belongs together.
struct CloningPairs {
  Matrix observations;         ///< [N, obs_dim], raw
  Matrix actions;              ///< [N, act_dim] in [-1, 1]
  std::vector<int> lengths{};  ///< rows of each episode, in order; only where that matters
  /// How much each row counts, >= 0; none: all alike. A row of 0 is no label: it is context for its neighbours.
  std::vector<float> weights{};
  Matrix takeovers{};  ///< [n, obs_dim] what was seen when a person took over from a policy, in order
  std::vector<int> datasets{};         ///< rows of each file, in order; none: all are of one
  std::vector<PicturePlace> places{};  ///< of each row in the data set, where it is from one
  /// Where observations have pictures; row i is its place first_place + i.
  std::shared_ptr<PictureSource> pictures{};
  int first_place = 0;
};

/// Pairs that training can use: throws Error when there are none, values that are not finite, or lengths differ.
CloningPairs checked_pairs(CloningPairs pairs);

/// The rows of each file that are to be learnt from: `wanted` says which. Throws Error when a file has none.
std::vector<std::vector<int>> rows_by_dataset(const CloningPairs& pairs,
                                              const std::function<bool(int)>& wanted);

/// A line up, then half a cosine down (Loshchilov, Hutter 2017).
struct LearningRate {
  double full = 1e-3;         ///< after the warm-up
  double final_share = 0.01;  ///< of it, left at the end
  int warm_up = 0;            ///< updates
  double updates = 1;         ///< in all
};
double learning_rate_at(const LearningRate& rate, std::uint64_t update);

/// Of one update.
struct CloningMetrics {
  double loss = 0;           ///< on the training batch, observation noise included
  double gradient_norm = 0;  ///< Euclidean norm of the whole gradient
  double learning_rate = 0;  ///< of this update
  double mean_absolute_error =
      0;  ///< |mean - action| over the training batch, action units; NaN where unknown
};

/// The numbers of a warm start in place of the `first`. Throws Error when there are more or fewer.
Vector begun(const Vector& first, const Vector& warm_start);

struct StepLimits {
  double clip_gradient = 0;  ///< longest gradient; 0: any
  double weight_decay = 0;   ///< decoupled
};

/// Adam's step at metrics.learning_rate; sets metrics.gradient_norm, that of the gradient before it is clipped. Throws
/// DivergenceError when it or metrics.loss is not finite.
void take_step(const StepLimits& limits, Vector& gradient, AdamState& adam, Vector& parameters,
               CloningMetrics& metrics);

/// Clones step by step, whatever the network.
class Cloner {
 public:
  Cloner() = default;
  Cloner(const Cloner&) = delete;
  Cloner& operator=(const Cloner&) = delete;
  virtual ~Cloner() = default;

  /// One gradient step on the next batch. Throws DivergenceError.
  virtual CloningMetrics update() = 0;
  /// The training loss on other pairs, without anything that training adds (not a criterion for choosing a policy:
  /// the one with the lowest validation loss is often among the worst, Mandlekar et al. 2021). At least one pair.
  virtual double loss(const CloningPairs& pairs) = 0;
  virtual std::uint64_t updates() const = 0;
  /// The present network as a policy; the caller adds environment, spaces and provenance.
  virtual Policy policy() const = 0;
  /// Saves or restores everything that the next updates depend on; they have the same bits then. Throws Error
  /// for what belongs to another network or dataset size, and for values that cannot be.
  virtual void serialise(Archive& archive) = 0;
};

/// Trains one perceptron. Same data, config, build and BLAS threads: same bits.
class Cloning final : public Cloner {
 public:
  /// The network's larger passes run on `device`; null: on the CPU. Throws UsageError from validate(), Error
  /// when `training` is empty, has values that are not finite, or pairs of different lengths. `warm_start`: MLP of the
  /// config's sizes, whose numbers and normaliser it begins with; null: none. `ranks` share the shards.
  Cloning(CloningConfig config, CloningPairs training, std::shared_ptr<MlpDevice> device = nullptr,
          const Policy* warm_start = nullptr, std::shared_ptr<Ranks> ranks = single_rank());

  CloningMetrics update() override;
  double loss(const CloningPairs& pairs) override;
  std::uint64_t updates() const override { return adam_.steps; }
  Policy policy() const override;

  /// The present shuffle of the training rows.
  const std::vector<int>& order() const { return rows_.order(); }

  void serialise(Archive& archive) override;

 private:
  void next_batch();
  void disturb(Rng& rng, float* values, Eigen::Index count) const;
  /// A shard's part of the batch: its share of the gradient, and of loss and absolute error.
  void shard_gradient(int shard, Vector& gradient, Figures& figures);
  /// Loss of workspace_.outputs() against `actions`, with its gradient in workspace_.output_gradient(). `weights`: of
  /// each row; null: all alike.
  double loss_and_gradient(ConstMatrixRef actions, const float* weights);

  CloningConfig config_;
  Normaliser normaliser_;
  Matrix observations_;  ///< normalised
  Matrix actions_;
  Mlp network_;
  MlpWorkspace workspace_;
  Rng rng_;
  Vector parameters_;
  AdamState adam_;
  std::vector<float> weights_;  ///< of the rows; may be empty
  BatchRows rows_;
  Vector gradient_;
  Shards shards_;
  std::vector<int> batch_rows_;
  Matrix batch_observations_;
  Matrix batch_actions_;
  std::vector<float> batch_weights_;
};

}  // namespace understudy
