#include "irl/calibration/episode_statistics.h"

namespace understudy {
namespace {

Eigen::VectorXd deviations(const Eigen::MatrixXd& values) {
  return ((values.rowwise() - values.colwise().mean()).colwise().squaredNorm() /
          static_cast<double>(values.rows()))
      .cwiseSqrt()
      .transpose();
}

}  // namespace

Eigen::VectorXd episode_statistics(const Episode& episode, int horizon) {
  const Eigen::MatrixXd values = episode.observations.cast<double>();
  const Eigen::MatrixXd actions = episode.actions.cast<double>();
  const Eigen::MatrixXd differences = values.bottomRows(actions.rows()) - values.topRows(actions.rows());
  const Eigen::MatrixXd products = differences.transpose() * actions / static_cast<double>(actions.rows());
  const Eigen::Index entries = values.cols();
  Eigen::VectorXd statistics(entries * (4 + actions.cols()) + 1);
  statistics << values.colwise().mean().transpose(), deviations(values),
      differences.colwise().mean().transpose(), deviations(differences), products.reshaped(),
      static_cast<double>(episode.length()) / horizon;
  return statistics;
}

}  // namespace understudy
