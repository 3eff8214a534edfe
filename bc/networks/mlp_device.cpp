#include "bc/networks/mlp_device.h"

#include "bc/networks/libtorch.h"
#include "bc/networks/libtorch_functions.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

bool is_cuda(const std::string& name) {
  if (name == "cuda") return true;
  const std::string prefix = "cuda:";
  if (name.rfind(prefix, 0) != 0) return false;
  const std::string index = name.substr(prefix.size());
  return !index.empty() && index.size() < 4 && index.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

std::shared_ptr<MlpDevice> make_mlp_device(const std::string& name, double least_products) {
  if (name == "cpu") return nullptr;
  if (name != "libtorch" && !is_cuda(name)) {
    throw UsageError("--device: want cpu, cuda, cuda:N or libtorch, found '" + name + "'");
  }
  std::shared_ptr<MlpDevice> device;
  libtorch_function<decltype(understudy_libtorch_device)>("understudy_libtorch_device")(name, least_products,
                                                                                        device);
  return device;
}

}  // namespace understudy
