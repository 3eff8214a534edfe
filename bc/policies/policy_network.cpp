#include "bc/policies/policy_network.h"

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr double kOutputGain = 0.01;

/// Copies all layers of one flat vector into another whose last layer has another width; columns that both have.
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

/// First (x - m1) s1, then (. - m2) s2: (x - m1 - m2 / s1) s1 s2. An entry that the first drops stays dropped.
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
  if (warm_start->network.inputs != spec.inputs || warm_start->action.size() != means) {
    throw Error("warm start: want a policy of " + std::to_string(spec.inputs) + " observations and " +
                std::to_string(means) + " actions, found " + std::to_string(warm_start->network.inputs) +
                " and " + std::to_string(warm_start->action.size()));
  }
  if (!warm_start->squash) {
    throw Error("warm start: want a policy with tanh on its action; clone it again without --linear-output");
  }
  spec.hidden = warm_start->network.hidden;
  spec.activation = warm_start->network.activation;
  const Mlp network(spec);
  ActorStart start{spec, Vector::Zero(network.parameter_count())};
  MlpSpec cut = warm_start->network;
  const Policy only_means = mean_policy(cut, warm_start->parameters, means);
  copy_layers(Mlp(only_means.network), only_means.parameters, network, start.parameters);
  return start;
}

std::shared_ptr<const Policy> load_warm_start(const std::string& path, const EnvironmentSpec& spec) {
  auto policy = std::make_shared<Policy>(load_policy(path));
  try {
    check_policy_fits(*policy, spec);
  } catch (const Error& error) {
    throw Error(path + ": " + error.what());
  }
  return policy;
}

Policy mean_policy(const MlpSpec& network, ConstVectorRef parameters, int means) {
  Policy policy;
  policy.network = network;
  policy.network.outputs = means;
  policy.normaliser = identity_normaliser(network.inputs);
  const Mlp cut(policy.network);
  policy.parameters = Vector::Zero(cut.parameter_count());
  copy_layers(Mlp(network), parameters, cut, policy.parameters);
  policy.likelihood = Likelihood::kMse;
  policy.squash = true;
  return policy;
}

Policy run_policy(const Policy& common, const Normaliser& normaliser, const Policy& learnt) {
  Policy policy = common;
  policy.network = learnt.network;
  policy.parameters = learnt.parameters;
  policy.likelihood = learnt.likelihood;
  policy.squash = learnt.squash;
  policy.normaliser = composed(normaliser, learnt.normaliser);
  return policy;
}

}  // namespace understudy
