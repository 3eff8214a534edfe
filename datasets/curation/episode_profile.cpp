#include "datasets/curation/episode_profile.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "datasets/storage/sha256.h"

namespace understudy {
namespace {

constexpr float kAtLimit = 0.999F;
constexpr float kSteadyAction = 1e-3F;
constexpr std::size_t kNeighbours = 16;      // whose distance is computed, of those that may be the nearest
constexpr double kSteadyObservation = 0.05;  // standard deviations per second

std::string content_of(const Episode& episode) {
  Sha256 sha;
  for (const Matrix* each : {&episode.observations, &episode.actions})
    sha.add(each->data(), static_cast<std::size_t>(each->size()) * sizeof(float));
  return sha.hex();
}

/// Largest step and longest constant stretch of the columns of `rows`, into the profile from entry `first` on.
void follow(const Matrix& rows, Eigen::Index first, EpisodeProfile& profile) {
  for (Eigen::Index column = 0; column < rows.cols(); ++column) {
    const auto entry = static_cast<std::size_t>(first + column);
    Stretch& longest = profile.constant[entry];
    longest = {.first = 0, .steps = 1};
    Stretch present = longest;
    for (Eigen::Index t = 1; t < rows.rows(); ++t) {
      const float change = std::abs(rows(t, column) - rows(t - 1, column));
      if (change > profile.largest_step(first + column)) {
        profile.largest_step(first + column) = change;
        profile.largest_at[entry] = static_cast<int>(t);
      }
      present = change > 0 ? Stretch{.first = static_cast<int>(t), .steps = 1}
                           : Stretch{.first = present.first, .steps = present.steps + 1};
      if (present.steps > longest.steps) longest = present;
    }
  }
}

Stretch idle_stretch(const Episode& episode, const Eigen::VectorXd& scale, double rate) {
  const Eigen::VectorXd weights = weights_of(scale);
  const auto moving = static_cast<double>((scale.array() > 0).count());
  Stretch longest, present;
  for (int t = 0; t < episode.length(); ++t) {
    const bool steady =
        t == 0 ||
        (episode.actions.row(t) - episode.actions.row(t - 1)).cwiseAbs().maxCoeff() <= kSteadyAction;
    const Eigen::VectorXd change =
        (episode.observations.row(t + 1) - episode.observations.row(t)).transpose().cast<double>();
    const double speed = change.cwiseProduct(weights).norm() / std::sqrt(std::max(1.0, moving)) * rate;
    if (!steady || speed >= kSteadyObservation) {
      present = {};
      continue;
    }
    if (present.steps == 0) present.first = t;
    if (++present.steps > longest.steps) longest = present;
  }
  return longest;
}

}  // namespace

EpisodeProfile episode_profile(const Episode& episode, const Eigen::VectorXd& scale, double rate) {
  const Eigen::Index observed = episode.observations.cols(), entries = observed + episode.actions.cols();
  EpisodeProfile profile{
      .steps = episode.length(),
      .content = content_of(episode),
      .path = Matrix(kPathRows, entries),
      .largest_step = Eigen::VectorXf::Zero(entries),
      .largest_at = std::vector<int>(static_cast<std::size_t>(entries)),
      .constant = std::vector<Stretch>(static_cast<std::size_t>(entries)),
      .at_limit = (episode.actions.array().abs() > kAtLimit).cast<float>().colwise().mean(),
      .idle = idle_stretch(episode, scale, rate)};
  for (int i = 0; i < kPathRows; ++i) {
    const Eigen::Index t = static_cast<Eigen::Index>(i) * (profile.steps - 1) / (kPathRows - 1);
    profile.path.row(i) << episode.observations.row(t), episode.actions.row(t);
  }
  follow(episode.observations, 0, profile);
  follow(episode.actions, observed, profile);
  return profile;
}

Eigen::VectorXd weights_of(const Eigen::VectorXd& scale) {
  return (scale.array() > 0).select(scale.array().inverse(), 0.0);
}

double path_difference(ConstMatrixRef a, ConstMatrixRef b, const Eigen::VectorXd& scale) {
  const Eigen::VectorXf weights = weights_of(scale).cast<float>();
  const auto moving = static_cast<double>(std::max<Eigen::Index>(1, (scale.array() > 0).count()));
  const double squares = ((a - b) * weights.asDiagonal()).cast<double>().squaredNorm();
  return std::sqrt(squares / (moving * static_cast<double>(a.rows())));
}

std::vector<double> nearest_distances(const std::vector<Matrix>& paths,
                                      const std::function<double(const Matrix&, const Matrix&)>& distance) {
  const auto count = paths.size();
  Eigen::MatrixXf means(paths.front().cols(), static_cast<Eigen::Index>(count));
  for (std::size_t i = 0; i < count; ++i)
    means.col(static_cast<Eigen::Index>(i)) = paths[i].colwise().mean().transpose();
  std::vector<double> nearest(count, INFINITY);
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = 0; i < count; ++i) {
    const Eigen::VectorXf apart =
        (means.colwise() - means.col(static_cast<Eigen::Index>(i))).colwise().norm().transpose();
    const auto bound = [&](std::size_t j) {
      return static_cast<double>(apart(static_cast<Eigen::Index>(j)));
    };
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(count, kNeighbours + 1));
    std::partial_sort(order.begin(), end, order.end(), [&](auto a, auto b) { return bound(a) < bound(b); });
    for (auto j = order.begin(); j != end && bound(*j) < nearest[i]; ++j) {
      if (*j != i) nearest[i] = std::min(nearest[i], distance(paths[i], paths[*j]));
    }
  }
  return nearest;
}

}  // namespace understudy
