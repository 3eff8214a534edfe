// Drives a robot with known torques and prints where its joints are, for pybullet_view.py to compare.
// usage: robot_trace FILE.urdf STEPS fixed|free HEIGHT TORQUE [ground]
// A joint whose limits leave out 0 starts in their middle. Joint number i gets TORQUE * sin(0.05 t + i).
// Prints the start of every joint with one degree of freedom, then one line per step: base position (3, of
// the centre of mass), base quaternion (x y z w), then per link the position of its joint, if that has one
// degree of freedom, and its centre of mass (3).

#include <cmath>
#include <cstdio>
#include <string>

#include "datasets/types/error.h"
#include "envs/robots/robot_body.h"
#include "envs/robots/urdf.h"

using namespace understudy;

namespace {

void trace(const std::string& file, int steps, bool fixed, double height, double torque, bool ground) {
  const RobotModel model = read_urdf(file);
  WorldOptions world_options = pybullet_options();
  world_options.solver_iterations = 50;
  BulletWorld world(world_options);
  if (ground) {
    auto& plane = world.keep(std::make_unique<btStaticPlaneShape>(btVector3(0, 0, 1), 0));
    world.add_body(plane, btTransform::getIdentity(), {.mass = 0, .friction = 0.5});
  }
  RobotOptions options{.fixed_base = fixed};
  options.pose.translation().z() = height;
  RobotBody robot(world, model, options);
  const int links = static_cast<int>(model.links.size());
  // PyBullet takes torques for joints with one degree of freedom, and gives positions of those only.
  const auto single = [&](int link) {
    return joint_dofs(model.links[static_cast<std::size_t>(link)].type) == 1;
  };
  for (int link = 1; link < links; ++link) {
    const RobotLink& part = model.links[static_cast<std::size_t>(link)];
    if (!single(link)) continue;
    const bool outside = part.low <= part.high && (part.low > 0 || part.high < 0);
    const double start = outside ? 0.5 * (part.low + part.high) : 0;
    robot.set_joint(model.link_dof(link), start);
    std::printf("%.17g ", start);
  }
  robot.settle();
  std::printf("\n");
  for (int t = 0; t < steps; ++t) {
    for (int link = 1; link < links; ++link) {
      const int dof = model.link_dof(link);
      if (single(link)) robot.add_torque(dof, torque * std::sin(0.05 * t + dof));
    }
    robot.add_damping();
    world.step();
    const btTransform base = robot.collider(0).getWorldTransform();
    const btVector3 p = base.getOrigin();
    const btQuaternion q = base.getRotation();
    std::printf("%.17g %.17g %.17g %.17g %.17g %.17g %.17g", p.x(), p.y(), p.z(), q.x(), q.y(), q.z(), q.w());
    for (int link = 1; link < links; ++link) {
      if (single(link)) std::printf(" %.17g", robot.position(model.link_dof(link)));
      const Eigen::Vector3d c = robot.link_centre(link);
      std::printf(" %.17g %.17g %.17g", c.x(), c.y(), c.z());
    }
    std::printf("\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    std::fprintf(stderr, "usage: robot_trace FILE.urdf STEPS fixed|free HEIGHT TORQUE [ground]\n");
    return 2;
  }
  try {
    trace(argv[1], std::stoi(argv[2]), std::string(argv[3]) == "fixed", std::stod(argv[4]),
          std::stod(argv[5]), argc > 6);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
