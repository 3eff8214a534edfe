#pragma once
/// \file A policy: everything needed to act in a task, in memory, in a file, and as an Actor.
///
/// The file (`policy.pt`, docs/policy-format.md) is a TorchScript archive: Python's `torch.jit.load` runs it
/// without this program, raw observation `[batch, obs_dim]` or `[obs_dim]` in, action in [-1, 1] out,
/// float32, normalisation inside. An extra file `understudy.json` in the archive holds the rest of what is
/// below.

#include <filesystem>
#include <memory>
#include <string>

#include "bc/policies/normaliser.h"
#include "bc/policies/policy_network.h"
#include "datasets/types/space.h"
#include "envs/contract/actor.h"
#include "envs/contract/environment.h"

namespace understudy {

/// What every policy has, and the network that acts.
struct Policy {
  std::string environment_id;  ///< task it was trained on; a robot's file without its folder
  std::string robot_sha256;    ///< of that file (EnvironmentSpec::robot_sha256); may be empty
  Space observation;
  Space action;
  Normaliser normaliser;        ///< of one observation
  int observation_history = 1;  ///< observations that an action is computed from, the present one included
  int planned_actions = 1;      ///< actions that one pass of the network gives, the next one included
  std::shared_ptr<const PolicyNetwork> network;
  std::string learner;          ///< e.g. "bc"
  std::string config;           ///< the run's resolved options, TOML
  std::string dataset_sha256;   ///< of the demonstrations; may be empty
  std::string program_version;  ///< of the program that wrote it
};

/// Throws Error naming the field unless there is a network, shapes agree with each other and every number is
/// finite.
void check_policy(const Policy& policy, const std::string& place);

/// Writes `path` atomically (temporary file, fsync, rename), once what is to be written has been read back.
/// Throws Error when it cannot be written.
void save_policy(const Policy& policy, const std::filesystem::path& path);

/// Reads what save_policy wrote, or an earlier version of it; every number comes back bit for bit. No code of
/// the file is run, and memory is set aside only for what the file does hold. Throws Error with one line when
/// the file is missing, no TorchScript archive, truncated, changed, or not a policy of this program.
Policy load_policy(const std::filesystem::path& path);

/// What it sees of a task: all of an observation's fields, or some and pictures. For policies that check_policy lets
/// pass.
Sight sight_of(const Policy& policy);

/// Throws Error naming both tasks or the first field that differs, wanted and found, unless `policy` can act
/// in the task.
void check_policy_fits(const Policy& policy, const EnvironmentSpec& spec);

/// Acts with the most likely action (a Gaussian's mean), given what the policy's observation says: pictures too, where it
/// sees some (envs/seeing gives them). Each row is computed by itself, by the same
/// instructions whatever the batch, so it does not depend on the other rows; an MLP takes a few microseconds
/// each. Agrees with the TorchScript forward to 1e-5. Keeps all it needs of `policy`.
std::unique_ptr<Actor> policy_actor(const Policy& policy);

}  // namespace understudy
