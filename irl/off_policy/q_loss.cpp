#include "irl/off_policy/q_loss.h"

#include <algorithm>
#include <cmath>

namespace understudy {
namespace {

/// Of a column of `values`.
struct Spread {
  float mean;
  float deviation;
};

Spread spread(ConstMatrixRef values, Eigen::Index row) {
  const auto pairs = static_cast<float>(values.rows());
  const float mean = values.col(row).sum() / pairs;
  return {mean, std::sqrt((values.col(row).array() - mean).square().sum() / pairs)};
}

}  // namespace

void optimistic_value(ConstMatrixRef values, const Optimism& optimism, VectorRef value) {
  for (Eigen::Index i = 0; i < value.size(); ++i) {
    const auto [mean, deviation] = spread(values, i);
    value(i) =
        mean + static_cast<float>(optimism.weight) * std::min(deviation, static_cast<float>(optimism.clip));
  }
}

void optimistic_value_backward(ConstMatrixRef values, const Optimism& optimism, ConstVectorRef value_gradient,
                               MatrixRef gradient) {
  const float share = 1 / static_cast<float>(values.rows());
  for (Eigen::Index i = 0; i < value_gradient.size(); ++i) {
    const auto [mean, deviation] = spread(values, i);
    // Where all agree the deviation has no derivative; 0 is one of its slopes there.
    const bool bends = deviation > 0 && deviation < static_cast<float>(optimism.clip);
    const float slope = bends ? static_cast<float>(optimism.weight) / deviation : 0;
    gradient.col(i) = (value_gradient(i) * share * (1 + slope * (values.col(i).array() - mean))).matrix();
  }
}

void smaller_value(ConstVectorRef first, ConstVectorRef second, VectorRef value,
                   std::span<std::uint8_t> smaller) {
  for (Eigen::Index i = 0; i < value.size(); ++i) {
    smaller[static_cast<std::size_t>(i)] = second(i) < first(i);
    value(i) = std::min(first(i), second(i));
  }
}

void smaller_value_backward(std::span<const std::uint8_t> smaller, ConstVectorRef value_gradient, int critic,
                            VectorRef gradient) {
  for (Eigen::Index i = 0; i < gradient.size(); ++i) {
    gradient(i) = smaller[static_cast<std::size_t>(i)] == critic ? value_gradient(i) : 0;
  }
}

void bellman_target(const BellmanInputs& in, VectorRef target) {
  const auto absorbing = static_cast<float>(in.absorbing_value);
  for (Eigen::Index i = 0; i < target.size(); ++i) {
    const bool ended = in.terminated[static_cast<std::size_t>(i)] != 0;
    target(i) = in.rewards(i) + in.discounts(i) * (ended ? absorbing : in.next_values(i));
  }
}

double q_loss(ConstVectorRef q, ConstVectorRef target, int batch, VectorRef gradient) {
  gradient = q - target;
  const double loss = 0.5 * static_cast<double>(gradient.squaredNorm());
  gradient /= static_cast<float>(batch);
  return loss;
}

double q_ascent_loss(ConstVectorRef q, int batch, VectorRef gradient) {
  gradient.setConstant(-1 / static_cast<float>(batch));
  return -static_cast<double>(q.sum());
}

}  // namespace understudy
