#pragma once
/// \file MLP policies of random numbers, for tests of what becomes of them.

#include <vector>

#include "bc/policies/mlp_policy.h"
#include "envs/contract/environment.h"

namespace understudy {

/// 17 observations, 6 actions, everything about it set.
Policy random_policy(Likelihood likelihood, bool squash, Activation activation, std::vector<int> hidden,
                     std::uint64_t seed);

/// One of them: mse, tanh, 32-32.
Policy plain_policy();

/// The same policy with another network.
Policy with_mlp(Policy policy, MlpSpec spec, Vector parameters, Likelihood likelihood = Likelihood::kMse);

/// `[rows, 17]`
Matrix random_observations(int rows);

}  // namespace understudy
