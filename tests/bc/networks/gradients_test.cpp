// Every hand-written gradient and the optimiser against LibTorch's automatic ones, and the losses
// against finite differences.

#include <cmath>
#include <functional>
#include <numbers>

#include "bc/libtorch/tensor_batch.h"
#include "bc/networks/adam.h"
#include "bc/networks/losses.h"
#include "bc/networks/mlp.h"
#include "datasets/types/error.h"
#include "tests/support/random_matrices.h"
#include "tests/support/torch.h"

namespace understudy {
using namespace tests;
namespace {

torch::Tensor leaf(const Matrix& matrix) {
  return to_tensor(matrix).requires_grad_(true);
}

float difference(const torch::Tensor& want, const Matrix& found) {
  return (to_matrix(want, static_cast<int>(found.rows()), static_cast<int>(found.cols()), "want") - found)
      .cwiseAbs()
      .maxCoeff();
}

torch::Tensor torch_nll(const torch::Tensor& mean, const torch::Tensor& raw, const torch::Tensor& action) {
  const auto sigma = torch::softplus(raw) + 0.01;
  return (0.5 * ((action - mean) / sigma).square() + sigma.log()).mean() +
         0.5 * std::log(2 * std::numbers::pi);
}

/// Largest difference between `gradient` and central differences of `loss` with respect to `at`.
double finite_difference_error(Matrix at, const Matrix& gradient,
                               const std::function<double(const Matrix&)>& loss) {
  double worst = 0;
  for (Eigen::Index i = 0; i < at.size(); ++i) {
    const float before = at.data()[i];
    const float h = 1e-2F;
    at.data()[i] = before + h;
    const double above = loss(at);
    at.data()[i] = before - h;
    const double below = loss(at);
    at.data()[i] = before;
    worst = std::max(worst, std::abs((above - below) / (2.0 * static_cast<double>(h)) -
                                     static_cast<double>(gradient.data()[i])));
  }
  return worst;
}

}  // namespace

TEST_CASE("mean squared error and its gradient agree with autograd and with finite differences", "[bc]") {
  Rng rng(GENERATE(1U, 2U, 3U));
  const Matrix mean = random_matrix(9, 4, 1, rng);
  const Matrix action = random_matrix(9, 4, 1, rng);
  Matrix gradient(9, 4);
  const double loss = mse_loss(mean, action, gradient);

  const auto t_mean = leaf(mean);
  const auto t_loss = torch::mse_loss(t_mean, to_tensor(action));
  t_loss.backward();
  CHECK(loss == Approx(t_loss.item<double>()).epsilon(1e-5));
  CHECK(difference(t_mean.grad(), gradient) < 1e-5F);

  Matrix unused(9, 4);
  // The loss is about 1 in single precision: its rounding of 1e-7 over a step of 2e-2 leaves 1e-5.
  CHECK(finite_difference_error(mean, gradient,
                                [&](const Matrix& m) { return mse_loss(m, action, unused); }) < 1e-4);
}

TEST_CASE("the Gaussian likelihood and its gradients agree with autograd and with finite differences",
          "[bc]") {
  Rng rng(GENERATE(1U, 2U, 3U));
  const Matrix mean = random_matrix(9, 4, 1, rng);
  const Matrix raw = random_matrix(9, 4, 1, rng);
  const Matrix action = random_matrix(9, 4, 1, rng);
  Matrix mean_gradient(9, 4);
  Matrix raw_gradient(9, 4);
  const double loss = gaussian_nll(mean, raw, action, 0.01F, mean_gradient, raw_gradient);

  const auto t_mean = leaf(mean);
  const auto t_raw = leaf(raw);
  const auto t_loss = torch_nll(t_mean, t_raw, to_tensor(action));
  t_loss.backward();
  CHECK(loss == Approx(t_loss.item<double>()).epsilon(1e-5));
  // Relative to the largest gradient: a small sigma makes some of them large.
  const float scale = 1 + mean_gradient.cwiseAbs().maxCoeff() + raw_gradient.cwiseAbs().maxCoeff();
  CHECK(difference(t_mean.grad(), mean_gradient) < 1e-5F * scale);
  CHECK(difference(t_raw.grad(), raw_gradient) < 1e-5F * scale);

  // Central differences with step h err by h²/6 times the third derivative, large where sigma is small: 1e-2.
  Matrix g1(9, 4);
  Matrix g2(9, 4);
  CHECK(finite_difference_error(mean, mean_gradient, [&](const Matrix& m) {
          return gaussian_nll(m, raw, action, 0.01F, g1, g2);
        }) < 1e-3 * static_cast<double>(scale));
  CHECK(finite_difference_error(raw, raw_gradient, [&](const Matrix& r) {
          return gaussian_nll(mean, r, action, 0.01F, g1, g2);
        }) < 1e-2 * static_cast<double>(scale));
}

TEST_CASE("the Gaussian likelihood stays finite for extreme deviations", "[bc]") {
  Matrix mean = Matrix::Zero(1, 2);
  Matrix raw(1, 2);
  raw << -200.0F, 200.0F;
  Matrix action = Matrix::Constant(1, 2, 0.5F);
  Matrix g1(1, 2);
  Matrix g2(1, 2);
  // sigma is 0.01 and 200.01: means of (0.5/0.01)^2/2 + log 0.01 and of about log 200.01.
  const double want = 0.5 * (1250 + std::log(0.01) + 0.5 * 0.25 / (200.01 * 200.01) + std::log(200.01)) +
                      0.5 * std::log(2 * std::numbers::pi);
  CHECK(gaussian_nll(mean, raw, action, 0.01F, g1, g2) == Approx(want).epsilon(1e-5));
  CHECK(g1.allFinite());
  CHECK(g2.allFinite());
}

TEST_CASE("the network's gradient agrees with autograd to 1e-5", "[bc]") {
  const auto activation = GENERATE(Activation::kTanh, Activation::kRelu);
  const bool gaussian = GENERATE(false, true);
  const bool squashed = GENERATE(false, true);
  const bool layer_norm = GENERATE(false, true);
  const auto hidden = GENERATE(std::vector<int>{}, std::vector<int>{32, 32}, std::vector<int>{70, 33});
  Rng rng(7);
  const int batch = 24;
  const int actions = 3;
  const Mlp network({.inputs = 10,
                     .hidden = hidden,
                     .outputs = gaussian ? 2 * actions : actions,
                     .activation = activation,
                     .layer_norm = layer_norm});
  const Vector parameters = network.initial_parameters(rng, 1.0);
  const Matrix inputs = random_matrix(batch, 10, 1, rng);
  const Matrix action = random_matrix(batch, actions, 0.5, rng);

  MlpWorkspace workspace;
  network.forward(parameters, inputs, workspace);
  auto outputs = workspace.outputs();
  auto output_gradient = workspace.output_gradient();
  if (squashed) squash(outputs.leftCols(actions));
  const double loss =
      gaussian ? gaussian_nll(outputs.leftCols(actions), outputs.rightCols(actions), action, 0.01F,
                              output_gradient.leftCols(actions), output_gradient.rightCols(actions))
               : mse_loss(outputs, action, output_gradient);
  if (squashed) squash_backward(outputs.leftCols(actions), output_gradient.leftCols(actions));
  Vector gradient(network.parameter_count());
  network.backward(parameters, inputs, workspace, gradient);

  std::vector<torch::Tensor> weights;
  std::vector<torch::Tensor> biases;
  torch::Tensor x = to_tensor(inputs);
  for (int layer = 0; layer < network.layers(); ++layer) {
    const int in = network.width(layer);
    const int out = network.width(layer + 1);
    weights.push_back(
        leaf(Eigen::Map<const Matrix>(parameters.data() + network.weight_offset(layer), in, out)));
    biases.push_back(leaf(parameters.segment(network.bias_offset(layer), out).transpose()));
    x = torch::matmul(x, weights.back()) + biases.back();
    if (layer + 1 == network.layers()) break;
    if (layer_norm) x = torch::layer_norm(x, {out});
    x = activation == Activation::kTanh ? torch::tanh(x) : torch::relu(x);
  }
  torch::Tensor mean = x.narrow(1, 0, actions);
  if (squashed) mean = torch::tanh(mean);
  const auto t_loss = gaussian ? torch_nll(mean, x.narrow(1, actions, actions), to_tensor(action))
                               : torch::mse_loss(mean, to_tensor(action));
  t_loss.backward();

  CHECK(loss == Approx(t_loss.item<double>()).epsilon(1e-5));
  const float scale = std::max(1.0F, gradient.cwiseAbs().maxCoeff());
  for (int layer = 0; layer < network.layers(); ++layer) {
    const int in = network.width(layer);
    const int out = network.width(layer + 1);
    const Matrix w = Eigen::Map<const Matrix>(gradient.data() + network.weight_offset(layer), in, out);
    const Matrix b = gradient.segment(network.bias_offset(layer), out).transpose();
    CAPTURE(layer);
    CHECK(difference(weights[static_cast<std::size_t>(layer)].grad(), w) < 1e-5F * scale);
    CHECK(difference(biases[static_cast<std::size_t>(layer)].grad(), b) < 1e-5F * scale);
  }
}

TEST_CASE("Adam takes the steps of LibTorch's", "[bc]") {
  const double weight_decay = GENERATE(0.0, 0.5);
  Rng rng(9);
  const int count = 203;  // no multiple of any vector width
  Matrix start = random_matrix(1, count, 1, rng);
  auto tensor = leaf(start);
  torch::optim::AdamW reference({tensor}, torch::optim::AdamWOptions(3e-3).weight_decay(weight_decay));
  Vector parameters = start.row(0).transpose();
  AdamState state(count);
  for (int step = 0; step < 200; ++step) {
    const Matrix gradient = random_matrix(1, count, step % 7 == 0 ? 10 : 0.01, rng);
    tensor.mutable_grad() = to_tensor(gradient);
    reference.step();
    adam_step({.learning_rate = 3e-3, .weight_decay = weight_decay}, gradient.row(0).transpose(), state,
              parameters);
  }
  CHECK(state.steps == 200);
  CHECK(difference(tensor.detach(), parameters.transpose()) < 1e-5F);
  CHECK((parameters.transpose() - start.row(0)).cwiseAbs().maxCoeff() > 0.05F);
}

TEST_CASE("without weight decay Adam is also torch::optim::Adam", "[bc]") {
  Rng rng(10);
  Matrix start = random_matrix(1, 50, 1, rng);
  auto tensor = leaf(start);
  torch::optim::Adam reference({tensor}, torch::optim::AdamOptions(1e-2));
  Vector parameters = start.row(0).transpose();
  AdamState state(50);
  for (int step = 0; step < 100; ++step) {
    const Matrix gradient = random_matrix(1, 50, 1, rng);
    tensor.mutable_grad() = to_tensor(gradient);
    reference.step();
    adam_step({.learning_rate = 1e-2}, gradient.row(0).transpose(), state, parameters);
  }
  CHECK(difference(tensor.detach(), parameters.transpose()) < 1e-5F);
}

TEST_CASE("a tensor of another shape or type is refused where it would enter", "[bc]") {
  CHECK_THROWS_WITH(to_matrix(torch::zeros({2, 3}), 3, 2, "p.pt:weight_0"),
                    ContainsSubstring("p.pt:weight_0: want float32 [3, 2], found float [2, 3]"));
  CHECK_THROWS_WITH(to_vector(torch::zeros({4}, torch::kDouble), 4, "p.pt:mean"),
                    ContainsSubstring("p.pt:mean: want float32 [4], found double [4]"));
  const Matrix matrix = (Matrix(2, 3) << 1, 2, 3, 4, 5, 6).finished();
  CHECK(to_matrix(to_tensor(matrix), 2, 3, "") == matrix);
  CHECK(to_matrix(to_tensor(matrix.leftCols(2)), 2, 2, "") == Matrix(matrix.leftCols(2)));
}

}  // namespace understudy
