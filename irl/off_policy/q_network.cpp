#include "irl/off_policy/q_network.h"

#include "bc/networks/network_loops.h"

namespace understudy {

void QNetwork::step(const AdamConfig& config, double tau) {
  Vector& sum = gradients.front();
  for (std::size_t i = 1; i < gradients.size(); ++i) sum += gradients[i];
  adam_step(config, sum, adam, parameters);
  kernels::polyak(static_cast<float>(tau), parameters.data(), target.data(),
                  static_cast<std::size_t>(parameters.size()));
}

void QNetwork::serialise(Archive& archive) {
  archive("critic", parameters);
  archive.want_finite(parameters);
  archive("critic target", target);
  archive.want_finite(target);
  serialise_adam(archive, adam);
}

Eigen::Map<Vector> q_values(MlpWorkspace& workspace) {
  auto outputs = workspace.outputs();
  return {outputs.data(), outputs.rows()};
}

Eigen::Map<Vector> q_gradient(MlpWorkspace& workspace) {
  auto gradient = workspace.output_gradient();
  return {gradient.data(), gradient.rows()};
}

QNetworks::QNetworks(const MlpSpec& spec, int count, int shards, Rng& rng) : network(spec) {
  for (int i = 0; i < count; ++i) {
    QNetwork head;
    head.parameters = network.initial_parameters(rng, 1);
    head.target = head.parameters;
    head.adam = AdamState(network.parameter_count());
    head.gradients.assign(static_cast<std::size_t>(shards), Vector::Zero(network.parameter_count()));
    heads.push_back(std::move(head));
  }
}

void QNetworks::serialise(Archive& archive) {
  for (QNetwork& head : heads) head.serialise(archive);
}

}  // namespace understudy
