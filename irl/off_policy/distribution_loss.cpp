#include "irl/off_policy/distribution_loss.h"

#include <algorithm>
#include <cmath>

namespace understudy {
namespace {

/// probabilities <- softmax of one row of logits. Returns log of the normaliser.
float softmax(ConstMatrixRef logits, Eigen::Index row, VectorRef probabilities) {
  probabilities = logits.row(row).transpose();
  const float most = probabilities.maxCoeff();
  probabilities = (probabilities.array() - most).exp();
  const float sum = probabilities.sum();
  probabilities /= sum;
  return most + std::log(sum);
}

}  // namespace

void project_distribution(ConstVectorRef probabilities, float reward, float discount, float low, float high,
                          VectorRef projected) {
  const Eigen::Index last = probabilities.size() - 1;
  const float gap = (high - low) / static_cast<float>(last);
  projected.setZero();
  for (Eigen::Index i = 0; i <= last; ++i) {
    const float z = low + gap * static_cast<float>(i);
    const float position = (std::clamp(reward + discount * z, low, high) - low) / gap;
    const auto below = std::min(static_cast<Eigen::Index>(position), last);
    const Eigen::Index above = std::min(below + 1, last);
    const float share = position - static_cast<float>(below);
    projected(below) += (1 - share) * probabilities(i);
    projected(above) += share * probabilities(i);
  }
}

void distribution_target(const DistributionInputs& in, MatrixRef target, VectorRef scratch) {
  const float low = in.atoms(0), high = in.atoms(in.atoms.size() - 1);
  const auto absorbing = static_cast<float>(in.absorbing_value);
  for (Eigen::Index i = 0; i < target.rows(); ++i) {
    softmax(in.next_logits, i, scratch);
    const bool ended = in.terminated[static_cast<std::size_t>(i)] != 0;
    const float reward = in.rewards(i) + (ended ? in.discounts(i) * absorbing : 0);
    project_distribution(scratch, reward, ended ? 0 : in.discounts(i), low, high, target.row(i).transpose());
  }
}

double distribution_loss(ConstMatrixRef logits, ConstMatrixRef target, int batch, MatrixRef gradient,
                         VectorRef scratch) {
  double loss = 0;
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    const float normaliser = softmax(logits, i, scratch);
    loss += static_cast<double>(normaliser - target.row(i).dot(logits.row(i)));
    gradient.row(i) = (scratch.transpose() - target.row(i)) / static_cast<float>(batch);
  }
  return loss;
}

DistributionValue distribution_value(ConstMatrixRef logits, ConstVectorRef atoms, MatrixRef gradient,
                                     VectorRef scratch) {
  DistributionValue sum;
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    softmax(logits, i, scratch);
    const float q = scratch.dot(atoms);
    sum.value += static_cast<double>(q);
    sum.edge += static_cast<double>(scratch(0) + scratch(atoms.size() - 1));
    gradient.row(i) = (scratch.array() * (atoms.array() - q)).matrix().transpose();
  }
  return sum;
}

void clipped_ascent(int batch, MatrixRef action_gradient) {
  const float share = 1 / static_cast<float>(batch);
  for (Eigen::Index i = 0; i < action_gradient.rows(); ++i) {
    const float norm = action_gradient.row(i).norm();
    action_gradient.row(i) *= -share / std::max(norm, 1.0F);
  }
}

}  // namespace understudy
