#include "bc/policies/script_actor.h"

#include "bc/networks/libtorch.h"
#include "bc/networks/libtorch_functions.h"

namespace understudy {

std::unique_ptr<Actor> script_actor(const Policy& policy) {
  std::unique_ptr<Actor> actor;
  libtorch_function<decltype(understudy_libtorch_actor)>("understudy_libtorch_actor")(policy, actor);
  return actor;
}

}  // namespace understudy
