#include "bc/policies/policy_tensors.h"

#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "bc/policies/policy_kinds.h"

namespace understudy {
namespace {

constexpr std::int64_t kMostEntries = (std::int64_t{1} << 40) - 1;
constexpr std::ptrdiff_t kNormaliser = 2;  // tensors of it

std::vector<PolicyTensor> after_normaliser(int obs_dim, std::vector<PolicyTensor> network) {
  std::vector<PolicyTensor> tensors{{"mean", {obs_dim}, {}}, {"scale", {obs_dim}, {}}};
  tensors.insert(tensors.end(), std::move_iterator(network.begin()), std::move_iterator(network.end()));
  return tensors;
}

/// What a kind makes of a description. An unknown name in it is bad data, not a wrong option.
template <class Reading>
auto readable(const Reading& reading) {
  try {
    return reading();
  } catch (const nlohmann::ordered_json::exception& error) {
    throw Error(std::string("network: damaged: ") + error.what() + "; train the policy again");
  } catch (const UsageError& error) {
    throw Error(error.what());
  }
}

}  // namespace

std::vector<PolicyTensor> policy_tensors(const Policy& policy) {
  auto tensors = after_normaliser(policy.normaliser.size(), policy.network->tensors());
  tensors[0].values = policy.normaliser.mean;
  tensors[1].values = policy.normaliser.scale;
  return tensors;
}

std::vector<PolicyTensor> wanted_tensors(const Policy& frame, const std::string& kind,
                                         const std::string& description) {
  return readable([&] {
    return after_normaliser(frame.observation.size(), policy_kind(kind).tensors(frame, description));
  });
}

Policy assembled_policy(Policy frame, const std::string& kind, const std::string& description,
                        std::vector<PolicyTensor> tensors, const std::string& place) {
  frame.normaliser = {std::move(tensors[0].values), std::move(tensors[1].values)};
  tensors.erase(tensors.begin(), tensors.begin() + kNormaliser);
  frame.network = at_place(place, [&] {
    return readable([&] { return policy_kind(kind).make(frame, description, std::move(tensors)); });
  });
  check_policy(frame, place);
  return frame;
}

void want_size(const std::string& place, const char* field, Eigen::Index want, Eigen::Index found) {
  if (want == found) return;
  throw Error(place + ": " + field + ": want " + std::to_string(want) + " entries, found " +
              std::to_string(found));
}

std::int64_t entries(const PolicyTensor& tensor) {
  std::int64_t product = 1;
  for (const std::int64_t size : tensor.shape) {
    if (size < 1 || size > kMostEntries / product) {
      throw Error("tensor " + tensor.name + ": want positive sizes of fewer than 2^40 entries, found others");
    }
    product *= size;
  }
  return product;
}

}  // namespace understudy
