#include "bc/policies/script_actor.h"

#include "bc/networks/libtorch.h"

namespace understudy {

std::unique_ptr<Actor> script_actor(const std::filesystem::path& path) {
  using Make = void(const std::filesystem::path&, std::unique_ptr<Actor>&);
  std::unique_ptr<Actor> actor;
  libtorch_function<Make>("understudy_libtorch_actor")(path, actor);
  return actor;
}

}  // namespace understudy
