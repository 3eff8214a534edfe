#include <cmath>
#include <string>

#include "bc/networks/mlp.h"
#include "bc/networks/network_loops.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/random_matrices.h"

namespace understudy {
using namespace tests;
namespace {

/// The network by its definition, in double precision.
Eigen::MatrixXd plain_forward(const Mlp& network, const Vector& parameters, const Matrix& inputs) {
  Eigen::MatrixXd h = inputs.cast<double>();
  for (int layer = 0; layer < network.layers(); ++layer) {
    const int in = network.width(layer);
    const int out = network.width(layer + 1);
    const Matrix w = Eigen::Map<const Matrix>(parameters.data() + network.weight_offset(layer), in, out);
    const Vector b = parameters.segment(network.bias_offset(layer), out);
    h = (h * w.cast<double>()).rowwise() + b.cast<double>().transpose();
    if (layer + 1 == network.layers()) break;
    if (network.spec().activation == Activation::kTanh) {
      h = h.array().tanh().matrix();
    } else {
      h = h.cwiseMax(0.0);
    }
  }
  return h;
}

}  // namespace

TEST_CASE("tanh is within 5e-7 of the standard library's everywhere, and never above 1", "[bc]") {
  // Every float exponent from denormal to overflow, both signs, and a fine grid where the function bends.
  double worst = 0;
  const auto check = [&](float x) {
    float y = x;
    kernels::tanh_in_place(&y, 1);
    const double truth = std::tanh(static_cast<double>(x));
    if (truth != 0) worst = std::max(worst, std::abs(static_cast<double>(y) - truth) / std::abs(truth));
    REQUIRE(std::abs(y) <= 1.0F);
  };
  for (int exponent = -126; exponent < 127; ++exponent) {
    for (const float mantissa : {1.0F, 1.3F, 1.7F}) {
      check(std::ldexp(mantissa, exponent));
      check(-std::ldexp(mantissa, exponent));
    }
  }
  for (int i = -100000; i <= 100000; ++i) check(static_cast<float>(i) * 1e-4F);
  CHECK(worst < 5e-7);
  float zero = 0;
  kernels::tanh_in_place(&zero, 1);
  CHECK(zero == 0.0F);
}

TEST_CASE("activations pass NaN on, so that a diverged network is noticed", "[bc]") {
  const auto activate = GENERATE(&kernels::tanh_in_place, &kernels::relu_in_place);
  float values[9];
  for (float& value : values) value = std::nanf("");
  activate(values, 9);
  for (const float value : values) CHECK(std::isnan(value));
}

TEST_CASE("the forward pass is the network's definition", "[bc]") {
  const auto activation = GENERATE(Activation::kTanh, Activation::kRelu);
  const int batch = GENERATE(1, 5, 64);
  const auto hidden = GENERATE(std::vector<int>{}, std::vector<int>{7}, std::vector<int>{65, 130});
  Rng rng(3);
  const Mlp network({.inputs = 11, .hidden = hidden, .outputs = 3, .activation = activation});
  Vector parameters = network.initial_parameters(rng, 1.0);
  for (int i = 0; i < parameters.size(); ++i) parameters(i) += static_cast<float>(0.1 * rng.normal());
  const Matrix inputs = random_matrix(batch, 11, rng);
  MlpWorkspace workspace;
  network.forward(parameters, inputs, workspace);
  const Eigen::MatrixXd want = plain_forward(network, parameters, inputs);
  REQUIRE(workspace.outputs().rows() == batch);
  CHECK((workspace.outputs().cast<double>() - want).cwiseAbs().maxCoeff() < 1e-5);
}

TEST_CASE("a workspace serves batches and networks of any size one after the other", "[bc]") {
  Rng rng(4);
  MlpWorkspace workspace;
  for (const int width : {8, 32, 8}) {
    const Mlp network({.inputs = 4, .hidden = {width}, .outputs = 2, .activation = Activation::kTanh});
    const Vector parameters = network.initial_parameters(rng, 1.0);
    for (const int batch : {16, 3, 40}) {
      const Matrix inputs = random_matrix(batch, 4, rng);
      network.forward(parameters, inputs, workspace);
      CHECK((workspace.outputs().cast<double>() - plain_forward(network, parameters, inputs))
                .cwiseAbs()
                .maxCoeff() < 1e-5);
    }
  }
}

TEST_CASE("rows without an output gradient get no input gradient and change no other row's", "[bc]") {
  const bool layer_norm = GENERATE(false, true);
  const auto kept = GENERATE(std::vector<int>{}, std::vector<int>{0}, std::vector<int>{36},
                             std::vector<int>{1, 2, 7, 20, 21, 35});
  constexpr int kBatch = 37;
  Rng rng(8);
  const Mlp network({.inputs = 6,
                     .hidden = {20, 12},
                     .outputs = 2,
                     .activation = Activation::kRelu,
                     .layer_norm = layer_norm});
  const Vector parameters = network.initial_parameters(rng, 1.0);
  const Matrix inputs = random_matrix(kBatch, 6, rng);
  const Matrix all = random_matrix(kBatch, 2, rng);
  Matrix some = Matrix::Zero(kBatch, 2);
  for (const int row : kept) some.row(row) = all.row(row);
  const auto input_gradient = [&](const Matrix& output_gradient) {
    MlpWorkspace workspace;
    network.forward(parameters, inputs, workspace);
    workspace.output_gradient() = output_gradient;
    Matrix gradient = Matrix::Constant(kBatch, 4, 99);
    network.backward_inputs(parameters, workspace, 2, gradient);
    return gradient;
  };
  Matrix want = Matrix::Zero(kBatch, 4);
  const Matrix of_all = input_gradient(all);
  for (const int row : kept) want.row(row) = of_all.row(row);
  CHECK((input_gradient(some) - want).cwiseAbs().maxCoeff() < 1e-5);
}

TEST_CASE("initial weights are orthogonal with the stated gains, and biases zero", "[bc]") {
  Rng rng(5);
  const Mlp network({.inputs = 12, .hidden = {40, 20}, .outputs = 5, .activation = Activation::kTanh});
  const Vector parameters = network.initial_parameters(rng, 0.1);
  const double gains[] = {1.0, 1.0, 0.1};
  for (int layer = 0; layer < network.layers(); ++layer) {
    const int in = network.width(layer);
    const int out = network.width(layer + 1);
    const Matrix w = Eigen::Map<const Matrix>(parameters.data() + network.weight_offset(layer), in, out);
    const Matrix gram = in >= out ? Matrix(w.transpose() * w) : Matrix(w * w.transpose());
    const auto want =
        static_cast<float>(gains[layer] * gains[layer]) * Matrix::Identity(gram.rows(), gram.rows());
    CHECK((gram - want).cwiseAbs().maxCoeff() < 1e-5F);
    CHECK(parameters.segment(network.bias_offset(layer), out).isZero(0));
  }
}

TEST_CASE("the same seed gives the same initial network, another seed another", "[bc]") {
  const Mlp network({.inputs = 6, .hidden = {16}, .outputs = 2, .activation = Activation::kRelu});
  const auto parameters = [&](std::uint64_t seed) {
    Rng rng(seed);
    return network.initial_parameters(rng, 1.0);
  };
  CHECK(parameters(1) == parameters(1));
  CHECK(parameters(1) != parameters(2));
}

TEST_CASE("a network with an empty layer is refused", "[bc]") {
  CHECK_THROWS_WITH(Mlp({.inputs = 4, .hidden = {0}, .outputs = 2, .activation = Activation::kTanh}),
                    ContainsSubstring("at least 1 unit, found 0"));
}

TEST_CASE("an unknown activation is refused with the known ones", "[bc]") {
  CHECK(parse_activation("relu") == Activation::kRelu);
  CHECK(parse_activation(activation_name(Activation::kTanh)) == Activation::kTanh);
  CHECK_THROWS_WITH(parse_activation("tanb"), ContainsSubstring("did you mean 'tanh'"));
}

}  // namespace understudy
