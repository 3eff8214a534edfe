#pragma once
/// \file A closed, randomised track: its centreline and its two edges.

#include <Eigen/Core>
#include <vector>

#include "datasets/types/rng.h"

namespace understudy {

/// What tracks are drawn from. All lengths in metres (ours).
struct TrackOptions {
  double half_width = 3.5;  ///< centreline to the outer edge of a kerb
  double kerb_width = 0.5;  ///< part of the half width
  double min_length = 130;  ///< of the centreline
  double max_length = 190;
  double min_radius = 9;  ///< of the tightest bend of the centreline
  double spacing = 0.25;  ///< between samples of the centreline
  double clearance = 9;   ///< least distance between parts of the centreline far apart along it
};

/// Centreline in polar form, r(phi) = R (1 + sum_k a_k cos(k phi + p_k)), k = 2..5, sampled at equal arc
/// lengths; the coefficients are redrawn until lengths, radii and clearance are within the options. Half of
/// the tracks run clockwise. Everything is in the plane z = 0; headings and curvatures are positive to the
/// left.
class DriveTrack {
 public:
  /// The same generator state gives the same track.
  static DriveTrack draw(Rng& rng, const TrackOptions& options = {});

  const TrackOptions& options() const { return options_; }
  double length() const { return length_; }  ///< m
  int samples() const { return static_cast<int>(points_.size()); }

  // At arc length s [m], any real number; laps wrap around. Linear between samples.
  Eigen::Vector2d position(double s) const;
  double heading(double s) const;    ///< rad in (-pi, pi]
  double curvature(double s) const;  ///< 1/m
  /// Point `offset` metres to the left of the centreline at `s`.
  Eigen::Vector2d beside(double s, double offset) const;

  /// Where a point is relative to the centreline.
  struct Place {
    double s = 0;       ///< arc length of the nearest point of the centreline, in [0, length)
    double offset = 0;  ///< m, left positive
    int sample = 0;     ///< nearest sample at or before s, the hint for the next call
  };
  /// Searches near sample `hint` only, far enough for a car that moved less than 2 m since; hint < 0:
  /// everywhere.
  Place locate(const Eigen::Vector2d& point, int hint) const;

  /// Vertices of both edges, one per metre or so, each a closed polyline in order; x and y apart so that all
  /// can be transformed at once. [2 * edge_vertices()], the left edge first.
  int edge_vertices() const { return edge_vertices_; }
  const Eigen::ArrayXd& edge_x() const { return edge_x_; }
  const Eigen::ArrayXd& edge_y() const { return edge_y_; }

 private:
  bool sample(const std::vector<Eigen::Vector2d>& coefficients, double length, bool clockwise);
  bool clear_of_itself() const;
  void build_edges();

  TrackOptions options_;
  double length_ = 0;
  double step_ = 0;  ///< distance between samples, m
  std::vector<Eigen::Vector2d> points_;
  std::vector<double> headings_;
  std::vector<double> curvatures_;
  int edge_vertices_ = 0;
  Eigen::ArrayXd edge_x_, edge_y_;
};

/// `angle` brought into (-pi, pi].
double wrap_angle(double angle);

}  // namespace understudy
