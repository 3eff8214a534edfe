#include "tools/console/task_actor.h"

#include "datasets/types/error.h"
#include "envs/tasks/registry.h"
#ifdef UNDERSTUDY_HAVE_SDL
#include "envs/seeing/seeing_actor.h"
#endif

namespace understudy::tools {

std::unique_ptr<Actor> task_actor(const Policy& policy, const EnvironmentSpec& spec) {
  const Sight sight = sight_of(policy);
  if (sight.cameras.empty()) return policy_actor(policy);
#ifdef UNDERSTUDY_HAVE_SDL
  return seeing_actor(policy_actor(policy), sight, spec.observation);
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
