#include "bc/policies/warm_start.h"

#include "bc/policies/mlp_policy.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr double kOutputGain = 0.01;

/// Copies all layers of one flat vector into another whose last layer has another width; columns that both
/// have.
void copy_layers(const Mlp& from, ConstVectorRef source, const Mlp& to, VectorRef target) {
  const int last = from.layers() - 1;
  target.head(from.weight_offset(last)) = source.head(from.weight_offset(last));
  const int in = from.width(last);
  const int columns = std::min(from.width(last + 1), to.width(last + 1));
  Eigen::Map<Matrix>(target.data() + to.weight_offset(last), in, to.width(last + 1)).leftCols(columns) =
      Eigen::Map<const Matrix>(source.data() + from.weight_offset(last), in, from.width(last + 1))
          .leftCols(columns);
  target.segment(to.bias_offset(last), columns) = source.segment(from.bias_offset(last), columns);
}

/// First (x - m1) s1, then (. - m2) s2: (x - m1 - m2 / s1) s1 s2. An entry that the first drops stays
/// dropped.
Normaliser composed(const Normaliser& first, const Normaliser& second) {
  Normaliser both = first;
  for (int i = 0; i < both.size(); ++i) {
    if (first.scale(i) == 0) continue;
    both.mean(i) += second.mean(i) / first.scale(i);
    both.scale(i) *= second.scale(i);
  }
  return both;
}

}  // namespace

ActorStart start_actor(MlpSpec spec, int means, const Policy* warm_start, Rng& rng) {
  if (warm_start == nullptr) {
    const Mlp network(spec);
    return {spec, network.initial_parameters(rng, kOutputGain)};
  }
  const MlpPolicy& warm = mlp_of(*warm_start);
  if (warm.spec.inputs != spec.inputs || warm_start->action.size() != means) {
    throw Error("warm start: want a policy of " + std::to_string(spec.inputs) + " observations and " +
                std::to_string(means) + " actions, found " + std::to_string(warm.spec.inputs) + " and " +
                std::to_string(warm_start->action.size()));
  }
  if (!warm.squash) {
    throw Error("warm start: want a policy with tanh on its action; clone it again without --linear-output");
  }
  spec.hidden = warm.spec.hidden;
  spec.activation = warm.spec.activation;
  const Mlp network(spec);
  ActorStart start{spec, Vector::Zero(network.parameter_count())};
  const Policy only_means = mean_policy(warm.spec, warm.parameters, means);
  copy_layers(Mlp(mlp_of(only_means).spec), mlp_of(only_means).parameters, network, start.parameters);
  return start;
}

std::shared_ptr<const Policy> load_warm_start(const std::string& path, const EnvironmentSpec& spec) {
  auto policy = std::make_shared<Policy>(load_policy(path));
  try {
    check_policy_fits(*policy, spec);
    mlp_of(*policy);
  } catch (const Error& error) {
    throw Error(path + ": " + error.what());
  }
  return policy;
}

Policy mean_policy(const MlpSpec& network, ConstVectorRef parameters, int means) {
  MlpSpec spec = network;
  spec.outputs = means;
  const Mlp cut(spec);
  Vector numbers = Vector::Zero(cut.parameter_count());
  copy_layers(Mlp(network), parameters, cut, numbers);
  Policy policy;
  policy.normaliser = identity_normaliser(network.inputs);
  policy.network = std::make_shared<const MlpPolicy>(spec, std::move(numbers));
  return policy;
}

Policy run_policy(const Normaliser& normaliser, Policy learnt) {
  learnt.normaliser = composed(normaliser, learnt.normaliser);
  return learnt;
}

}  // namespace understudy
