#pragma once
/// \file The kinds of networks that a policy can have, by name: how they come back from a file or a
/// checkpoint.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bc/policies/policy.h"

namespace understudy {

/// How a kind of network is read. `frame` is the policy without its network, `description` what
/// PolicyNetwork::description() gave, or anything else that is JSON: both functions throw Error `field: want,
/// found`, or let the JSON library's exceptions pass.
struct PolicyKind {
  std::string name;
  /// Names and shapes of the tensors, without values, before any of them is read. May not set aside memory by
  /// what the description says.
  std::function<std::vector<PolicyTensor>(const Policy& frame, const std::string& description)> tensors;
  /// The network, of these tensors with their values. Who calls it also calls check().
  std::function<std::shared_ptr<const PolicyNetwork>(const Policy& frame, const std::string& description,
                                                     std::vector<PolicyTensor> tensors)>
      make;
};

/// Throws Error that lists the known kinds.
const PolicyKind& policy_kind(const std::string& name);

/// One more kind, for a program or a plugin with policies of its own; before any thread asks for it. Throws
/// Error when the name is taken.
void add_policy_kind(PolicyKind kind);

}  // namespace understudy
