#pragma once
/// \file What acts inside a policy, whatever its kind. A kind is a pair of files that implements this
/// interface, and one line in policy_kinds.cpp. Networks are immutable: who trains one makes a new one of the
/// new numbers.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "datasets/types/matrix.h"
#include "datasets/types/sight.h"
#include "envs/contract/actor.h"

namespace understudy {

struct Policy;

/// A named tensor of a policy, float32, in PyTorch's layout: the last index runs fastest.
struct PolicyTensor {
  std::string name;                 ///< snake_case; the attribute of the TorchScript module
  std::vector<std::int64_t> shape;  ///< every size at least 1; none at all: one number
  Vector values;                    ///< as many as the shape says; empty where only shapes are asked for
};

/// The TorchScript module of a policy, for those who run it without this program. Its attributes are `mean`
/// and `scale` of the policy's normaliser and all tensors of the network, under their names.
struct PolicyScript {
  /// Methods, one after the other: `def forward(self, observation: Tensor) -> Tensor:` from raw observations
  /// `[batch, obs_dim]` or `[obs_dim]` to actions in [-1, 1] `[batch, act_dim]` or `[act_dim]`. A network
  /// that remembers also has `def reset(self) -> None:`, which begins a new episode in all rows.
  std::string source;
  /// What the methods assign to: attribute, and the name of the tensor that it is at first.
  std::vector<std::pair<std::string, std::string>> state{};
  /// More of them, with what they are at first.
  std::vector<PolicyTensor> buffers{};
};

class PolicyNetwork {
 public:
  PolicyNetwork() = default;
  PolicyNetwork(const PolicyNetwork&) = default;
  PolicyNetwork& operator=(const PolicyNetwork&) = default;
  virtual ~PolicyNetwork() = default;

  /// Name in the list of kinds.
  virtual std::string kind() const = 0;
  /// A JSON object of all that the tensors do not tell: sizes of layers, activations. Without a member
  /// `kind`.
  virtual std::string description() const = 0;
  /// Always in the same order. None may be called `mean` or `scale`.
  virtual std::vector<PolicyTensor> tensors() const = 0;
  /// Throws Error `place: field: want, found` unless the network fits the policy's spaces, history and plan
  /// and every number is finite.
  virtual void check(const Policy& policy, const std::string& place) const = 0;
  /// Whose pictures are the last fields of an observation, in this order; most see none.
  virtual std::vector<SightCamera> cameras() const { return {}; }
  virtual PolicyScript script(const Policy& policy) const = 0;
  /// Acts from raw observations with the most likely action. Every row is computed by itself, with a state of
  /// its own that Actor::reset begins anew. Outlives both this network and `policy`.
  virtual std::unique_ptr<Actor> make_actor(const Policy& policy) const = 0;
};

}  // namespace understudy
