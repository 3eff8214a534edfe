#pragma once
/// \file ValueDICE's loss and its penalty on the policy's layers as pure functions: value returned, gradient
/// written. value_dice.h has the equations.

#include "bc/networks/mlp.h"
#include "datasets/types/matrix.h"

namespace understudy {

/// L, as a function of what nu says.
struct ValueDiceLoss {
  double replay_share = 0.1;
  double gamma = 0.99;

  /// `x` `[rows]`, the first `experts` of the expert, the others of the replay. `starts` = nu(s, b)
  /// `[batch]`. Returns L, writes dL/dx and dL/dstarts.
  double operator()(ConstVectorRef x, int experts, ConstVectorRef starts, VectorRef x_gradient,
                    VectorRef start_gradient) const;
};

/// sum over the layers' weights W of sum over i != j of (W'W)_ij²; adds `weight` times its derivative to
/// `gradient`. `gram` grows to the widest layer. `[parameter_count]`
double orthogonality(const Mlp& network, ConstVectorRef parameters, double weight, Matrix& gram,
                     VectorRef gradient);

}  // namespace understudy
