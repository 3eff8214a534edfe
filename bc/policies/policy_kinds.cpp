#include "bc/policies/policy_kinds.h"

#include <deque>
#include <utility>

#include "bc/policies/mlp_policy.h"
#include "bc/policies/sequence_policy.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

/// Every kind, one line each; those that others add come after them.
std::deque<PolicyKind>& kinds() {
  static std::deque<PolicyKind> all = [] {
    std::deque<PolicyKind> list{
        mlp_policy_kind(),
    };
    for (PolicyKind& kind : sequence_policy_kinds()) list.push_back(std::move(kind));
    return list;
  }();
  return all;
}

const PolicyKind* find(const std::string& name) {
  for (const PolicyKind& kind : kinds()) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

}  // namespace

const PolicyKind& policy_kind(const std::string& name) {
  if (const PolicyKind* kind = find(name)) return *kind;
  std::vector<std::string> known;
  for (const PolicyKind& kind : kinds()) known.push_back(kind.name);
  throw Error(unknown_name("kind of policy", name, known));
}

void add_policy_kind(PolicyKind kind) {
  if (find(kind.name) != nullptr) {
    throw Error("kind of policy " + kind.name + ": want a name of its own, found it taken");
  }
  kinds().push_back(std::move(kind));
}

}  // namespace understudy
