#include "envs/tasks/pushing/push_scene.h"

#include "envs/tasks/pushing/push.h"

namespace understudy::push {
namespace {

using Eigen::Vector2d, Eigen::Vector3f;

const Vector3f kTableTop{0.62F, 0.60F, 0.56F};
const Vector3f kTableEdge{0.30F, 0.20F, 0.12F};
const Vector3f kTableLeg{0.10F, 0.10F, 0.11F};
const Vector3f kFloor{0.24F, 0.26F, 0.28F};
const Vector3f kRange{0.40F, 0.39F, 0.37F};
const Vector3f kGoalFill{0.28F, 0.55F, 0.30F};
const Vector3f kGoalLine{0.02F, 0.22F, 0.05F};
const Vector3f kBlock{0.16F, 0.20F, 0.25F};
const Vector3f kBlockTop{0.24F, 0.30F, 0.37F};
const Vector3f kPusherColour{0.02F, 0.12F, 0.65F};
const Vector3f kSteel{0.50F, 0.51F, 0.53F};

constexpr float kTableHalf = 0.42F, kTableThickness = 0.03F, kTableHeight = 0.75F;  // m
/// m, of what is painted on the table: far enough apart for the depth buffer.
constexpr float kFillLevel = 0.0006F, kLineLevel = 0.0012F;
constexpr double kLineWidth = 0.003;  // m
/// m: the block is drawn this much smaller, so that the goal's line shows around it when it covers the goal.
constexpr float kShrink = 0.0003F;

SceneShape& add_shape(Scene& scene, int body, ShapeKind kind, const Vector3f& size, const Vector3f& at,
                      const Vector3f& colour) {
  SceneShape shape;
  shape.kind = kind;
  shape.size = size;
  shape.local = Eigen::Isometry3f(Eigen::Translation3f(at));
  shape.body = body;
  shape.colour = colour;
  scene.shapes.push_back(shape);
  return scene.shapes.back();
}

/// Painted quads, flat on the table.
class Paint {
 public:
  /// Corners counter-clockwise seen from above.
  void add(const std::array<Vector2d, 4>& corners, float level, const Vector3f& colour) {
    const auto first = static_cast<unsigned>(mesh_.positions.size());
    for (const Vector2d& corner : corners) {
      mesh_.positions.emplace_back(static_cast<float>(corner.x()), static_cast<float>(corner.y()), level);
      mesh_.normals.emplace_back(0.0F, 0.0F, 1.0F);
      mesh_.colours.push_back(colour);
    }
    for (const unsigned k : {0U, 1U, 2U, 0U, 2U, 3U}) mesh_.indices.push_back(first + k);
  }

  /// A line of kLineWidth along the inside of a closed outline that runs counter-clockwise.
  void add_line(const std::vector<Vector2d>& corners, const Vector3f& colour) {
    const std::size_t n = corners.size();
    std::vector<Vector2d> inner(n);
    for (std::size_t i = 0; i < n; ++i) {
      // All angles are right ones: the inner corner is one width away from both edges.
      const Vector2d in = (corners[i] - corners[(i + n - 1) % n]).normalized();
      const Vector2d out = (corners[(i + 1) % n] - corners[i]).normalized();
      inner[i] = corners[i] + kLineWidth * (Vector2d(-in.y(), in.x()) + Vector2d(-out.y(), out.x()));
    }
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t next = (i + 1) % n;
      add({corners[i], corners[next], inner[next], inner[i]}, kLineLevel, colour);
    }
  }

  void move_to(Scene& scene) {
    SceneShape shape;
    shape.kind = ShapeKind::kMesh;
    shape.mesh = static_cast<int>(scene.meshes.size());
    scene.meshes.push_back(std::move(mesh_));
    scene.shapes.push_back(shape);
  }

 private:
  SceneMesh mesh_;
};

void add_table(Scene& scene) {
  add_shape(scene, 0, ShapeKind::kBox, {2.5F, 2.5F, 0.01F}, {0, 0, -kTableHeight - 0.01F}, kFloor);
  add_shape(scene, 0, ShapeKind::kBox, {kTableHalf, kTableHalf, kTableThickness / 4},
            {0, 0, -kTableThickness / 4}, kTableTop);
  add_shape(scene, 0, ShapeKind::kBox, {kTableHalf + 0.004F, kTableHalf + 0.004F, kTableThickness / 2},
            {0, 0, -kTableThickness * 0.55F}, kTableEdge);
  const float length = (kTableHeight - kTableThickness) / 2;
  for (const float x : {-1.0F, 1.0F}) {
    for (const float y : {-1.0F, 1.0F}) {
      add_shape(scene, 0, ShapeKind::kBox, {0.025F, 0.025F, length},
                {x * (kTableHalf - 0.05F), y * (kTableHalf - 0.05F), -kTableThickness - length}, kTableLeg);
    }
  }
}

void add_paint(const TeePose& goal, double size, Scene& scene) {
  Paint paint;
  constexpr double kEnd = kReach + kPusherRadius;
  paint.add_line({{-kEnd, -kEnd}, {kEnd, -kEnd}, {kEnd, kEnd}, {-kEnd, kEnd}}, kRange);
  const Eigen::Isometry2d motion = goal.motion();
  for (const TeeBox& part : tee_boxes()) {
    const auto [c, h] = part.scaled(size);
    paint.add({motion * Vector2d(c - h), motion * Vector2d(c.x() + h.x(), c.y() - h.y()),
               motion * Vector2d(c + h), motion * Vector2d(c.x() - h.x(), c.y() + h.y())},
              kFillLevel, kGoalFill);
  }
  std::vector<Vector2d> outline;
  for (const Vector2d& corner : tee_outline()) outline.push_back(motion * (size * corner));
  paint.add_line(outline, kGoalLine);
  paint.move_to(scene);
}

void add_block(double size, Scene& scene) {
  constexpr auto kHalf = static_cast<float>(kTeeHeight / 2);
  for (const TeeBox& part : tee_boxes()) {
    const TeeBox box = part.scaled(size);
    const auto at = [&](float z) {
      return Vector3f(static_cast<float>(box.centre.x()), static_cast<float>(box.centre.y()), z);
    };
    const auto half = [&](float less, float z) {
      return Vector3f(static_cast<float>(box.half.x()) - less, static_cast<float>(box.half.y()) - less, z);
    };
    add_shape(scene, kBlockBody, ShapeKind::kBox, half(kShrink, kHalf), at(0), kBlock);
    // A lighter face on top, so that the shape reads from above.
    add_shape(scene, kBlockBody, ShapeKind::kBox, half(0.002F, 0.0005F), at(kHalf), kBlockTop);
  }
}

void add_pusher(Scene& scene) {
  constexpr auto kRadius = static_cast<float>(kPusherRadius);
  add_shape(scene, kPusherBody, ShapeKind::kCylinder, {kRadius, kRadius, 0.02F}, {0, 0, 0.024F},
            kPusherColour);
  add_shape(scene, kPusherBody, ShapeKind::kCylinder, {0.8F * kRadius, 0.8F * kRadius, 0.02F}, {0, 0, 0.064F},
            kSteel);
}

}  // namespace

void add_push_shapes(const TeePose& goal, double size, Scene& scene) {
  add_table(scene);
  add_paint(goal, size, scene);
  add_block(size, scene);
  add_pusher(scene);
  // From the viewer's side, high: what is away on the screen is away on the stick.
  scene.cameras.push_back({"follow", 0, {-0.42F, 0, 0.85F}, {-0.03F, 0, 0}, 0.75F});
  scene.cameras.push_back({"top", 0, {-0.002F, 0, 1.05F}, {0, 0, 0}, 0.75F});
  scene.cameras.push_back({"side", 0, {-0.35F, -0.62F, 0.38F}, {0, 0, 0}, 0.75F});
  scene.poses.assign(static_cast<std::size_t>(kPusherBody) + 1, Eigen::Isometry3f::Identity());
}

void pose_push_scene(const Eigen::Isometry3d& block, const Vector2d& pusher, Scene& scene) {
  scene.poses[kBlockBody] = block.cast<float>();
  const Vector2d& p = pusher;
  scene.poses[kPusherBody] =
      Eigen::Isometry3f(Eigen::Translation3f(static_cast<float>(p.x()), static_cast<float>(p.y()), 0));
}

}  // namespace understudy::push
