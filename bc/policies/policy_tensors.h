#pragma once
/// \file A policy as a list of named tensors and back: what files and checkpoints hold of its numbers.

#include <cstdint>
#include <string>
#include <vector>

#include "bc/policies/policy.h"
#include "datasets/types/error.h"

namespace understudy {

/// The normaliser's `mean` and `scale`, then the network's tensors.
std::vector<PolicyTensor> policy_tensors(const Policy& policy);

/// Names and shapes of the same, without values, of a policy like `frame` with a network of this kind and
/// description. Throws Error when there is no such kind or it cannot read the description.
std::vector<PolicyTensor> wanted_tensors(const Policy& frame, const std::string& kind,
                                         const std::string& description);

/// The policy that those tensors, now with their values, make of `frame`. Throws Error that begins with
/// `place` unless the parts fit together.
Policy assembled_policy(Policy frame, const std::string& kind, const std::string& description,
                        std::vector<PolicyTensor> tensors, const std::string& place);

/// Throws Error `place: field: want, found` unless there are so many entries.
void want_size(const std::string& place, const char* field, Eigen::Index want, Eigen::Index found);

/// Calls `work`; an Error of it that does not begin with `place` does so afterwards.
template <class Work>
auto at_place(const std::string& place, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    const std::string line = error.what();
    throw Error(line.starts_with(place) ? line : place + ": " + line);
  }
}

/// Entries of a tensor of this shape. Throws Error naming the tensor when a size is not positive or there are
/// 2^40 entries or more.
std::int64_t entries(const PolicyTensor& tensor);

}  // namespace understudy
