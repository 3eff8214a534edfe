#include "envs/tasks/driving/drive_scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "envs/tasks/driving/drive_car.h"
#include "envs/world/scene_build.h"

namespace understudy::drive {
namespace {

using Eigen::Vector3f;

const Vector3f kGrassLight{0.13F, 0.28F, 0.07F};
const Vector3f kGrassDark{0.11F, 0.25F, 0.06F};
const Vector3f kAsphalt{0.085F, 0.09F, 0.10F};
const Vector3f kPaint{0.80F, 0.80F, 0.78F};
const Vector3f kRed{0.62F, 0.03F, 0.03F};
const Vector3f kBody{0.03F, 0.13F, 0.55F};
const Vector3f kTrim{0.75F, 0.45F, 0.03F};
const Vector3f kDark{0.015F, 0.015F, 0.018F};
const Vector3f kMetal{0.45F, 0.46F, 0.48F};
const Vector3f kOrange{0.85F, 0.16F, 0.01F};

/// Layers that lie on one another, m: far enough apart for the depth buffer at a hundred metres.
constexpr float kGroundLevel = -0.03F;
constexpr float kPaintLevel = 0.012F;

Vector3f lift(const Eigen::Vector2d& p, float z) {
  return {static_cast<float>(p.x()), static_cast<float>(p.y()), z};
}

/// Squares of two greens, so that motion shows on the grass as well.
void add_ground(Scene& scene) {
  constexpr int kSquares = 30;  // to each side of the origin
  constexpr float kSize = 5;    // m
  QuadMesh mesh;
  for (int i = -kSquares; i < kSquares; ++i) {
    for (int j = -kSquares; j < kSquares; ++j) {
      const float x = kSize * static_cast<float>(i), y = kSize * static_cast<float>(j);
      mesh.add({x, y, kGroundLevel}, {x + kSize, y, kGroundLevel}, {x + kSize, y + kSize, kGroundLevel},
               {x, y + kSize, kGroundLevel}, (i + j) % 2 == 0 ? kGrassLight : kGrassDark);
    }
  }
  mesh.move_to(scene);
}

/// A quad between two arc lengths and two offsets from the centreline.
void add_patch(QuadMesh& mesh, const DriveTrack& track, double from, double to, double right, double left,
               float z, const Vector3f& colour) {
  mesh.add(lift(track.beside(from, right), z), lift(track.beside(to, right), z),
           lift(track.beside(to, left), z), lift(track.beside(from, left), z), colour);
}

void add_track(const DriveTrack& track, Scene& scene) {
  const double half = track.options().half_width;
  QuadMesh mesh;
  const int stations = static_cast<int>(track.length());
  const double step = track.length() / stations;
  for (int i = 0; i < stations; ++i) {
    add_patch(mesh, track, i * step, (i + 1) * step, -half, half, 0, kAsphalt);
    if (i % 4 == 2) add_patch(mesh, track, i * step, (i + 1) * step, -0.06, 0.06, kPaintLevel, kPaint);
  }
  // The start line: two rows of squares across the asphalt.
  const double asphalt = half - track.options().kerb_width;
  constexpr int kColumns = 12;
  const double width = 2 * asphalt / kColumns;
  for (int row = 0; row < 2; ++row) {
    for (int column = 0; column < kColumns; ++column) {
      const double right = -asphalt + column * width;
      add_patch(mesh, track, row * width, (row + 1) * width, right, right + width, kPaintLevel,
                (row + column) % 2 == 0 ? kPaint : kDark);
    }
  }
  mesh.move_to(scene);
}

void add_kerbs(const Kerbs& kerbs, Scene& scene) {
  QuadMesh mesh;
  for (int i = 0; i < kerbs.stations; ++i) {
    const Vector3f& colour = i % 2 == 0 ? kRed : kPaint;
    for (int ring = 0; ring < 2; ++ring) {
      const auto a = static_cast<std::size_t>(3 * i + ring);
      const auto b = static_cast<std::size_t>(3 * ((i + 1) % kerbs.stations) + ring);
      const auto point = [](const std::vector<Eigen::Vector3d>& side, std::size_t k) -> Vector3f {
        return side[k].cast<float>() + Vector3f(0, 0, 0.005F);
      };
      mesh.add(point(kerbs.left, a), point(kerbs.left, b), point(kerbs.left, b + 1), point(kerbs.left, a + 1),
               colour);
      mesh.add(point(kerbs.right, b), point(kerbs.right, a), point(kerbs.right, a + 1),
               point(kerbs.right, b + 1), colour);
    }
  }
  mesh.move_to(scene);
}

/// A gate over the start line.
void add_gate(const DriveTrack& track, Scene& scene) {
  const auto angle = static_cast<float>(track.heading(0));
  const Eigen::Quaternionf turn(Eigen::AngleAxisf(angle, Vector3f::UnitZ()));
  const double beside = track.options().half_width + 0.4;
  for (const double side : {-beside, beside}) {
    add_shape(scene, 0, ShapeKind::kCylinder, {0.1F, 0.1F, 1.9F}, lift(track.beside(0, side), 1.9F), kMetal);
  }
  const Vector3f centre = lift(track.position(0), 3.6F);
  add_shape(scene, 0, ShapeKind::kBox, {0.08F, static_cast<float>(beside), 0.3F}, centre, kBody, turn);
  add_shape(scene, 0, ShapeKind::kBox, {0.09F, static_cast<float>(beside) - 0.3F, 0.06F}, centre, kPaint,
            turn);
}

void add_car(const CarShape& car, Scene& scene) {
  const auto length = static_cast<float>(car.half_length), width = static_cast<float>(car.half_width);
  const auto height = static_cast<float>(car.half_height);
  const auto box = [&](const Vector3f& size, const Vector3f& at, const Vector3f& colour) {
    add_shape(scene, kCarBody, ShapeKind::kBox, size, at, colour);
  };
  box({length, 0.55F * width, 0.5F * height}, {0, 0, -0.4F * height}, kDark);          // floor
  box({0.62F * length, width, 0.55F * height}, {-0.12F * length, 0, 0}, kBody);        // sides
  box({0.42F * length, 0.5F * width, 0.45F * height}, {0.58F * length, 0, 0}, kBody);  // nose
  box({0.08F, 0.95F * width, 0.03F}, {0.97F * length, 0, -0.3F * height}, kTrim);      // front wing
  box({0.9F * length, 0.07F, 0.012F}, {0.1F * length, 0, 0.58F * height}, kTrim);      // stripe
  box({0.22F, 0.26F, 0.14F}, {-0.62F * length, 0, 0.18F}, kDark);                      // engine
  box({0.06F, 0.24F, 0.17F}, {-0.34F, 0, 0.26F}, kDark);                               // seat
  box({0.12F, width, 0.025F}, {-0.93F * length, 0, 0.47F}, kTrim);                     // rear wing
  for (const float side : {-0.4F, 0.4F}) {
    box({0.03F, 0.02F, 0.17F}, {-0.93F * length, side, 0.30F}, kDark);                          // its stays
    box({0.015F, 0.07F, 0.04F}, {-0.75F * length, side * 0.85F, 0.02F}, {0.7F, 0.02F, 0.02F});  // rear lights
  }
  add_shape(scene, kCarBody, ShapeKind::kCapsule, {0.17F, 0.17F, 0.10F}, {-0.18F, 0, 0.22F},
            kMetal);  // driver
  add_shape(scene, kCarBody, ShapeKind::kSphere, {0.14F, 0.14F, 0.14F}, {-0.16F, 0, 0.52F},
            kPaint);                                      // helmet
  box({0.05F, 0.11F, 0.04F}, {-0.06F, 0, 0.53F}, kDark);  // visor
}

void add_cone(int body, float size, Scene& scene) {
  const float half = size * static_cast<float>(kConeHeight / 2);
  const float base = size * static_cast<float>(kConeHalfWidth);
  add_shape(scene, body, ShapeKind::kBox, {base, base, 0.02F}, {0, 0, -half + 0.02F}, kDark);
  add_shape(scene, body, ShapeKind::kCone, {0.85F * base, 0.85F * base, half}, Vector3f::Zero(), kOrange);
  add_shape(scene, body, ShapeKind::kCylinder, {0.5F * base, 0.5F * base, 0.045F * size},
            {0, 0, -0.02F * size}, kPaint);
}

void add_cameras(const DriveTrack& track, Scene& scene) {
  Eigen::Vector2d low(1e9, 1e9), high(-1e9, -1e9);
  for (double s = 0; s < track.length(); s += 1) {
    low = low.cwiseMin(track.position(s)), high = high.cwiseMax(track.position(s));
  }
  const Vector3f centre = lift((low + high) / 2, 0);
  const auto extent = static_cast<float>((high - low).maxCoeff());
  scene.cameras.push_back({"follow", kCarBody, {-5.5F, 0, 2.3F}, {4.0F, 0, 0.3F}, 0.95F});
  scene.cameras.push_back({"top", 0, centre + Vector3f(0, -0.45F * extent, 1.05F * extent),
                           centre + Vector3f(0, -0.02F * extent, 0), 0.95F});
  scene.cameras.push_back({"helmet", kCarBody, {-0.1F, 0, 0.62F}, {8.0F, 0, 0.2F}, 1.1F});
}

}  // namespace

CarShape car_shape(const CarOptions& car) {
  return {.half_length = car.half_length,
          .half_width = car.half_width,
          .half_height = car.half_height,
          .front_axle = car.front_axle,
          .half_track = car.half_track,
          .mount_height = car.mount_height,
          .wheel_radius = car.wheel_radius};
}

void add_wheels(const CarShape& car, int first_body, Scene& scene) {
  const Eigen::Quaternionf sideways(
      Eigen::AngleAxisf(static_cast<float>(std::numbers::pi / 2), Vector3f::UnitX()));
  const auto radius = static_cast<float>(car.wheel_radius);
  for (int wheel = 0; wheel < 4; ++wheel) {
    const int body = first_body + wheel;
    const float tyre = wheel < 2 ? 0.10F : 0.13F;
    add_shape(scene, body, ShapeKind::kCylinder, {radius, radius, tyre}, Vector3f::Zero(), kDark, sideways);
    add_shape(scene, body, ShapeKind::kCylinder, {0.55F * radius, 0.55F * radius, tyre + 0.006F},
              Vector3f::Zero(), kMetal, sideways);
    for (int spoke = 0; spoke < 3; ++spoke) {
      const Eigen::Quaternionf turn(Eigen::AngleAxisf(
          static_cast<float>(std::numbers::pi) * static_cast<float>(spoke) / 3, Vector3f::UnitY()));
      add_shape(scene, body, ShapeKind::kBox, {0.52F * radius, tyre + 0.012F, 0.02F}, Vector3f::Zero(), kTrim,
                turn);
    }
  }
}

void add_drive_shapes(const DriveTrack& track, const Kerbs& kerbs, const CarShape& car, int cones,
                      double cone_size, Scene& scene) {
  add_ground(scene);
  add_track(track, scene);
  add_kerbs(kerbs, scene);
  add_gate(track, scene);
  add_car(car, scene);
  add_wheels(car, kFirstWheelBody, scene);
  for (int i = 0; i < cones; ++i) add_cone(kFirstConeBody + i, static_cast<float>(cone_size), scene);
  add_cameras(track, scene);
  scene.poses.assign(static_cast<std::size_t>(kFirstConeBody + cones), Eigen::Isometry3f::Identity());
  name_body(scene, kCarBody, "car");
  scene.handle.body = kCarBody;
  const std::array wheels{"wheel_front_left", "wheel_front_right", "wheel_rear_left", "wheel_rear_right"};
  for (int wheel = 0; wheel < 4; ++wheel) {
    name_body(scene, kFirstWheelBody + wheel, wheels[static_cast<std::size_t>(wheel)]);
  }
  for (int i = 0; i < cones; ++i) name_body(scene, kFirstConeBody + i, "cone_" + std::to_string(i));
}

void pose_car(const double* pose, const CarShape& car, double steer_angle, const double* suspension,
              const double* rotation, int body, Scene& scene) {
  const Eigen::Isometry3d chassis = pose_of(pose);
  scene.poses[static_cast<std::size_t>(body)] = chassis.cast<float>();
  for (int wheel = 0; wheel < 4; ++wheel) {
    const bool front = wheel < 2, left = wheel % 2 == 0;
    const Eigen::Translation3d hub(front ? car.front_axle : -car.front_axle,
                                   left ? car.half_track : -car.half_track,
                                   car.mount_height - suspension[wheel]);
    const Eigen::AngleAxisd steer(front ? steer_angle : 0, Eigen::Vector3d::UnitZ());
    const Eigen::AngleAxisd spin(rotation[wheel], Eigen::Vector3d::UnitY());
    scene.poses[static_cast<std::size_t>(body + 1 + wheel)] = (chassis * hub * steer * spin).cast<float>();
  }
}

void pose_drive_scene(const double* car_pose, const CarShape& car, double steer_angle,
                      const double* suspension, const double* rotation,
                      const std::vector<const double*>& cone_poses, Scene& scene) {
  pose_car(car_pose, car, steer_angle, suspension, rotation, kCarBody, scene);
  for (std::size_t i = 0; i < cone_poses.size(); ++i) {
    scene.poses[kFirstConeBody + i] = pose_of(cone_poses[i]).cast<float>();
  }
}

void add_lap_figures(const DriveTrack& track, const double* car, double progress, Scene& scene) {
  const double offset = track.locate({car[0], car[1]}, -1).offset;
  const double speed = std::hypot(car[7], car[8]);
  scene.figures.push_back({.name = "lap",
                           .value = 100 * std::clamp(progress / track.length(), 0.0, 1.0),
                           .unit = "%",
                           .low = 100});
  scene.figures.push_back({.name = "speed", .value = 3.6 * speed, .unit = "km/h", .decimals = 0});
  const double half_width = track.options().half_width;
  scene.figures.push_back({.name = offset > 0 ? "left of the middle" : "right of the middle",
                           .value = std::abs(offset),
                           .unit = "m",
                           .high = half_width});
}

}  // namespace understudy::drive
