#include "bc/policies/mlp_policy.h"

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "bc/policies/policy_tensors.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

using nlohmann::ordered_json;

constexpr const char* kKind = "mlp";
constexpr std::size_t kMostLayers = 1000;

std::string weight_name(int layer) {
  return "weight_" + std::to_string(layer);
}
std::string bias_name(int layer) {
  return "bias_" + std::to_string(layer);
}

void want_one(const std::string& place, const char* field, int found) {
  if (found == 1) return;
  throw Error(place + ": " + field + ": want 1 with an MLP, found " + std::to_string(found));
}

std::vector<PolicyTensor> shapes(const Mlp& network) {
  std::vector<PolicyTensor> tensors;
  for (int layer = 0; layer < network.layers(); ++layer) {
    tensors.push_back({weight_name(layer), {network.width(layer + 1), network.width(layer)}, {}});
    tensors.push_back({bias_name(layer), {network.width(layer + 1)}, {}});
  }
  return tensors;
}

/// An MLP without its numbers.
MlpPolicy parse(const Policy& frame, const std::string& description) {
  const auto document = ordered_json::parse(description);
  MlpPolicy policy({}, {});
  const auto& hidden = document.at("hidden");
  if (!hidden.is_array()) throw Error("hidden: want a list of widths, found another value");
  if (hidden.size() > kMostLayers) {
    throw Error("hidden: want at most " + std::to_string(kMostLayers) + " layers, found " +
                std::to_string(hidden.size()));
  }
  for (const auto& width : hidden) {
    constexpr std::int64_t kMost = std::numeric_limits<int>::max();
    const std::int64_t units = width.is_number_integer() ? width.get<std::int64_t>() : -kMost - 1;
    if (units > kMost || units < -kMost) throw Error("hidden: want whole numbers below 2^31, found others");
    policy.spec.hidden.push_back(static_cast<int>(units));
  }
  policy.spec.activation = parse_activation(document.at("activation").get<std::string>());
  policy.likelihood = parse_likelihood(document.at("likelihood").get<std::string>());
  policy.squash = document.at("squash").get<bool>();
  policy.spec.inputs = frame.observation.size();
  policy.spec.outputs = frame.action.size() * (policy.likelihood == Likelihood::kGaussian ? 2 : 1);
  return policy;
}

}  // namespace

std::string likelihood_name(Likelihood likelihood) {
  return likelihood == Likelihood::kMse ? "mse" : "gaussian";
}

Likelihood parse_likelihood(const std::string& name) {
  if (name == "mse") return Likelihood::kMse;
  if (name == "gaussian") return Likelihood::kGaussian;
  throw UsageError(unknown_name("likelihood", name, {"gaussian", "mse"}));
}

std::string MlpPolicy::kind() const {
  return kKind;
}

std::string MlpPolicy::description() const {
  return ordered_json{{"hidden", spec.hidden},
                      {"activation", activation_name(spec.activation)},
                      {"likelihood", likelihood_name(likelihood)},
                      {"squash", squash}}
      .dump();
}

std::vector<PolicyTensor> MlpPolicy::tensors() const {
  const Mlp network(spec);
  std::vector<PolicyTensor> tensors = shapes(network);
  for (int layer = 0; layer < network.layers(); ++layer) {
    const int in = network.width(layer);
    const int out = network.width(layer + 1);
    const auto at = static_cast<std::size_t>(2 * layer);
    const Eigen::Map<const Matrix> weight(parameters.data() + network.weight_offset(layer), in, out);
    tensors[at].values.resize(weight.size());
    Eigen::Map<Matrix>(tensors[at].values.data(), out, in) = weight.transpose();
    tensors[at + 1].values = parameters.segment(network.bias_offset(layer), out);
  }
  return tensors;
}

void MlpPolicy::check(const Policy& policy, const std::string& place) const {
  const Mlp network(spec);
  const int actions = policy.action.size();
  want_size(place, "network inputs", policy.observation.size(), spec.inputs);
  want_size(place, "network outputs", likelihood == Likelihood::kGaussian ? 2 * actions : actions,
            spec.outputs);
  want_size(place, "parameters", network.parameter_count(), parameters.size());
  want_one(place, "observation_history", policy.observation_history);
  want_one(place, "planned_actions", policy.planned_actions);
  // Neither actors nor files know it: only critics are normalised so far.
  if (spec.layer_norm) throw Error(place + ": network: want one without layer_norm");
  if (!parameters.allFinite()) throw Error(place + ": parameters: one is not finite; train the policy again");
}

PolicyScript MlpPolicy::script(const Policy& policy) const {
  const int layers = static_cast<int>(spec.hidden.size()) + 1;
  std::string source =
      "def forward(self, observation: Tensor) -> Tensor:\n"
      "    x = (observation.to(self.mean) - self.mean) * self.scale\n";
  for (int layer = 0; layer < layers; ++layer) {
    const std::string affine =
        "torch.linear(x, self." + weight_name(layer) + ", self." + bias_name(layer) + ")";
    if (layer + 1 == layers) {
      source += "    x = " + affine + "\n";
    } else {
      source += "    x = torch." + activation_name(spec.activation) + "(" + affine + ")\n";
    }
  }
  if (likelihood == Likelihood::kGaussian) {
    source += "    x = torch.narrow(x, -1, 0, " + std::to_string(policy.action.size()) + ")\n";
  }
  source += squash ? "    return torch.tanh(x)\n" : "    return torch.clamp(x, -1.0, 1.0)\n";
  return {source, {}};
}

PolicyKind mlp_policy_kind() {
  return {kKind,
          [](const Policy& frame, const std::string& description) {
            return shapes(Mlp(parse(frame, description).spec));
          },
          [](const Policy& frame, const std::string& description, std::vector<PolicyTensor> tensors) {
            MlpPolicy policy = parse(frame, description);
            const Mlp network(policy.spec);
            policy.parameters.resize(network.parameter_count());
            for (int layer = 0; layer < network.layers(); ++layer) {
              const int in = network.width(layer);
              const int out = network.width(layer + 1);
              const auto at = static_cast<std::size_t>(2 * layer);
              Eigen::Map<Matrix>(policy.parameters.data() + network.weight_offset(layer), in, out) =
                  Eigen::Map<const Matrix>(tensors[at].values.data(), out, in).transpose();
              policy.parameters.segment(network.bias_offset(layer), out) = tensors[at + 1].values;
            }
            return std::make_shared<const MlpPolicy>(std::move(policy));
          }};
}

const MlpPolicy& mlp_of(const Policy& policy) {
  if (const auto* mlp = dynamic_cast<const MlpPolicy*>(policy.network.get())) return *mlp;
  throw Error("want a policy whose network is an MLP, found " +
              (policy.network == nullptr ? "none" : "one of kind " + policy.network->kind()) +
              "; clone or train an MLP first");
}

}  // namespace understudy
