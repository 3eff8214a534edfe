// Passes on a device beside our own kernels. LibTorch on the CPU stands in for a device
// that not every machine has.

#include <algorithm>

#include "bc/cloning/cloning.h"
#include "bc/networks/mlp.h"
#include "bc/networks/mlp_device.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/random_matrices.h"

namespace understudy {
using namespace tests;
namespace {

struct Passes {
  Matrix outputs, input_gradient, tangents;
  Vector gradient;
};

/// Everything that a network computes, tangents without layer_norm only, from inputs that are
/// columns of a wider matrix.
Passes passes(const Mlp& network, std::uint64_t seed, const std::shared_ptr<MlpDevice>& device) {
  Rng rng(seed);
  const int batch = 33;
  const Vector parameters = network.initial_parameters(rng, 1.0);
  const Matrix wide = random_matrix(batch, network.width(0) + 4, rng);
  const auto inputs = wide.middleCols(3, network.width(0));
  const Matrix output_gradient = random_matrix(batch, network.spec().outputs, rng);
  const Vector direction = random_matrix(1, network.parameter_count(), rng).row(0).transpose();
  Passes all;
  MlpWorkspace workspace(device), tangents(device);
  network.forward(parameters, inputs, workspace);
  all.outputs = workspace.outputs();
  if (!network.spec().layer_norm) {
    network.forward_tangent(parameters, direction, inputs, workspace, tangents);
    all.tangents = tangents.outputs();
  }
  all.gradient.setZero(network.parameter_count());
  workspace.output_gradient() = output_gradient;
  network.backward(parameters, inputs, workspace, all.gradient);
  network.forward(parameters, inputs, workspace);
  workspace.output_gradient() = output_gradient;
  all.input_gradient.setZero(batch, 5);
  network.backward_inputs(parameters, workspace, 2, all.input_gradient.middleCols(1, 3));
  return all;
}

bool close(const Matrix& a, const Matrix& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return false;
  return a.size() == 0 || (a - b).cwiseAbs().maxCoeff() < 1e-5F * std::max(1.0F, b.cwiseAbs().maxCoeff());
}

}  // namespace

TEST_CASE("passes on a device are those of the CPU", "[bc]") {
  const auto activation = GENERATE(Activation::kTanh, Activation::kRelu);
  const auto hidden = GENERATE(std::vector<int>{}, std::vector<int>{9}, std::vector<int>{40, 24});
  const bool layer_norm = GENERATE(false, true);
  const Mlp network(
      {.inputs = 6, .hidden = hidden, .outputs = 4, .activation = activation, .layer_norm = layer_norm});
  const Passes want = passes(network, 8, nullptr);
  const Passes found = passes(network, 8, make_mlp_device("libtorch", 0));
  CHECK(close(found.outputs, want.outputs));
  CHECK(close(found.gradient, want.gradient));
  CHECK(close(found.input_gradient, want.input_gradient));
  CHECK(found.input_gradient.col(0).isZero(0));
  CHECK(found.input_gradient.col(4).isZero(0));
  CHECK(close(found.tangents, want.tangents));
}

TEST_CASE("small passes and those whose hidden layers are looked at stay on the CPU", "[bc]") {
  Rng rng(2);
  const Mlp network({.inputs = 3, .hidden = {5}, .outputs = 1, .activation = Activation::kTanh});
  const Vector parameters = network.initial_parameters(rng, 1.0);
  const Matrix inputs = random_matrix(7, 3, rng);
  const double products = 7.0 * network.parameter_count();
  MlpWorkspace on_device(make_mlp_device("libtorch", products));
  MlpWorkspace on_cpu = MlpWorkspace::with_hidden_layers();
  network.forward(parameters, inputs, on_device);
  CHECK_THROWS_WITH(on_device.activations(0), ContainsSubstring("on a device"));
  network.forward(parameters, inputs, on_cpu);
  CHECK(on_cpu.activations(0).rows() == 7);
  CHECK(on_cpu.outputs().isApprox(on_device.outputs(), 1e-5F));
  network.forward(parameters, inputs.topRows(6), on_device);
  CHECK(on_device.activations(0).rows() == 6);
}

TEST_CASE("cloning on a device learns what it learns on the CPU", "[bc]") {
  Rng rng(6);
  CloningPairs pairs;
  pairs.observations = random_matrix(200, 4, rng);
  pairs.actions = (0.3F * pairs.observations.leftCols(2)).array().tanh().matrix();
  CloningConfig config;
  config.hidden = {16, 16};
  config.batch = 32;
  const auto learnt = [&](const std::shared_ptr<MlpDevice>& device) {
    Cloning cloning(config, pairs, device);
    for (int i = 0; i < 100; ++i) cloning.update();
    return mlp_of(cloning.policy()).parameters;
  };
  const Vector want = learnt(nullptr);
  const Vector found = learnt(make_mlp_device("libtorch", 0));
  CHECK(found != want);  // other kernels round otherwise: it was the device
  CHECK((found - want).cwiseAbs().maxCoeff() < 1e-3F);
}

TEST_CASE("devices that do not exist are refused", "[bc]") {
  CHECK(make_mlp_device("cpu") == nullptr);
  for (const char* name : {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda1", "cuda:10000", ""}) {
    CHECK_THROWS_WITH(make_mlp_device(name), ContainsSubstring("--device: want cpu, cuda, cuda:N"));
  }
  CHECK_THROWS_WITH(make_mlp_device("cuda:999"),
                    ContainsSubstring("--device cuda:999: want one of LibTorch's CUDA devices, found "));
}

}  // namespace understudy
