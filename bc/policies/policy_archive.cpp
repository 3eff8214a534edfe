#include "bc/policies/policy_archive.h"

namespace understudy {

void serialise_policy(Archive& archive, Policy& policy) {
  MlpSpec& network = policy.network;
  std::string activation = activation_name(network.activation);
  std::string likelihood = likelihood_name(policy.likelihood);
  archive("policy inputs", network.inputs);
  archive.want_range(network.inputs, 1, 1 << 20);
  archive("policy hidden", network.hidden);
  for (const int width : network.hidden) archive.want_range(width, 1, 65536);
  archive("policy outputs", network.outputs);
  archive.want_range(network.outputs, 1, 1 << 20);
  archive("policy activation", activation);
  network.activation = parse_activation(activation);
  archive("policy likelihood", likelihood);
  policy.likelihood = parse_likelihood(likelihood);
  archive("policy squash", policy.squash);
  for (Vector* vector : {&policy.parameters, &policy.normaliser.mean, &policy.normaliser.scale}) {
    Matrix row = vector->transpose();  // matrices carry their size
    archive("policy numbers", row);
    *vector = row.reshaped();
  }
}

}  // namespace understudy
