#pragma once
/// \file The gradient penalty of Gulrajani et al. 2017 ("Improved Training of Wasserstein GANs", eq. 3), with
/// its exact parameter gradient by hand.
///
/// For a network f with one output and inputs x_1..x_B, g_b = df/dx at x_b:
///   P = 1/B sum_b (||g_b|| - 1)^2.
/// Its parameter gradient is a second derivative of f. With v_b = 2/B (||g_b|| - 1) g_b / ||g_b|| held fixed,
///   dP/dparameters = d/dparameters sum_b v_b . g_b,
/// and v . g is the derivative of f in direction v: one pass that carries tangents forward, one backward
/// through values and tangents (Pearlmutter 1994). For tanh f'' = -2 h (1 - h^2), for relu 0.

#include <vector>

#include "bc/networks/mlp.h"
#include "datasets/types/matrix.h"

namespace understudy {

class GradientPenalty {
 public:
  /// Throws Error unless the network has one output and no layer_norm. Grows to the largest batch that it has seen.
  explicit GradientPenalty(const Mlp& network);

  /// Returns P at `inputs` `[batch, inputs]` and adds `weight` dP/dparameters to `gradient`
  /// `[parameter_count]`.
  double add(ConstVectorRef parameters, ConstMatrixRef inputs, double weight, VectorRef gradient);

 private:
  /// Turns the input gradients in tangents_[0] into the directions v. Returns P.
  double directions(int batch);
  void forward_tangents(ConstVectorRef parameters, int batch);
  void backward(ConstVectorRef parameters, ConstMatrixRef inputs, float weight, VectorRef gradient);

  Mlp network_;
  MlpWorkspace workspace_ = MlpWorkspace::with_hidden_layers();
  /// What each layer is given, [capacity, width(layer)]: v, then the derivatives of h in direction v.
  std::vector<Matrix> tangents_;
  std::vector<Matrix> bends_;  ///< d(v . g)/dz of each hidden layer, [capacity, width(layer + 1)]
};

}  // namespace understudy
