#pragma once
/// \file The policies that plan from a window of observations or remember: every kind of bc/designs.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bc/designs/designs.h"
#include "bc/networks/script_network.h"
#include "bc/policies/policy.h"
#include "bc/policies/policy_kinds.h"
#include "datasets/types/rng.h"

namespace understudy {

class SequencePolicy final : public PolicyNetwork {
 public:
  /// `parameters`: the design's tensors, one after the other. Throws UsageError like make_design, and Error when their
  /// number is another.
  SequencePolicy(std::string kind, const DesignConfig& config, int obs_dim, int act_dim, Vector parameters);

  std::string kind() const override { return kind_; }
  std::string description() const override { return design_json(config_); }
  std::vector<PolicyTensor> tensors() const override;
  void check(const Policy& policy, const std::string& place) const override;
  std::vector<SightCamera> cameras() const override { return config_.vision.cameras; }
  PolicyScript script(const Policy& policy) const override;
  /// By LibTorch. What is drawn at random, the way of several or the noise that a plan begins as, follows from the
  /// seed of Actor::reset.
  std::unique_ptr<Actor> make_actor(const Policy& policy) const override;

  const SequenceDesign& design() const { return design_; }
  const DesignConfig& config() const { return config_; }
  const Vector& parameters() const { return parameters_; }

 private:
  std::string kind_;
  DesignConfig config_;
  SequenceDesign design_;
  int obs_dim_, act_dim_;
  Vector parameters_;
};

/// The constants of a design.
std::vector<ScriptTensor> normaliser_tensors(const Normaliser& normaliser);

/// How far an ensemble's members disagree about each of `observations` [n, obs_dim] (bc/designs/ensemble.cpp). Throws
/// Error for a policy that has no doubt, or sees more than one observation.
Vector doubts(const Policy& policy, ConstMatrixRef observations);

/// The same of one observation after another `[obs_dim]`; empty for a policy that has no doubt, or sees more than one.
std::function<float(ConstVectorRef)> doubt_meter(const Policy& policy);

/// At which doubt people took over: the mean of the last quarter of those at which they did (Kelly et al. 2019), while
/// the policy was at its best; 0: they never did.
double doubt_threshold(const Vector& at_takeover);

/// For the list of kinds: one for every design.
std::vector<PolicyKind> sequence_policy_kinds();

/// Numbers of all tensors.
Eigen::Index parameter_count(const SequenceDesign& design);

/// Drawn within the tensors' bounds, in their order.
Vector initial_parameters(const SequenceDesign& design, Rng& rng);

/// The design's tensors within `parameters`, for make_script_network.
std::vector<ScriptTensor> script_parameters(const SequenceDesign& design, const float* parameters);

}  // namespace understudy
