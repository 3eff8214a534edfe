#include "irl/values/value_dice_loss.h"

#include <cmath>

#include "bc/networks/blas.h"

namespace understudy {

double ValueDiceLoss::operator()(ConstVectorRef x, int experts, ConstVectorRef starts, VectorRef x_gradient,
                                 VectorRef start_gradient) const {
  const auto rows = static_cast<int>(x.size());
  const auto share_of = [&](int i) {
    return i < experts ? (1 - replay_share) / experts : replay_share / (rows - experts);
  };
  const auto greatest = static_cast<double>(x.maxCoeff());  // so that nothing overflows
  double total = 0;
  for (int i = 0; i < rows; ++i) total += share_of(i) * std::exp(static_cast<double>(x(i)) - greatest);
  double loss = greatest + std::log(total);
  for (int i = 0; i < rows; ++i) {
    const double share = share_of(i);
    double gradient = share * std::exp(static_cast<double>(x(i)) - greatest) / total;
    if (i >= experts) {
      gradient -= share;
      loss -= share * static_cast<double>(x(i));
    }
    x_gradient(i) = static_cast<float>(gradient);
  }
  const double start_share = (1 - replay_share) * (1 - gamma) / static_cast<double>(starts.size());
  loss -= start_share * static_cast<double>(starts.sum());
  start_gradient.setConstant(static_cast<float>(-start_share));
  return loss;
}

double orthogonality(const Mlp& network, ConstVectorRef parameters, double weight, Matrix& gram,
                     VectorRef gradient) {
  double total = 0;
  for (int layer = 0; layer < network.layers(); ++layer) {
    const int in = network.width(layer);
    const int out = network.width(layer + 1);
    const float* w = parameters.data() + network.weight_offset(layer);
    if (gram.size() < static_cast<Eigen::Index>(out) * out) gram.resize(out, out);
    Eigen::Map<Matrix> products(gram.data(), out, out);
    multiply({.rows = out,
              .columns = out,
              .inner = in,
              .a = w,
              .a_stride = out,
              .transpose_a = true,
              .b = w,
              .b_stride = out,
              .c = products.data(),
              .c_stride = out});
    products.diagonal().setZero();
    total += static_cast<double>(products.squaredNorm());
    // d/dW sum_{i != j} (W'W)_ij² = 4 W (W'W without its diagonal).
    multiply({.rows = in,
              .columns = out,
              .inner = out,
              .a = w,
              .a_stride = out,
              .b = products.data(),
              .b_stride = out,
              .c = gradient.data() + network.weight_offset(layer),
              .c_stride = out,
              .alpha = static_cast<float>(4 * weight),
              .beta = 1});
  }
  return total;
}

}  // namespace understudy
