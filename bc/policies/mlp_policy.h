#pragma once
/// \file The policy that is a multi-layer perceptron: an action from the present observation alone.

#include <memory>
#include <string>
#include <vector>

#include "bc/networks/mlp.h"
#include "bc/policies/policy.h"
#include "bc/policies/policy_kinds.h"
#include "datasets/types/matrix.h"

namespace understudy {

/// What the network's outputs mean.
enum class Likelihood {
  kMse,       ///< outputs [act_dim]: the action
  kGaussian,  ///< outputs [2 act_dim]: means, then raw deviations r; sigma = softplus(r) + kMinDeviation
};

/// "mse", "gaussian".
std::string likelihood_name(Likelihood likelihood);
/// Throws UsageError that lists the known names.
Likelihood parse_likelihood(const std::string& name);

/// Least standard deviation of a Gaussian policy, in action units (robomimic's min_std).
inline constexpr float kMinDeviation = 0.01F;

/// Tensors in a file: weight_0 `[out, in]`, bias_0 `[out]`, weight_1, ...
class MlpPolicy final : public PolicyNetwork {
 public:
  MlpPolicy(MlpSpec network, Vector numbers, Likelihood meaning = Likelihood::kMse, bool tanh = true)
      : spec(std::move(network)), parameters(std::move(numbers)), likelihood(meaning), squash(tanh) {}

  std::string kind() const override;
  std::string description() const override;
  std::vector<PolicyTensor> tensors() const override;
  void check(const Policy& policy, const std::string& place) const override;
  PolicyScript script(const Policy& policy) const override;
  /// A few microseconds a row, without LibTorch.
  std::unique_ptr<Actor> make_actor(const Policy& policy) const override;

  MlpSpec spec;
  Vector parameters;  ///< laid out as Mlp says
  Likelihood likelihood;
  bool squash;  ///< mean = tanh(output), else the output clamped to [-1, 1]
};

/// For the list of kinds.
PolicyKind mlp_policy_kind();

/// The policy's network, which lives as long as `policy` and its copies. Throws Error when it is of another
/// kind.
const MlpPolicy& mlp_of(const Policy& policy);

}  // namespace understudy
