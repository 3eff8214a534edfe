#include "bc/policies/normaliser.h"

#include <algorithm>
#include <cmath>

#include "datasets/types/error.h"

namespace understudy {

void Normaliser::apply(MatrixRef observations) const {
  observations =
      ((observations.rowwise() - mean.transpose()).array().rowwise() * scale.transpose().array()).matrix();
}

Normaliser fit_normaliser(ConstMatrixRef observations) {
  if (observations.rows() < 1) throw Error("normaliser: want at least one observation, found none");
  // In double: sums of squares of many large entries lose their last digits in float.
  const Eigen::MatrixXd values = observations.cast<double>();
  const Eigen::RowVectorXd mean = values.colwise().mean();
  const Eigen::RowVectorXd deviation =
      (values.rowwise() - mean).array().square().colwise().mean().sqrt().matrix();
  Normaliser normaliser{mean.transpose().cast<float>(), Vector(mean.size())};
  for (Eigen::Index i = 0; i < mean.size(); ++i) {
    const bool constant = deviation(i) < 1e-6 * std::max(1.0, std::abs(mean(i)));
    normaliser.scale(i) = constant ? 0.0F : static_cast<float>(1.0 / std::max(deviation(i), 1e-2));
  }
  return normaliser;
}

Normaliser identity_normaliser(int obs_dim) {
  return {Vector::Zero(obs_dim), Vector::Ones(obs_dim)};
}

}  // namespace understudy
