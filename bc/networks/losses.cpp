#include "bc/networks/losses.h"

#include <cmath>
#include <numbers>

#include "bc/networks/network_loops.h"

namespace understudy {

void squash(MatrixRef mean) {
  for (Eigen::Index r = 0; r < mean.rows(); ++r) {
    kernels::tanh_in_place(mean.row(r).data(), static_cast<std::size_t>(mean.cols()));
  }
}

void squash_backward(ConstMatrixRef mean, MatrixRef gradient) {
  gradient.array() *= 1.0F - mean.array().square();
}

double mse_loss(ConstMatrixRef mean, ConstMatrixRef action, MatrixRef mean_gradient) {
  const auto count = static_cast<float>(mean.size());
  mean_gradient = mean - action;
  const double loss = static_cast<double>(mean_gradient.squaredNorm() / count);
  mean_gradient *= 2.0F / count;
  return loss;
}

double gaussian_nll(ConstMatrixRef mean, ConstMatrixRef raw_deviation, ConstMatrixRef action,
                    float min_deviation, MatrixRef mean_gradient, MatrixRef raw_gradient) {
  const float count = static_cast<float>(mean.size());
  double total = 0;
  for (Eigen::Index r = 0; r < mean.rows(); ++r) {
    for (Eigen::Index c = 0; c < mean.cols(); ++c) {
      const float raw = raw_deviation(r, c);
      // softplus(raw) = log(1 + e^raw), written so that e^raw cannot overflow; its derivative is the sigmoid.
      const float tail = std::exp(-std::abs(raw));
      const float sigma = std::max(raw, 0.0F) + std::log1p(tail) + min_deviation;
      const float sigmoid = (raw >= 0 ? 1.0F : tail) / (1.0F + tail);
      const float z = (action(r, c) - mean(r, c)) / sigma;
      total += static_cast<double>(0.5F * z * z + std::log(sigma));
      mean_gradient(r, c) = -z / (sigma * count);
      raw_gradient(r, c) = (1.0F - z * z) / (sigma * count) * sigmoid;
    }
  }
  return total / static_cast<double>(count) + 0.5 * std::log(2 * std::numbers::pi);
}

}  // namespace understudy
