#pragma once
/// \file A policy: everything needed to act in a task, in memory, in a file, and as an Actor.
///
/// The file (`policy.pt`) is a TorchScript archive: Python's `torch.jit.load` runs it without this program,
/// raw observation `[batch, obs_dim]` or `[obs_dim]` in, action in [-1, 1] out, float32, normalisation
/// inside. An extra file `understudy.json` in the archive holds the rest of what is below.

#include <filesystem>
#include <memory>
#include <string>

#include "bc/networks/mlp.h"
#include "bc/policies/normaliser.h"
#include "datasets/types/matrix.h"
#include "datasets/types/space.h"
#include "envs/contract/actor.h"
#include "envs/contract/environment.h"

namespace understudy {

/// What the network's outputs mean.
enum class Likelihood {
  kMse,       ///< outputs [act_dim]: the action
  kGaussian,  ///< outputs [2 act_dim]: means, then raw deviations r; sigma = softplus(r) + kMinDeviation
};

/// "mse", "gaussian".
std::string likelihood_name(Likelihood likelihood);
/// Throws UsageError that lists the known names.
Likelihood parse_likelihood(const std::string& name);

/// Least standard deviation of a Gaussian policy, in action units (robomimic's min_std).
inline constexpr float kMinDeviation = 0.01F;

struct Policy {
  std::string environment_id;  ///< task it was trained on
  Space observation;
  Space action;
  Normaliser normaliser;
  MlpSpec network;
  Vector parameters;  ///< laid out as Mlp says
  Likelihood likelihood = Likelihood::kMse;
  bool squash = true;           ///< mean = tanh(output), else the output clamped to [-1, 1]
  std::string learner;          ///< e.g. "bc"
  std::string config;           ///< the run's resolved options, TOML
  std::string dataset_sha256;   ///< of the demonstrations; may be empty
  std::string program_version;  ///< of the program that wrote it
};

/// Throws Error naming the field unless shapes agree with each other and every number is finite.
void check_policy(const Policy& policy, const std::string& place);

/// Writes `path` atomically (temporary file, fsync, rename). Throws Error when it cannot be written.
void save_policy(const Policy& policy, const std::filesystem::path& path);

/// Reads what save_policy wrote; every number comes back bit for bit. Throws Error with one line when the
/// file is missing, no TorchScript archive, truncated, or not a policy of this program.
Policy load_policy(const std::filesystem::path& path);

/// Throws Error naming both tasks or the first field that differs, wanted and found, unless `policy` can act
/// in the task.
void check_policy_fits(const Policy& policy, const EnvironmentSpec& spec);

/// Acts with the most likely action (a Gaussian's mean). Each row is computed by itself, by the same
/// instructions whatever the batch, so it does not depend on the other rows; a few microseconds each.
/// Agrees with the TorchScript forward to 1e-5. Keeps its own copy of the parameters.
std::unique_ptr<Actor> policy_actor(const Policy& policy);

}  // namespace understudy
