#include "tools/console/task_actor.h"

#include <utility>

#include "datasets/types/error.h"
#include "envs/tasks/registry.h"
#ifdef UNDERSTUDY_HAVE_SDL
#include "envs/seeing/seeing_actor.h"
#endif

namespace understudy::tools {

std::unique_ptr<Actor> task_actor(const Policy& policy, const EnvironmentSpec& spec) {
  return task_actor(policy, spec, policy_actor(policy));
}

std::unique_ptr<Actor> task_actor(const Policy& policy, const EnvironmentSpec& spec,
                                  std::unique_ptr<Actor> actor,
                                  [[maybe_unused]] const std::optional<Looks>& looks) {
  const Sight sight = sight_of(policy);
  if (sight.cameras.empty()) return actor;
#ifdef UNDERSTUDY_HAVE_SDL
  return seeing_actor(std::move(actor), sight, spec.observation, looks);
#else
  throw Error("policy that sees through " + sight.cameras.front().name + " in " + spec.id +
              ": want a build that draws, found one without SDL2 and OpenGL; build with UNDERSTUDY_SDL=ON");
#endif
}

TrainingTask drawn_task(const std::string& id) {
  const EnvironmentSpec spec = make_environment(id)->spec();
  return {spec, [spec](const Policy& policy, const EvaluationOptions& options) {
            return evaluate(
                spec.id, [&] { return task_actor(policy, spec); }, options);
          }};
}

}  // namespace understudy::tools
