#include "bc/policies/script_actor.h"

#include "bc/networks/libtorch.h"

namespace understudy {

std::unique_ptr<Actor> script_actor(const Policy& policy) {
  using Make = void(const Policy&, std::unique_ptr<Actor>&);
  std::unique_ptr<Actor> actor;
  libtorch_function<Make>("understudy_libtorch_actor")(policy, actor);
  return actor;
}

}  // namespace understudy
