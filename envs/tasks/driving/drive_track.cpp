#include "envs/tasks/driving/drive_track.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr int kFirstHarmonic = 2;
constexpr double kAmplitudes[] = {0.28, 0.22, 0.13, 0.07};  // largest a_k for k = 2, 3, 4, 5
constexpr int kCoarse = 128;
constexpr int kDense = 1024;  // samples of phi for arc lengths
constexpr int kDraws = 2000;

/// r(phi) / R and its first two derivatives.
struct Radius {
  double value = 1, first = 0, second = 0;
};

Radius radius_at(const std::vector<Eigen::Vector2d>& coefficients, double phi) {
  Radius r;
  for (std::size_t i = 0; i < coefficients.size(); ++i) {
    const double k = kFirstHarmonic + static_cast<double>(i);
    const double c = std::cos(k * phi), s = std::sin(k * phi);
    const double wave = coefficients[i].x() * c + coefficients[i].y() * s;
    r.value += wave;
    r.first += k * (coefficients[i].y() * c - coefficients[i].x() * s);
    r.second -= k * k * wave;
  }
  return r;
}

/// Of the curve with R = 1, anticlockwise.
double curvature_at(const Radius& r) {
  const double square = r.value * r.value + r.first * r.first;
  return (square + r.first * r.first - r.value * r.second) / (square * std::sqrt(square));
}

int wrap_index(int i, int n) {
  return i < 0 ? i + n : (i >= n ? i - n : i);
}

}  // namespace

double wrap_angle(double angle) {
  return std::remainder(angle, 2 * std::numbers::pi);
}

DriveTrack DriveTrack::draw(Rng& rng, const TrackOptions& options) {
  DriveTrack track;
  track.options_ = options;
  for (int draw = 0; draw < kDraws; ++draw) {
    std::vector<Eigen::Vector2d> coefficients;
    for (const double amplitude : kAmplitudes) {
      const double size = rng.uniform(0, amplitude);
      const double phase = rng.uniform(0, 2 * std::numbers::pi);
      coefficients.emplace_back(size * std::cos(phase), size * std::sin(phase));
    }
    const double length = rng.uniform(options.min_length, options.max_length);
    const bool clockwise = rng.below(2) == 1;
    if (track.sample(coefficients, length, clockwise) && track.clear_of_itself()) {
      track.build_edges();
      return track;
    }
  }
  throw Error("Drive: no track fits the options: want a smaller min_radius or clearance, or a longer track");
}

bool DriveTrack::sample(const std::vector<Eigen::Vector2d>& coefficients, double length, bool clockwise) {
  // Most draws fail here, at an eighth of the samples: the trapezium rule is all but exact on a closed curve.
  double around = 0, sharpest = 0;
  for (int i = 0; i < kCoarse; ++i) {
    const Radius r = radius_at(coefficients, 2 * std::numbers::pi * i / kCoarse);
    if (r.value < 0.2) return false;
    around += 2 * std::numbers::pi / kCoarse * std::hypot(r.value, r.first);
    sharpest = std::max(sharpest, std::abs(curvature_at(r)));
  }
  if (sharpest * around / length > 1 / options_.min_radius) return false;

  // Arc length of the unit curve up to each phi.
  std::vector<double> arc(kDense + 1, 0.0);
  double previous = 0;
  for (int i = 0; i <= kDense; ++i) {
    const Radius r = radius_at(coefficients, 2 * std::numbers::pi * i / kDense);
    sharpest = std::max(sharpest, std::abs(curvature_at(r)));
    const double speed = std::hypot(r.value, r.first);
    if (i > 0) {
      arc[static_cast<std::size_t>(i)] =
          arc[static_cast<std::size_t>(i) - 1] + std::numbers::pi / kDense * (previous + speed);
    }
    previous = speed;
  }
  const double scale = length / arc.back();
  if (sharpest / scale > 1 / options_.min_radius) return false;

  const int n = static_cast<int>(std::lround(length / options_.spacing));
  length_ = length;
  step_ = length / n;
  points_.clear(), headings_.clear(), curvatures_.clear();
  const double side = clockwise ? -1 : 1;
  std::size_t dense = 0;
  for (int i = 0; i < n; ++i) {
    const double want = i * step_ / scale;
    while (arc[dense + 1] <= want) ++dense;
    const double part = (want - arc[dense]) / (arc[dense + 1] - arc[dense]);
    const double phi = 2 * std::numbers::pi * (static_cast<double>(dense) + part) / kDense;
    const Radius r = radius_at(coefficients, phi);
    points_.emplace_back(scale * r.value * std::cos(phi), side * scale * r.value * std::sin(phi));
    headings_.push_back(side * (phi + std::atan2(r.value, r.first)));
    curvatures_.push_back(side * curvature_at(r) / scale);
  }
  // A lap begins on the straightest 12 m.
  const int window = std::max(1, static_cast<int>(12 / step_));
  int best = 0;
  double least = 1e30;
  for (int i = 0; i < n; ++i) {
    double bend = 0;
    for (int j = -window / 2; j < window / 2; ++j) {
      bend += std::abs(curvatures_[static_cast<std::size_t>(wrap_index(i + j, n))]);
    }
    if (bend < least) least = bend, best = i;
  }
  std::rotate(points_.begin(), points_.begin() + best, points_.end());
  std::rotate(headings_.begin(), headings_.begin() + best, headings_.end());
  std::rotate(curvatures_.begin(), curvatures_.begin() + best, curvatures_.end());
  return true;
}

bool DriveTrack::clear_of_itself() const {
  const int n = samples();
  const int stride = std::max(1, static_cast<int>(1 / step_));
  // Closer along the track than this, the bound on the radius already keeps the edges apart.
  const double near = std::numbers::pi * options_.min_radius;
  for (int i = 0; i < n; i += stride) {
    for (int j = i + stride; j < n; j += stride) {
      const double along = std::min((j - i) * step_, length_ - (j - i) * step_);
      const double apart =
          (points_[static_cast<std::size_t>(i)] - points_[static_cast<std::size_t>(j)]).norm();
      if (along > near && apart < options_.clearance) return false;
    }
  }
  return true;
}

void DriveTrack::build_edges() {
  const int stride = std::max(1, static_cast<int>(1 / step_));
  edge_vertices_ = samples() / stride;
  edge_x_.resize(2 * edge_vertices_), edge_y_.resize(2 * edge_vertices_);
  for (int i = 0; i < edge_vertices_; ++i) {
    const double s = length_ * i / edge_vertices_;
    for (int edge = 0; edge < 2; ++edge) {
      const Eigen::Vector2d p = beside(s, edge == 0 ? options_.half_width : -options_.half_width);
      edge_x_[edge * edge_vertices_ + i] = p.x();
      edge_y_[edge * edge_vertices_ + i] = p.y();
    }
  }
}

namespace {

struct Between {
  std::size_t before, after;
  double part;
};

Between between(double s, double length, double step, int n) {
  const double wrapped = s - length * std::floor(s / length);
  const double at = wrapped / step;
  const int before = std::min(static_cast<int>(at), n - 1);
  return {static_cast<std::size_t>(before), static_cast<std::size_t>(wrap_index(before + 1, n)), at - before};
}

}  // namespace

Eigen::Vector2d DriveTrack::position(double s) const {
  const Between b = between(s, length_, step_, samples());
  return points_[b.before] + b.part * (points_[b.after] - points_[b.before]);
}

double DriveTrack::heading(double s) const {
  const Between b = between(s, length_, step_, samples());
  return wrap_angle(headings_[b.before] + b.part * wrap_angle(headings_[b.after] - headings_[b.before]));
}

double DriveTrack::curvature(double s) const {
  const Between b = between(s, length_, step_, samples());
  return curvatures_[b.before] + b.part * (curvatures_[b.after] - curvatures_[b.before]);
}

Eigen::Vector2d DriveTrack::beside(double s, double offset) const {
  const double angle = heading(s);
  return position(s) + offset * Eigen::Vector2d(-std::sin(angle), std::cos(angle));
}

DriveTrack::Place DriveTrack::locate(const Eigen::Vector2d& point, int hint) const {
  const int n = samples();
  const int reach = hint < 0 ? n / 2 + 1 : static_cast<int>(3 / step_) + 2;
  const int centre = hint < 0 ? n / 2 : hint;
  int nearest = 0;
  double least = 1e300;
  for (int k = -reach; k <= reach; ++k) {
    const int i = wrap_index(centre + k, n);
    const double distance = (points_[static_cast<std::size_t>(i)] - point).squaredNorm();
    if (distance < least) least = distance, nearest = i;
  }
  // The foot of the perpendicular lies on the segment before or after the nearest sample.
  const auto along = [&](int i) {
    const Eigen::Vector2d& from = points_[static_cast<std::size_t>(i)];
    const Eigen::Vector2d& to = points_[static_cast<std::size_t>(wrap_index(i + 1, n))];
    return (point - from).dot(to - from) / (to - from).squaredNorm();
  };
  int first = nearest;
  double part = along(first);
  if (part < 0) {
    first = wrap_index(nearest - 1, n);
    part = along(first);
  }
  part = std::clamp(part, 0.0, 1.0);
  Place place;
  place.sample = first;
  place.s = (first + part) * step_;
  if (place.s >= length_) place.s -= length_;
  const double angle = heading(place.s);
  place.offset = (point - position(place.s)).dot(Eigen::Vector2d(-std::sin(angle), std::cos(angle)));
  return place;
}

}  // namespace understudy
