#include "envs/reach_scene.h"

#include <algorithm>
#include <numbers>

namespace understudy::reach {
namespace {

using Eigen::Vector3f;

const Vector3f kShell{0.78F, 0.79F, 0.80F};
const Vector3f kJoint{0.90F, 0.28F, 0.03F};
const Vector3f kDark{0.03F, 0.035F, 0.04F};
const Vector3f kTableTop{0.30F, 0.20F, 0.12F};
const Vector3f kTableLeg{0.10F, 0.10F, 0.11F};
const Vector3f kFloorLight{0.30F, 0.32F, 0.34F};
const Vector3f kFloorDark{0.25F, 0.27F, 0.29F};
const Vector3f kTargetColour{0.85F, 0.05F, 0.07F};
const Vector3f kBoxColour{0.10F, 0.45F, 0.80F};

constexpr float kTableThickness = 0.03F;
constexpr float kTableHeight = 0.75F;

SceneShape& add_shape(Scene& scene, int body, ShapeKind kind, const Vector3f& size, const Vector3f& at,
                      const Vector3f& colour,
                      const Eigen::Quaternionf& turn = Eigen::Quaternionf::Identity()) {
  SceneShape shape;
  shape.kind = kind;
  shape.size = size;
  shape.local = Eigen::Translation3f(at) * turn;
  shape.body = body;
  shape.colour = colour;
  scene.shapes.push_back(shape);
  return scene.shapes.back();
}

void add_floor(Scene& scene) {
  SceneMesh mesh;
  constexpr int kTiles = 8;      // to each side
  constexpr float kSize = 0.6F;  // m
  for (int i = -kTiles; i < kTiles; ++i) {
    for (int j = -kTiles; j < kTiles; ++j) {
      const auto first = static_cast<unsigned>(mesh.positions.size());
      for (const auto& [di, dj] : {std::pair{0, 0}, {1, 0}, {1, 1}, {0, 1}}) {
        mesh.positions.emplace_back(kSize * static_cast<float>(i + di), kSize * static_cast<float>(j + dj),
                                    -kTableHeight);
        mesh.normals.emplace_back(0.0F, 0.0F, 1.0F);
        mesh.colours.push_back((i + j) % 2 == 0 ? kFloorLight : kFloorDark);
      }
      for (const unsigned k : {0U, 1U, 2U, 0U, 2U, 3U}) mesh.indices.push_back(first + k);
    }
  }
  SceneShape shape;
  shape.kind = ShapeKind::kMesh;
  shape.mesh = static_cast<int>(scene.meshes.size());
  scene.meshes.push_back(std::move(mesh));
  scene.shapes.push_back(shape);
}

void add_table(Scene& scene) {
  const Vector3f centre(0.35F, 0, -kTableThickness / 2);
  const Vector3f half(0.65F, 0.65F, kTableThickness / 2);
  add_shape(scene, 0, ShapeKind::kBox, half, centre, kTableTop);
  for (const float x : {-1.0F, 1.0F}) {
    for (const float y : {-1.0F, 1.0F}) {
      const float length = (kTableHeight - kTableThickness) / 2;
      add_shape(scene, 0, ShapeKind::kBox, {0.03F, 0.03F, length},
                {centre.x() + x * (half.x() - 0.06F), y * (half.y() - 0.06F), -kTableThickness - length},
                kTableLeg);
    }
  }
}

void add_arm(float tip, Scene& scene) {
  const auto radius = [](std::size_t i) { return static_cast<float>(kArm[i].radius); };
  add_shape(scene, 0, ShapeKind::kCylinder, {0.13F, 0.13F, 0.015F}, {0, 0, 0.015F}, kDark);
  add_shape(scene, 0, ShapeKind::kCylinder, {0.095F, 0.095F, 0.06F}, {0, 0, 0.075F}, kShell);
  const Eigen::Quaternionf sideways(
      Eigen::AngleAxisf(static_cast<float>(std::numbers::pi / 2), Vector3f::UnitX()));
  for (std::size_t i = 0; i < kArm.size(); ++i) {
    const int body = kFirstLinkBody + static_cast<int>(i);
    const auto length = static_cast<float>(kArm[i].length);
    const bool pitch = kArm[i].axis.y() > 0.5;
    if (pitch) {
      // A hub across the link, and the tube that leaves it.
      add_shape(scene, body, ShapeKind::kCylinder, {radius(i), radius(i), 1.15F * radius(i)},
                Vector3f::Zero(), kShell, sideways);
      add_shape(scene, body, ShapeKind::kCylinder, {0.8F * radius(i), 0.8F * radius(i), 1.2F * radius(i)},
                Vector3f::Zero(), kJoint, sideways);
    } else {
      add_shape(scene, body, ShapeKind::kCylinder, {1.02F * radius(i), 1.02F * radius(i), 0.012F},
                {0, 0, 0.012F}, kJoint);
    }
    if (i + 1 < kArm.size()) {
      add_shape(scene, body, ShapeKind::kCapsule, {0.85F * radius(i), 0.85F * radius(i), length / 2},
                {0, 0, length / 2}, kShell);
    }
  }
  // The hand: a flange and a pointer whose tip is the point that has to reach the target.
  const int hand = kFirstLinkBody + kArmJoints - 1;
  add_shape(scene, hand, ShapeKind::kCylinder, {0.042F, 0.042F, 0.015F}, {0, 0, 0.015F}, kDark);
  add_shape(scene, hand, ShapeKind::kCone, {0.022F, 0.022F, (tip - 0.03F) / 2},
            {0, 0, 0.03F + (tip - 0.03F) / 2}, kJoint);
  add_shape(scene, hand, ShapeKind::kSphere, {0.008F, 0.008F, 0.008F}, {0, 0, tip}, kDark);
}

}  // namespace

void add_reach_shapes(const TargetBox& box, double tolerance, double height, double tool, Scene& scene) {
  add_floor(scene);
  add_table(scene);
  add_arm(static_cast<float>(tool), scene);
  const auto radius = static_cast<float>(tolerance);
  add_shape(scene, kTargetBody, ShapeKind::kSphere, Vector3f::Constant(0.4F * radius), Vector3f::Zero(),
            kTargetColour);
  add_shape(scene, kTargetBody, ShapeKind::kSphere, Vector3f::Constant(radius), Vector3f::Zero(),
            kTargetColour)
      .opacity = 0.35F;
  const Vector3f centre = ((box.low + box.high) / 2).cast<float>(),
                 half = ((box.high - box.low) / 2).cast<float>();
  add_shape(scene, 0, ShapeKind::kBox, half, centre, kBoxColour).opacity = 0.08F;
  // A thin pole from the target down to the table shows how high and how far away it is.
  const auto half_height = static_cast<float>(height / 2);
  SceneShape& pole = add_shape(scene, kTargetBody, ShapeKind::kCylinder, {0.002F, 0.002F, half_height},
                               {0, 0, -half_height}, kTargetColour);
  pole.opacity = 0.5F;

  // Over the arm's right shoulder: straight from behind, the arm hides hand and target.
  scene.cameras.push_back({"follow", 0, {-0.55F, -0.95F, 0.95F}, {0.42F, -0.02F, 0.30F}, 0.75F});
  scene.cameras.push_back({"front", 0, {1.75F, 0.75F, 0.85F}, {0.30F, 0, 0.30F}, 0.75F});
  scene.cameras.push_back({"side", 0, {0.45F, -1.7F, 0.45F}, {0.40F, 0, 0.33F}, 0.75F});
  scene.poses.assign(static_cast<std::size_t>(kTargetBody) + 1, Eigen::Isometry3f::Identity());
  for (int i = 0; i < kArmJoints; ++i) name_body(scene, kFirstLinkBody + i, "arm_link_" + std::to_string(i));
  name_body(scene, kTargetBody, "target");
}

void pose_reach_scene(const JointVector& angles, const Eigen::Vector3d& target, Scene& scene) {
  const ArmPose pose = arm_pose(angles);
  for (std::size_t i = 0; i < pose.joints.size(); ++i) {
    scene.poses[kFirstLinkBody + i] = pose.joints[i].cast<float>();
  }
  scene.poses[kTargetBody] = Eigen::Isometry3f(Eigen::Translation3f(target.cast<float>()));
}

}  // namespace understudy::reach
