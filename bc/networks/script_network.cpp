#include "bc/networks/script_network.h"

#include "bc/networks/libtorch.h"
#include "bc/networks/libtorch_functions.h"

namespace understudy {

std::unique_ptr<ScriptNetwork> make_script_network(const std::string& kind, const std::string& source,
                                                   const std::vector<ScriptTensor>& parameters,
                                                   const std::vector<ScriptTensor>& constants) {
  std::unique_ptr<ScriptNetwork> network;
  libtorch_function<decltype(understudy_libtorch_network)>("understudy_libtorch_network")(
      kind, source, parameters, constants, network);
  return network;
}

}  // namespace understudy
