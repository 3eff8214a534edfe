#include "envs/robots/link_shape.h"

#include <BulletCollision/CollisionShapes/btShapeHull.h>

#include "datasets/types/error.h"

namespace understudy {
namespace {

constexpr double kMargin = 0.001;  // m, inside boxes and cylinders, around hulls; PyBullet's for URDF shapes

/// A mesh touches as its convex hull.
std::unique_ptr<btCollisionShape> hull(const SceneMesh& mesh, const Eigen::Vector3d& scale) {
  auto shape = std::make_unique<btConvexHullShape>();
  for (const Eigen::Vector3f& p : mesh.positions) {
    shape->addPoint(to_bullet(p.cast<double>().cwiseProduct(scale)), false);
  }
  shape->recalcLocalAabb();
  // A scan has thousands of points; its hull needs few of them.
  if (shape->getNumPoints() > 100) {
    btShapeHull reduced(shape.get());
    reduced.buildHull(0);
    shape = std::make_unique<btConvexHullShape>(&reduced.getVertexPointer()->m_floats[0],
                                                reduced.numVertices(), sizeof(btVector3));
  }
  shape->setMargin(kMargin);
  return shape;
}

std::unique_ptr<btCollisionShape> make_shape(const RobotShape& shape, const RobotModel& model) {
  switch (shape.kind) {
    case ShapeKind::kBox: {
      auto box = std::make_unique<btBoxShape>(to_bullet(shape.size));
      box->setMargin(kMargin);
      return box;
    }
    case ShapeKind::kSphere:
      return std::make_unique<btSphereShape>(shape.size.x());
    case ShapeKind::kCapsule:
      return std::make_unique<btCapsuleShapeZ>(shape.size.x(), 2 * shape.size.z());
    case ShapeKind::kCylinder: {
      auto cylinder = std::make_unique<btCylinderShapeZ>(to_bullet(shape.size));
      cylinder->setMargin(kMargin);
      return cylinder;
    }
    case ShapeKind::kMesh:
      return hull(model.meshes[static_cast<std::size_t>(shape.mesh)], shape.size);
    case ShapeKind::kCone:
      break;
  }
  throw Error("robot '" + model.name + "': a cone cannot be touched");
}

}  // namespace

btTransform to_bullet(const Eigen::Isometry3d& pose) {
  const Eigen::Quaterniond q(pose.linear());
  return btTransform(btQuaternion(q.x(), q.y(), q.z(), q.w()),
                     to_bullet(Eigen::Vector3d(pose.translation())));
}

Eigen::Isometry3d to_eigen(const btTransform& pose) {
  const btQuaternion q = pose.getRotation();
  return Eigen::Translation3d(to_eigen(pose.getOrigin())) * Eigen::Quaterniond(q.w(), q.x(), q.y(), q.z());
}

btCollisionShape* link_shape(BulletWorld& world, const RobotModel& model, const RobotLink& link) {
  if (link.collisions.empty()) return nullptr;
  const Eigen::Isometry3d from_link = link.inertial.inverse();
  if (link.collisions.size() == 1) {
    const Eigen::Isometry3d pose = from_link * link.collisions[0].pose;
    if (pose.isApprox(Eigen::Isometry3d::Identity(), 1e-12)) {
      return &world.keep(make_shape(link.collisions[0], model));
    }
  }
  auto& compound = world.keep(std::make_unique<btCompoundShape>());
  compound.setMargin(kMargin);  // Bullet derives from it how near a contact begins to count
  for (const RobotShape& part : link.collisions) {
    compound.addChildShape(to_bullet(from_link * part.pose), &world.keep(make_shape(part, model)));
  }
  return &compound;
}

}  // namespace understudy
