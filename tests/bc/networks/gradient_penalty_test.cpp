// The gradient penalty and its second derivative, against autograd's double backward and in closed form.

#include "bc/networks/gradient_penalty.h"
#include "bc/libtorch/tensor_batch.h"
#include "datasets/types/error.h"
#include "tests/support/random_matrices.h"
#include "tests/support/torch_networks.h"

namespace understudy {
using namespace tests;
TEST_CASE("the penalty and its parameter gradient agree with autograd's double backward", "[irl]") {
  const auto activation = GENERATE(Activation::kTanh, Activation::kRelu);
  const auto hidden =
      GENERATE(std::vector<int>{}, std::vector<int>{7}, std::vector<int>{16, 9}, std::vector<int>{8, 12, 5});
  Rng rng(GENERATE(1U, 2U));
  const Mlp network({.inputs = 5, .hidden = hidden, .outputs = 1, .activation = activation});
  Vector parameters = network.initial_parameters(rng, 1.5);
  for (float& p : parameters) p += static_cast<float>(0.2 * rng.normal());
  const Matrix inputs = random_matrix(13, 5, 1, rng);
  Vector gradient = Vector::Zero(network.parameter_count());
  GradientPenalty penalty(network);
  const double value = penalty.add(parameters, inputs, 3.0, gradient);

  const auto t_parameters = vector_to_tensor(parameters).requires_grad_(true);
  const auto t_inputs = to_tensor(inputs).requires_grad_(true);
  const auto t_gradient = torch::autograd::grad({torch_forward(network, t_parameters, t_inputs).sum()},
                                                {t_inputs}, {}, true, true)[0];
  const auto t_penalty = (t_gradient.norm(2, 1) - 1).square().mean();
  (3.0 * t_penalty).backward();
  CHECK(value == Approx(t_penalty.item<double>()).epsilon(1e-5));
  const Vector want = to_vector(t_parameters.grad(), network.parameter_count(), "gradient");
  CHECK((want - gradient).cwiseAbs().maxCoeff() < 1e-5F * (1 + want.cwiseAbs().maxCoeff()));
}

TEST_CASE("a linear network's penalty is (|w| - 1)^2, its gradient 2 (|w| - 1) w / |w|", "[irl]") {
  const Mlp network({.inputs = 2, .hidden = {}, .outputs = 1});
  Vector parameters(3);
  parameters << 1.8F, 2.4F, 0.7F;  // |w| = 3
  Rng rng(3);
  Vector gradient = Vector::Ones(3);  // added to, not overwritten
  GradientPenalty penalty(network);
  CHECK(penalty.add(parameters, random_matrix(6, 2, 5, rng), 1.0, gradient) == Approx(4).epsilon(1e-6));
  CHECK(gradient(0) == Approx(1 + 4 * 0.6).epsilon(1e-6));
  CHECK(gradient(1) == Approx(1 + 4 * 0.8).epsilon(1e-6));
  CHECK(gradient(2) == 1);
}

TEST_CASE("the penalty of a batch does not depend on the batches before", "[irl]") {
  Rng rng(4);
  const Mlp network({.inputs = 3, .hidden = {10, 6}, .outputs = 1});
  const Vector parameters = network.initial_parameters(rng, 1);
  const Matrix inputs = random_matrix(20, 3, 1, rng);
  GradientPenalty used(network);
  GradientPenalty fresh(network);
  Vector a = Vector::Zero(network.parameter_count());
  used.add(parameters, inputs, 1, a);
  a.setZero();
  Vector b = a;
  used.add(parameters, inputs.topRows(7), 1, a);
  fresh.add(parameters, inputs.topRows(7), 1, b);
  CHECK(a == b);
}

TEST_CASE("where the gradient vanishes the penalty is 1 and pulls nowhere", "[irl]") {
  const Mlp network({.inputs = 2, .hidden = {4}, .outputs = 1});
  const Vector parameters = Vector::Zero(network.parameter_count());
  Vector gradient = Vector::Zero(network.parameter_count());
  GradientPenalty penalty(network);
  CHECK(penalty.add(parameters, Matrix::Ones(3, 2), 10, gradient) == 1);
  CHECK(gradient.isZero(0));
  CHECK_THROWS_WITH(GradientPenalty(Mlp({.inputs = 2, .hidden = {}, .outputs = 3})),
                    ContainsSubstring("want a network of 1 output, found 3"));
}

}  // namespace understudy
