#include "envs/tasks/driving/drive_lidar.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>

namespace understudy {

DriveLidar::DriveLidar(const Options& options) : options_(options) {
  for (int ray = 0; ray < options.rays; ++ray) {
    cosines_.push_back(std::cos(options.first + ray * options.spacing));
    sines_.push_back(std::sin(options.first + ray * options.spacing));
  }
}

void DriveLidar::cast(const DriveTrack& track, const Eigen::Vector2d& position, double yaw,
                      const std::vector<Eigen::Vector2d>& cones, VectorRef distances) const {
  distances.setConstant(static_cast<float>(options_.range));
  const double c = std::cos(yaw), s = std::sin(yaw);
  const auto shorten = [&](int ray, double distance) {
    distances[ray] = std::min(distances[ray], static_cast<float>(distance));
  };

  // Segments of about one metre: those further away than the range by more than their length cannot matter.
  const double far = (options_.range + 2) * (options_.range + 2);
  const int n = track.edge_vertices();
  for (int edge = 0; edge < 2; ++edge) {
    const double* xs = track.edge_x().data() + edge * n;
    const double* ys = track.edge_y().data() + edge * n;
    double before_x = xs[n - 1] - position.x(), before_y = ys[n - 1] - position.y();
    for (int i = 0; i < n; ++i) {
      const double x = xs[i] - position.x(), y = ys[i] - position.y();
      if (x * x + y * y < far) {
        // Both ends in the car's frame.
        const double ax = c * before_x + s * before_y, ay = c * before_y - s * before_x;
        const double bx = c * x + s * y, by = c * y - s * x;
        for (int ray = 0; ray < options_.rays; ++ray) {
          const auto k = static_cast<std::size_t>(ray);
          const double a_side = cosines_[k] * ay - sines_[k] * ax;
          const double b_side = cosines_[k] * by - sines_[k] * bx;
          if ((a_side < 0) == (b_side < 0)) continue;
          const double a_along = cosines_[k] * ax + sines_[k] * ay;
          const double b_along = cosines_[k] * bx + sines_[k] * by;
          const double along = a_along + (b_along - a_along) * a_side / (a_side - b_side);
          if (along >= 0) shorten(ray, along);
        }
      }
      before_x = x, before_y = y;
    }
  }
  const double radius = options_.cone_radius;
  for (const Eigen::Vector2d& cone : cones) {
    const Eigen::Vector2d to = cone - position;
    if (to.squaredNorm() > far) continue;
    const double x = c * to.x() + s * to.y(), y = c * to.y() - s * to.x();
    for (int ray = 0; ray < options_.rays; ++ray) {
      const auto k = static_cast<std::size_t>(ray);
      const double side = cosines_[k] * y - sines_[k] * x;
      const double along = cosines_[k] * x + sines_[k] * y;
      if (std::abs(side) < radius && along > 0) {
        shorten(ray, std::max(0.0, along - std::sqrt(radius * radius - side * side)));
      }
    }
  }
}

void DriveLidar::cast_boxes(const Eigen::Vector2d& position, double yaw, const std::vector<Box>& boxes,
                            VectorRef distances) const {
  for (const Box& box : boxes) {
    const Eigen::Vector2d to = box.centre - position;
    if (to.norm() > options_.range + box.half_length + box.half_width) continue;
    // The eye and the rays in the box's frame, where its sides are x = +-half_length and y = +-half_width.
    const Eigen::Rotation2D<double> into_box(-box.yaw);
    const Eigen::Vector2d eye = into_box * -to;
    const Eigen::Rotation2D<double> from_car(yaw - box.yaw);
    for (int ray = 0; ray < options_.rays; ++ray) {
      const auto k = static_cast<std::size_t>(ray);
      const Eigen::Vector2d way = from_car * Eigen::Vector2d(cosines_[k], sines_[k]);
      double enter = 0, leave = options_.range;
      for (int axis = 0; axis < 2; ++axis) {
        const double half = axis == 0 ? box.half_length : box.half_width;
        if (std::abs(way[axis]) < 1e-12) {
          if (std::abs(eye[axis]) > half) leave = -1;
          continue;
        }
        const double one = (-half - eye[axis]) / way[axis], other = (half - eye[axis]) / way[axis];
        enter = std::max(enter, std::min(one, other));
        leave = std::min(leave, std::max(one, other));
      }
      if (enter <= leave) distances[ray] = std::min(distances[ray], static_cast<float>(enter));
    }
  }
}

}  // namespace understudy
