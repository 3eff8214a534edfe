#include "envs/tasks/landing/land_scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "envs/world/scene_build.h"

namespace understudy::land {
namespace {

using Eigen::Quaternionf;
using Eigen::Vector3f;

const Vector3f kStreetColour{0.075F, 0.078F, 0.085F};
const Vector3f kPavement{0.22F, 0.215F, 0.205F};
const Vector3f kRoofLight{0.30F, 0.295F, 0.285F};
const Vector3f kRoofDark{0.265F, 0.26F, 0.25F};
const Vector3f kConcrete{0.42F, 0.41F, 0.39F};
const Vector3f kCoping{0.55F, 0.54F, 0.52F};
const Vector3f kGlass{0.05F, 0.10F, 0.16F};
const Vector3f kLitGlass{0.60F, 0.47F, 0.22F};
const Vector3f kMetal{0.46F, 0.48F, 0.50F};
const Vector3f kDark{0.018F, 0.018F, 0.02F};
const Vector3f kPaint{0.82F, 0.82F, 0.80F};
const Vector3f kOrange{0.85F, 0.20F, 0.02F};
const Vector3f kPadColour{0.05F, 0.13F, 0.24F};
const Vector3f kDoor{0.10F, 0.22F, 0.20F};
const Vector3f kWalls[] = {{0.42F, 0.22F, 0.15F}, {0.50F, 0.43F, 0.33F}, {0.33F, 0.34F, 0.37F},
                           {0.46F, 0.30F, 0.20F}, {0.38F, 0.36F, 0.30F}, {0.28F, 0.17F, 0.14F}};

constexpr float kStorey = 3;          // m
constexpr float kPaintLift = 0.012F;  // m, between layers of paint: enough for the depth buffer
constexpr float kMastHeight = 2.6F;   // m, of the windsock
constexpr int kSockRings = 5;

/// Mast of the windsock: at the corner of the roof across from the stair house.
Vector3f mast_foot(const Rooftop& rooftop) {
  Eigen::Vector3d roof = Eigen::Vector3d::Zero(), stairs = Eigen::Vector3d::Zero();
  for (const RoofBox& box : rooftop.boxes) {
    if (box.kind == BoxKind::kRoof) roof = box.half;
    if (box.kind == BoxKind::kStairHouse) stairs = box.centre;
  }
  const double side = stairs.x() > 0 ? -1 : 1, end = stairs.y() > 0 ? -1 : 1;
  return Eigen::Vector3d(side * (roof.x() - 0.12), end * (roof.y() - 0.12), 0.4).cast<float>();
}

void add_street(Scene& scene) {
  constexpr float kHalf = 60;
  const auto level = static_cast<float>(kStreetLevel);
  add_shape(scene, 0, ShapeKind::kBox, {kHalf, kHalf, 0.5F}, {0, 0, level - 0.5F}, kStreetColour);
}

/// Rows of windows on the four sides, down from `top`.
void add_windows(const RoofBox& box, unsigned house, Scene& scene) {
  QuadMesh mesh;
  const Vector3f centre = box.centre.cast<float>(), half = box.half.cast<float>();
  const float top = centre.z() + half.z(), bottom = centre.z() - half.z();
  for (int side = 0; side < 4; ++side) {
    const float angle = static_cast<float>(side) * std::numbers::pi_v<float> / 2;
    const Vector3f out(std::cos(angle), std::sin(angle), 0), along(-out.y(), out.x(), 0);
    const float depth = (side % 2 == 0 ? half.x() : half.y()) + 0.02F;
    const float width = side % 2 == 0 ? half.y() : half.x();
    const int columns = std::max(2, static_cast<int>(2 * width / 2.2F));
    const float pitch = 2 * width / static_cast<float>(columns);
    unsigned storey = 0;
    for (float z = top - 1.0F; z - 1.5F > bottom + 0.6F; z -= kStorey, ++storey) {
      for (int column = 0; column < columns; ++column) {
        const float at = -width + (static_cast<float>(column) + 0.5F) * pitch;
        const Vector3f middle = Vector3f(centre.x(), centre.y(), z) + depth * out + at * along;
        // A pattern that repeats nowhere near: some people are at home.
        const unsigned mark =
            (house * 7919U + storey * 31U + static_cast<unsigned>(side * 17 + column) * 101U) % 9U;
        const Vector3f w = 0.3F * pitch * along, h(0, 0, 1.5F);
        mesh.add(middle - w - h, middle + w - h, middle + w, middle - w, mark == 0 ? kLitGlass : kGlass);
      }
    }
  }
  mesh.move_to(scene);
}

void add_house(const RoofBox& box, unsigned house, Scene& scene) {
  const Vector3f centre = box.centre.cast<float>(), half = box.half.cast<float>();
  add_shape(scene, 0, ShapeKind::kBox, half, centre, kWalls[house % std::size(kWalls)]);
  add_windows(box, house, scene);
  const float top = centre.z() + half.z();
  const auto level = static_cast<float>(kStreetLevel);
  add_shape(scene, 0, ShapeKind::kBox, {half.x() + 2, half.y() + 2, 0.08F}, {centre.x(), centre.y(), level},
            kPavement);
  if (box.kind != BoxKind::kHouse) return;
  add_shape(scene, 0, ShapeKind::kBox, {half.x() - 0.4F, half.y() - 0.4F, 0.01F},
            {centre.x(), centre.y(), top}, kRoofDark);
  const float shift = house % 2 == 0 ? 0.4F : -0.4F;
  add_shape(scene, 0, ShapeKind::kBox, {1.2F, 0.9F, 0.6F},
            centre + Vector3f(shift * half.x(), -shift * half.y(), half.z() + 0.6F), kConcrete);
}

/// Slabs of two greys on the roof.
void add_slabs(const RoofBox& roof, Scene& scene) {
  constexpr float kSlab = 1;
  QuadMesh mesh;
  const float x1 = static_cast<float>(roof.half.x()), y1 = static_cast<float>(roof.half.y());
  int row = 0;
  for (float x = -x1; x < x1; x += kSlab, ++row) {
    int column = 0;
    for (float y = -y1; y < y1; y += kSlab, ++column) {
      const float right = std::min(x + kSlab, x1), top = std::min(y + kSlab, y1);
      mesh.add({x, y, kPaintLift}, {right, y, kPaintLift}, {right, top, kPaintLift}, {x, top, kPaintLift},
               (row + column) % 2 == 0 ? kRoofLight : kRoofDark);
    }
  }
  mesh.move_to(scene);
}

/// A ring of paint, flat at height `z`.
void add_ring(QuadMesh& mesh, const Vector3f& centre, float inner, float outer, const Vector3f& colour) {
  constexpr int kSides = 48;
  const auto at = [&](int i, float radius) -> Vector3f {
    const float angle = 2 * std::numbers::pi_v<float> * static_cast<float>(i) / kSides;
    return centre + radius * Vector3f(std::cos(angle), std::sin(angle), 0);
  };
  for (int i = 0; i < kSides; ++i)
    mesh.add(at(i, inner), at(i, outer), at(i + 1, outer), at(i + 1, inner), colour);
}

void add_pad(const RoofBox& box, double tolerance, Scene& scene) {
  const Vector3f centre = box.centre.cast<float>(), half = box.half.cast<float>();
  add_shape(scene, 0, ShapeKind::kBox, half, centre, kPadColour);
  const Vector3f top = centre + Vector3f(0, 0, half.z() + 0.004F);
  const auto radius = static_cast<float>(tolerance);
  QuadMesh mesh;
  add_ring(mesh, top, 0.6F, 0.68F, kPaint);
  add_ring(mesh, top, radius - 0.025F, radius + 0.025F, kOrange);
  // The H in the middle.
  const auto bar = [&](float x, float y, float half_x, float half_y) {
    const Vector3f c = top + Vector3f(x, y, 0);
    mesh.add(c + Vector3f(-half_x, -half_y, 0), c + Vector3f(half_x, -half_y, 0),
             c + Vector3f(half_x, half_y, 0), c + Vector3f(-half_x, half_y, 0), kPaint);
  };
  bar(0, 0.09F, 0.15F, 0.025F), bar(0, -0.09F, 0.15F, 0.025F), bar(0, 0, 0.025F, 0.065F);
  mesh.move_to(scene);
  for (const float x : {-1.0F, 1.0F}) {
    for (const float y : {-1.0F, 1.0F}) {
      add_shape(scene, 0, ShapeKind::kSphere, Vector3f::Constant(0.045F),
                {centre.x() + x * (half.x() - 0.06F), centre.y() + y * (half.y() - 0.06F), top.z()},
                kLitGlass);
    }
  }
}

void add_plant(const RoofBox& box, Scene& scene) {
  const Vector3f centre = box.centre.cast<float>(), half = box.half.cast<float>();
  add_shape(scene, 0, ShapeKind::kBox, half, centre, kMetal);
  const Vector3f top = centre + Vector3f(0, 0, half.z());
  const float radius = 0.75F * std::min(half.x(), half.y());
  add_shape(scene, 0, ShapeKind::kCylinder, {radius, radius, 0.012F}, top, kDark);
  for (int blade = 0; blade < 3; ++blade) {
    const Quaternionf turn(Eigen::AngleAxisf(static_cast<float>(blade) * 1.0472F, Vector3f::UnitZ()));
    add_shape(scene, 0, ShapeKind::kBox, {0.9F * radius, 0.05F, 0.016F}, top, kMetal, turn);
  }
  for (int slat = 0; slat < 4; ++slat) {
    const float z = centre.z() + half.z() * (-0.5F + 0.3F * static_cast<float>(slat));
    add_shape(scene, 0, ShapeKind::kBox, {half.x() + 0.008F, 0.85F * half.y(), 0.025F},
              {centre.x(), centre.y(), z}, kDark);
  }
}

void add_stair_house(const RoofBox& box, Scene& scene) {
  const Vector3f centre = box.centre.cast<float>(), half = box.half.cast<float>();
  add_shape(scene, 0, ShapeKind::kBox, half, centre, kConcrete);
  add_shape(scene, 0, ShapeKind::kBox, {half.x() + 0.12F, half.y() + 0.12F, 0.05F},
            centre + Vector3f(0, 0, half.z() - 0.05F), kCoping);
  const float face = centre.x() > 0 ? -1.0F : 1.0F;  // the door looks at the pad
  add_shape(scene, 0, ShapeKind::kBox, {0.03F, 0.42F, 0.95F},
            centre + Vector3f(face * half.x(), 0, 0.95F - half.z()), kDoor);
  add_shape(scene, 0, ShapeKind::kSphere, Vector3f::Constant(0.09F),
            centre + Vector3f(face * half.x(), 0, 0.85F), kLitGlass);
}

void add_quadrotor(const QuadrotorShape& quadrotor, Scene& scene) {
  const auto arm = static_cast<float>(quadrotor.arm), radius = static_cast<float>(quadrotor.rotor_radius);
  const auto height = static_cast<float>(quadrotor.rotor_height);
  const auto depth = static_cast<float>(quadrotor.skid_depth), side = static_cast<float>(quadrotor.skid_side);
  const int body = kQuadrotorBody;
  const auto box = [&](const Vector3f& size, const Vector3f& at, const Vector3f& colour) {
    add_shape(scene, body, ShapeKind::kBox, size, at, colour);
  };
  box({0.06F, 0.045F, 0.018F}, {0, 0, 0.0F}, kDark);            // frame
  box({0.05F, 0.028F, 0.018F}, {-0.005F, 0, -0.034F}, kMetal);  // battery
  add_shape(scene, body, ShapeKind::kSphere, Vector3f::Constant(0.036F), {0, 0, 0.018F}, kPaint);
  add_shape(scene, body, ShapeKind::kSphere, Vector3f::Constant(0.018F), {0.062F, 0, -0.01F},
            kGlass);  // camera
  box({arm, 0.009F, 0.007F}, {0, 0, 0}, kPaint);
  box({0.009F, arm, 0.007F}, {0, 0, 0}, kPaint);
  for (const float y : {-side, side}) {
    add_shape(scene, body, ShapeKind::kCapsule,
              {0.008F, 0.008F, static_cast<float>(quadrotor.skid_half_length) - 0.008F},
              {0, y, 0.008F - depth}, kDark,
              Quaternionf(Eigen::AngleAxisf(std::numbers::pi_v<float> / 2, Vector3f::UnitY())));
    for (const float x : {-0.05F, 0.05F}) {
      const Vector3f from(x, 0.03F * (y > 0 ? 1.0F : -1.0F), -0.01F), to(x, y, 0.008F - depth);
      add_shape(scene, body, ShapeKind::kCylinder, {0.005F, 0.005F, (to - from).norm() / 2}, (from + to) / 2,
                kMetal, Quaternionf::FromTwoVectors(Vector3f::UnitZ(), to - from));
    }
  }
  for (int rotor = 0; rotor < 4; ++rotor) {
    const float angle = static_cast<float>(rotor) * std::numbers::pi_v<float> / 2;
    const Vector3f end(arm * std::cos(angle), arm * std::sin(angle), 0);
    add_shape(scene, body, ShapeKind::kCylinder, {0.014F, 0.014F, 0.012F}, end, kMetal);
    // The front rotor is orange, so that one sees where the nose is.
    const int spinning = kFirstRotorBody + rotor;
    const Vector3f& colour = rotor == 0 ? kOrange : kDark;
    add_shape(scene, spinning, ShapeKind::kBox, {radius, 0.010F, 0.002F}, Vector3f::Zero(), colour);
    add_shape(scene, spinning, ShapeKind::kCylinder, {0.012F, 0.012F, 0.008F}, Vector3f::Zero(), colour);
    add_shape(scene, body, ShapeKind::kCylinder, {radius, radius, 0.0015F},
              end + Vector3f(0, 0, height + 0.004F), colour)
        .opacity = 0.22F;
  }
}

void add_windsock(const Rooftop& rooftop, Scene& scene) {
  const Vector3f foot = mast_foot(rooftop);
  add_shape(scene, 0, ShapeKind::kCylinder, {0.035F, 0.035F, kMastHeight / 2},
            foot + Vector3f(0, 0, kMastHeight / 2), kMetal);
  const Quaternionf lying(Eigen::AngleAxisf(std::numbers::pi_v<float> / 2, Vector3f::UnitY()));
  for (int ring = 0; ring < kSockRings; ++ring) {
    const float radius = 0.19F - 0.022F * static_cast<float>(ring);
    add_shape(scene, kWindsockBody, ShapeKind::kCylinder, {radius, radius, 0.13F},
              {0.18F + 0.26F * static_cast<float>(ring), 0, 0}, ring % 2 == 0 ? kOrange : kPaint, lying);
  }
}

void add_cameras(const Rooftop& rooftop, Scene& scene) {
  const Vector3f pad = rooftop.pad.cast<float>();
  const Vector3f mast = mast_foot(rooftop);
  scene.cameras.push_back({"follow", kQuadrotorBody, {-2.3F, 0, 1.5F}, {1.6F, 0, -0.9F}, 0.95F});
  scene.cameras.push_back(
      {"roof", 0, {1.1F * mast.x(), 1.1F * mast.y(), 4.2F}, pad + Vector3f(0, 0, 1.6F), 1.0F});
  scene.cameras.push_back({"pad", 0, pad + Vector3f(-2.6F, -1.4F, 0.9F), pad + Vector3f(0, 0, 0.35F), 0.8F});
}

}  // namespace

void add_land_shapes(const Rooftop& rooftop, const QuadrotorShape& quadrotor, double tolerance,
                     Scene& scene) {
  add_street(scene);
  unsigned house = 0;
  for (const RoofBox& box : rooftop.boxes) {
    switch (box.kind) {
      case BoxKind::kRoof:
        add_house(box, house++, scene);
        add_slabs(box, scene);
        break;
      case BoxKind::kHouse:
        add_house(box, house++, scene);
        break;
      case BoxKind::kParapet:
        add_shape(scene, 0, ShapeKind::kBox, box.half.cast<float>(), box.centre.cast<float>(), kCoping);
        break;
      case BoxKind::kPad:
        add_pad(box, tolerance, scene);
        break;
      case BoxKind::kPlant:
        add_plant(box, scene);
        break;
      case BoxKind::kStairHouse:
        add_stair_house(box, scene);
        break;
    }
  }
  add_quadrotor(quadrotor, scene);
  add_windsock(rooftop, scene);
  add_cameras(rooftop, scene);
  scene.poses.assign(kWindsockBody + 1, Eigen::Isometry3f::Identity());
}

void pose_land_scene(const double* pose, const QuadrotorShape& quadrotor, const double* angles,
                     const Eigen::Vector3d& wind, const Rooftop& rooftop, Scene& scene) {
  const Eigen::Isometry3d hull = pose_of(pose);
  scene.poses[kQuadrotorBody] = hull.cast<float>();
  for (int rotor = 0; rotor < 4; ++rotor) {
    const double place = rotor * std::numbers::pi / 2, direction = rotor % 2 == 0 ? -1 : 1;
    const Eigen::Translation3d hub(quadrotor.arm * std::cos(place), quadrotor.arm * std::sin(place),
                                   quadrotor.rotor_height);
    const Eigen::AngleAxisd spin(direction * angles[rotor], Eigen::Vector3d::UnitZ());
    scene.poses[static_cast<std::size_t>(kFirstRotorBody + rotor)] = (hull * hub * spin).cast<float>();
  }
  // The sock hangs in a calm and stands out level in a fresh wind.
  const double speed = wind.head<2>().norm();
  const double droop = std::numbers::pi / 2 * std::exp(-speed / 1.5);
  const Eigen::Vector3f top = mast_foot(rooftop) + Vector3f(0, 0, kMastHeight);
  const auto heading = static_cast<float>(std::atan2(wind.y(), wind.x()));
  scene.poses[kWindsockBody] = Eigen::Translation3f(top) * Eigen::AngleAxisf(heading, Vector3f::UnitZ()) *
                               Eigen::AngleAxisf(static_cast<float>(droop), Vector3f::UnitY());
}

}  // namespace understudy::land
