// Policies as TorchScript archives. The numbers live in the module's parameters and buffers in PyTorch's own
// layout (weights [out, in]), so that Python can also load them into an nn.Sequential.

#include <torch/script.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bc/networks/tensor_batch.h"
#include "bc/policies/policy.h"
#include "datasets/format/space_json.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

using nlohmann::ordered_json;

constexpr const char* kExtraFile = "understudy.json";
constexpr int kSchema = 1;

std::string weight_name(int layer) {
  return "weight_" + std::to_string(layer);
}
std::string bias_name(int layer) {
  return "bias_" + std::to_string(layer);
}

/// The forward pass in TorchScript.
std::string forward_source(const Policy& policy) {
  const Mlp network(policy.network);
  std::string source =
      "def forward(self, observation: Tensor) -> Tensor:\n"
      "    x = (observation.to(self.mean) - self.mean) * self.scale\n";
  for (int layer = 0; layer < network.layers(); ++layer) {
    const std::string affine =
        "torch.linear(x, self." + weight_name(layer) + ", self." + bias_name(layer) + ")";
    if (layer + 1 == network.layers()) {
      source += "    x = " + affine + "\n";
    } else {
      source += "    x = torch." + activation_name(policy.network.activation) + "(" + affine + ")\n";
    }
  }
  if (policy.likelihood == Likelihood::kGaussian) {
    source += "    x = torch.narrow(x, -1, 0, " + std::to_string(policy.action.size()) + ")\n";
  }
  source += policy.squash ? "    return torch.tanh(x)\n" : "    return torch.clamp(x, -1.0, 1.0)\n";
  return source;
}

std::string describe(const Policy& policy) {
  const ordered_json document = {
      {"schema", kSchema},
      {"environment", policy.environment_id},
      {"learner", policy.learner},
      {"observation", ordered_json::parse(space_to_json(policy.observation))},
      {"action", ordered_json::parse(space_to_json(policy.action))},
      {"network",
       {{"hidden", policy.network.hidden}, {"activation", activation_name(policy.network.activation)}}},
      {"likelihood", likelihood_name(policy.likelihood)},
      {"squash", policy.squash},
      {"config", policy.config},
      {"dataset_sha256", policy.dataset_sha256},
      {"program_version", policy.program_version}};
  return document.dump(2);
}

/// Everything but the numbers.
Policy parse_description(const std::string& text, const std::string& place) {
  Policy policy;
  const std::string inside = place + ":" + kExtraFile;
  try {
    const auto document = ordered_json::parse(text);
    const int schema = document.at("schema").get<int>();
    if (schema != kSchema) {
      throw Error(inside + ": schema: want " + std::to_string(kSchema) + ", found " + std::to_string(schema) +
                  "; it was written by another version: update this program or train again");
    }
    policy.environment_id = document.at("environment").get<std::string>();
    policy.learner = document.at("learner").get<std::string>();
    policy.observation = space_from_json(document.at("observation").dump(), inside);
    policy.action = space_from_json(document.at("action").dump(), inside);
    policy.network.hidden = document.at("network").at("hidden").get<std::vector<int>>();
    policy.network.activation = parse_activation(document.at("network").at("activation").get<std::string>());
    policy.likelihood = parse_likelihood(document.at("likelihood").get<std::string>());
    policy.squash = document.at("squash").get<bool>();
    policy.config = document.at("config").get<std::string>();
    policy.dataset_sha256 = document.at("dataset_sha256").get<std::string>();
    policy.program_version = document.at("program_version").get<std::string>();
  } catch (const ordered_json::exception& error) {
    throw Error(inside + ": damaged: " + error.what() + "; train the policy again");
  } catch (const UsageError& error) {  // an unknown name in the file is bad data, not a wrong option
    throw Error(inside + ": " + error.what());
  }
  policy.network.inputs = policy.observation.size();
  policy.network.outputs = policy.action.size() * (policy.likelihood == Likelihood::kGaussian ? 2 : 1);
  return policy;
}

/// Why LibTorch could not read `path`: it says so in many lines of its own sources, which help nobody.
std::string unreadable(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  char magic[2] = {};
  file.read(magic, sizeof magic);
  const bool archive = file.gcount() == 2 && magic[0] == 'P' && magic[1] == 'K';
  return path.string() + (archive ? ": damaged or truncated TorchScript archive; copy it again or train again"
                                  : ": want a TorchScript archive (policy.pt), found another kind of file");
}

void read_numbers(const torch::jit::Module& module, Policy& policy, const std::string& place) {
  const auto number = [&](const std::string& name) {
    if (!module.hasattr(name) || !module.attr(name).isTensor()) {
      throw Error(place + ": " + name + ": want a tensor, found none");
    }
    return module.attr(name).toTensor();
  };
  const int inputs = policy.network.inputs;
  policy.normaliser.mean = to_vector(number("mean"), inputs, place + ":mean");
  policy.normaliser.scale = to_vector(number("scale"), inputs, place + ":scale");
  const Mlp network(policy.network);
  policy.parameters.resize(network.parameter_count());
  for (int layer = 0; layer < network.layers(); ++layer) {
    const int in = network.width(layer);
    const int out = network.width(layer + 1);
    Eigen::Map<Matrix>(policy.parameters.data() + network.weight_offset(layer), in, out) =
        to_matrix(number(weight_name(layer)), out, in, place + ":" + weight_name(layer)).transpose();
    policy.parameters.segment(network.bias_offset(layer), out) =
        to_vector(number(bias_name(layer)), out, place + ":" + bias_name(layer));
  }
}

}  // namespace

void save_policy(const Policy& policy, const std::filesystem::path& path) {
  check_policy(policy, path.string());
  const Mlp network(policy.network);
  torch::jit::Module module("__torch__.UnderstudyPolicy");
  module.register_buffer("mean", vector_to_tensor(policy.normaliser.mean));
  module.register_buffer("scale", vector_to_tensor(policy.normaliser.scale));
  for (int layer = 0; layer < network.layers(); ++layer) {
    const Eigen::Map<const Matrix> weight(policy.parameters.data() + network.weight_offset(layer),
                                          network.width(layer), network.width(layer + 1));
    module.register_parameter(weight_name(layer), to_tensor(weight.transpose()), false);
    module.register_parameter(
        bias_name(layer),
        vector_to_tensor(policy.parameters.segment(network.bias_offset(layer), network.width(layer + 1))),
        false);
  }
  module.define(forward_source(policy));
  module.eval();

  std::ostringstream archive;
  module.save(archive, {{kExtraFile, describe(policy)}});
  durable_write(std::filesystem::absolute(path), archive.str());
}

Policy load_policy(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    throw Error(path.string() + ": no such policy file; `understudy train` writes RUN/policy.pt");
  }
  torch::jit::ExtraFilesMap extra{{kExtraFile, ""}};
  torch::jit::Module module;
  try {
    module = torch::jit::load(path.string(), torch::kCPU, extra);
  } catch (const std::exception&) {
    throw Error(unreadable(path));
  }
  if (extra[kExtraFile].empty()) {
    throw Error(path.string() +
                ": want a policy written by `understudy train`, found a TorchScript archive without " +
                kExtraFile);
  }
  Policy policy = parse_description(extra[kExtraFile], path.string());
  read_numbers(module, policy, path.string());
  check_policy(policy, path.string());
  return policy;
}

}  // namespace understudy
