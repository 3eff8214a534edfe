#pragma once
/// \file What the library of everything that needs LibTorch offers to those who load it
/// (bc/networks/libtorch.h). C linkage gives the names; results are parameters, because C knows no classes.

#include <memory>
#include <string>
#include <vector>

#include "datasets/types/matrix.h"

namespace understudy {

class Actor;
class MlpDevice;
struct Policy;
struct PolicyStep;
struct PolicyTensor;
class ScriptNetwork;
struct ScriptTensor;
struct StepGraph;

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
/// step_graph() of a policy whose step this is.
void understudy_libtorch_graph(const Policy& policy, const PolicyStep& step, StepGraph& graph);
/// Runs a graph of one step through an episode: observations [steps, obs_dim] and noise to actions [steps, act_dim].
void understudy_libtorch_run_steps(const StepGraph& graph, ConstMatrixRef observations, ConstMatrixRef noise,
                                   MatrixRef actions);
/// The TorchScript archive of a policy without understudy.json, and with the method `step` where there is one.
void understudy_libtorch_exported(const Policy& policy, const std::string& step, std::string& archive);
/// Loads what that has made, and nothing else, and runs it through an episode: by `step` with so many numbers of state,
/// or where `state` is negative by `forward`.
void understudy_libtorch_run_exported(const std::string& archive, int state, ConstMatrixRef observations,
                                      ConstMatrixRef noise, MatrixRef actions);
/// Version of LibTorch.
void understudy_libtorch_version(std::string& version);
}

}  // namespace understudy
