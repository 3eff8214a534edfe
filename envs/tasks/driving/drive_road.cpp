#include "envs/tasks/driving/drive_road.h"

#include "envs/tasks/driving/drive_car.h"

namespace understudy::drive {

std::vector<const btCollisionObject*> add_road(BulletWorld& world, const Kerbs& kerbs) {
  auto& plane = world.keep(std::make_unique<btStaticPlaneShape>(btVector3(0, 0, 1), 0));
  const btRigidBody& ground =
      world.add_body(plane, btTransform::getIdentity(), {.mass = 0, .friction = 0.8, .group = kRoadBit});

  auto& mesh = world.keep(std::make_unique<btTriangleMesh>());
  mesh.preallocateVertices(24 * kerbs.stations);
  for (const auto* side : {&kerbs.left, &kerbs.right}) {
    const auto at = [&](int station, int ring) {
      const Eigen::Vector3d& p = (*side)[static_cast<std::size_t>(3 * (station % kerbs.stations) + ring)];
      return btVector3(p.x(), p.y(), p.z());
    };
    for (int i = 0; i < kerbs.stations; ++i) {
      for (int ring = 0; ring < 2; ++ring) {
        mesh.addTriangle(at(i, ring), at(i + 1, ring), at(i, ring + 1));
        mesh.addTriangle(at(i, ring + 1), at(i + 1, ring), at(i + 1, ring + 1));
      }
    }
  }
  auto& shape = world.keep(std::make_unique<btBvhTriangleMeshShape>(&mesh, true));
  // Felt by the wheels' rays only: nothing else is low enough to meet it.
  const btRigidBody& ridges =
      world.add_body(shape, btTransform::getIdentity(), {.mass = 0, .group = kKerbBit, .mask = 0});
  return {&ground, &ridges};
}

}  // namespace understudy::drive
