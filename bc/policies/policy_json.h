#pragma once
/// \file What a policy file says in words: `understudy.json`, see docs/policy-format.md.

#include <string>
#include <vector>

#include "bc/policies/policy.h"

namespace understudy {

/// A policy file without its numbers.
struct PolicyDescription {
  int schema = 0;       ///< 1 or 2
  std::string sha256;   ///< of the file, see policy_file.h; empty in schema 1
  Policy frame;         ///< without network and normaliser
  std::string kind;     ///< of the network
  std::string network;  ///< what its kind says of it, JSON
  /// Normaliser and network, without values, as the kind of network wants them: checked against the file's
  /// own list.
  std::vector<PolicyTensor> tensors;
};

/// The text for `policy`, whose `tensors` (see policy_tensors) are the records data/0, data/1, ... of the
/// file. Schema 2. Throws Error when a text of the policy is not UTF-8.
std::string policy_to_json(const Policy& policy, const std::vector<PolicyTensor>& tensors,
                           const std::string& sha256);

/// Throws Error that begins with `place` unless `text` is of a schema that this program knows, and complete.
/// Deep nesting, long texts and control characters are refused wherever a message could show them.
PolicyDescription policy_from_json(const std::string& text, const std::string& place);

}  // namespace understudy
