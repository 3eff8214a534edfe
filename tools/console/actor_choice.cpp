#include "tools/console/actor_choice.h"

#include <filesystem>
#include <memory>

#include "datasets/types/error.h"
#include "envs/contract/environment.h"
#include "envs/contract/random_actor.h"
#include "envs/tasks/registry.h"
#ifdef UNDERSTUDY_HAVE_TORCH
#include "bc/policies/policy.h"
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
#endif

}  // namespace

std::string chosen_environment(const std::vector<std::string>& policies, const std::string& environment) {
  if (!environment.empty()) return environment;
#ifdef UNDERSTUDY_HAVE_TORCH
  for (const std::string& policy : policies) {
    if (!is_built_in(policy)) return load_policy(policy_file(policy)).environment_id;
  }
#endif
  throw UsageError("no task given for " + policies.front() + ": add --env ID (see: understudy envs)");
}

ActorFactory actor_factory(const std::string& policy, const std::string& environment) {
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
  return [loaded] { return policy_actor(*loaded); };
#else
  throw UsageError(policy + ": this build has no LibTorch and runs only 'expert' and 'random'");
#endif
}

}  // namespace understudy::tools
