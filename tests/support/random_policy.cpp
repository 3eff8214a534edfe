#include "tests/support/random_policy.h"

#include <cmath>
#include <utility>

namespace understudy {

Policy random_policy(Likelihood likelihood, bool squash, Activation activation, std::vector<int> hidden,
                     std::uint64_t seed) {
  Policy policy;
  policy.environment_id = "Drive";
  policy.observation =
      Space({{"pose", 9, "m", -2, 2, "where it is"}, {"twist", 8, "m/s", -5, 5, "where it goes"}});
  policy.action = Space({{"stick", 6, "-", -1, 1, "six axes"}});
  const MlpSpec spec{.inputs = 17,
                     .hidden = std::move(hidden),
                     .outputs = likelihood == Likelihood::kGaussian ? 12 : 6,
                     .activation = activation};
  Rng rng(seed);
  policy.normaliser = identity_normaliser(17);
  for (int i = 0; i < 17; ++i) {
    policy.normaliser.mean(i) = static_cast<float>(3 * rng.normal());
    policy.normaliser.scale(i) = i == 4 ? 0.0F : static_cast<float>(std::exp(rng.normal()));
  }
  Vector parameters = Mlp(spec).initial_parameters(rng, 1.0);
  for (float& value : parameters) value += static_cast<float>(0.05 * rng.normal());
  policy.network = std::make_shared<const MlpPolicy>(spec, std::move(parameters), likelihood, squash);
  policy.learner = "bc";
  policy.config = "seed = 1\nhidden = \"256,256\"\n";
  policy.dataset_sha256 = "ab12";
  policy.program_version = "0.1.0";
  return policy;
}

Policy plain_policy() {
  return random_policy(Likelihood::kMse, true, Activation::kTanh, {32, 32}, 1);
}

Policy with_mlp(Policy policy, MlpSpec spec, Vector parameters, Likelihood likelihood) {
  policy.network = std::make_shared<const MlpPolicy>(std::move(spec), std::move(parameters), likelihood);
  return policy;
}

Matrix random_observations(int rows) {
  Rng rng(99);
  Matrix observations(rows, 17);
  for (Eigen::Index i = 0; i < observations.size(); ++i) {
    observations.data()[i] = static_cast<float>(4 * rng.normal());
  }
  return observations;
}

}  // namespace understudy
