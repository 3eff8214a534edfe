#include "tools/console/actor_choice.h"

#include <filesystem>
#include <memory>

#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "envs/contract/environment.h"
#include "envs/contract/random_actor.h"
#include "envs/tasks/registry.h"
#ifdef UNDERSTUDY_HAVE_TORCH
#include <nlohmann/json.hpp>

#include "bc/policies/policy.h"
#include "bc/policies/sequence_policy.h"
#include "datasets/format/robot_record.h"
#include "datasets/storage/durable_file.h"
#include "tools/console/task_actor.h"
#endif

namespace understudy::tools {
namespace {

#ifdef UNDERSTUDY_HAVE_TORCH
bool is_built_in(const std::string& policy) {
  return policy == "expert" || policy == "random";
}

std::string policy_file(const std::string& policy) {
  return std::filesystem::is_directory(policy) ? (std::filesystem::path(policy) / "policy.pt").string()
                                               : policy;
}

/// The task of a policy. Policies know their robot's file without its folder; their run knows the folder.
std::string environment_of(const std::string& policy) {
  const Policy loaded = load_policy(policy_file(policy));
  if (loaded.robot_sha256.empty() || !robot_file(loaded.environment_id)) return loaded.environment_id;
  const std::filesystem::path manifest =
      std::filesystem::path(policy_file(policy)).parent_path() / "manifest.json";
  std::vector<std::string> ids{loaded.environment_id};
  if (std::filesystem::exists(manifest)) {
    auto document = parsed_json(read_file(manifest));
    if (document.is_object() && document["environment"].is_string()) ids.push_back(document["environment"]);
  }
  for (const std::string& id : ids) {
    if (without_folder(id) == loaded.environment_id && std::filesystem::exists(*robot_file(id))) return id;
  }
  const std::string name = robot_file(loaded.environment_id)->string();
  throw Error(policy_file(policy) + ": want its robot, " + name + ", SHA-256 " + loaded.robot_sha256 +
              ", found no such file here; say where it is with --env, as in " +
              loaded.environment_id.substr(0, loaded.environment_id.find(':')) + ":PATH/" + name);
}
#endif

}  // namespace

std::string chosen_environment(const std::vector<std::string>& policies, const std::string& environment) {
  if (!environment.empty()) return environment;
#ifdef UNDERSTUDY_HAVE_TORCH
  for (const std::string& policy : policies) {
    if (!is_built_in(policy)) return environment_of(policy);
  }
#endif
  throw UsageError("no task given for " + policies.front() + ": add --env ID (see: understudy envs)");
}

ActorFactory actor_factory(const std::string& policy, const std::string& environment,
                           [[maybe_unused]] const std::optional<Looks>& looks) {
  const auto probe = make_environment(environment);
  if (policy == "expert") return [environment] { return make_expert(environment); };
  if (policy == "random") {
    const int act_dim = probe->spec().action.size();
    return [act_dim] { return make_random_actor(act_dim); };
  }
#ifdef UNDERSTUDY_HAVE_TORCH
  const auto loaded = std::make_shared<const Policy>(load_policy(policy_file(policy)));
  try {
    check_policy_fits(*loaded, probe->spec());
  } catch (const Error& error) {
    throw Error(policy_file(policy) + ": " + error.what());
  }
  return [loaded, spec = probe->spec(), looks] {
    return task_actor(*loaded, spec, policy_actor(*loaded), looks);
  };
#else
  throw UsageError(policy + ": this build has no LibTorch and runs only 'expert' and 'random'");
#endif
}

std::function<float(ConstVectorRef)> doubt_of(const std::string& policy) {
#ifdef UNDERSTUDY_HAVE_TORCH
  if (!is_built_in(policy)) return doubt_meter(load_policy(policy_file(policy)));
#else
  (void)policy;
#endif
  return {};
}

}  // namespace understudy::tools
