#pragma once
/// \file What the library of everything that needs LibTorch offers to those who load it
/// (bc/networks/libtorch.h). C linkage gives the names; results are parameters, because C knows no classes.

#include <memory>
#include <string>
#include <vector>

namespace understudy {

class Actor;
class MlpDevice;
struct Policy;
struct PolicyTensor;
class ScriptNetwork;
struct ScriptTensor;

extern "C" {
/// make_mlp_device() for every name but "cpu".
void understudy_libtorch_device(const std::string& name, double least_products,
                                std::shared_ptr<MlpDevice>& device);
/// The TorchScript archive of a policy with these tensors, understudy.json in it being `json`.
void understudy_libtorch_archive(const Policy& policy, const std::vector<PolicyTensor>& tensors,
                                 const std::string& json, std::string& archive);
/// script_actor().
void understudy_libtorch_actor(const Policy& policy, std::unique_ptr<Actor>& actor);
/// make_script_network().
void understudy_libtorch_network(const std::string& kind, const std::string& source,
                                 const std::vector<ScriptTensor>& parameters,
                                 const std::vector<ScriptTensor>& constants,
                                 std::unique_ptr<ScriptNetwork>& network);
/// Version of LibTorch.
void understudy_libtorch_version(std::string& version);
}

}  // namespace understudy
