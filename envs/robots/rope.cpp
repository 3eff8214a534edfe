#include "envs/robots/rope.h"

namespace understudy {

int add_hinged(RobotModel& model, int parent, const Eigen::Isometry3d& at, const Eigen::Vector3d& axis,
               RobotLink link) {
  link.parent = parent;
  link.joint = link.name;
  link.type = JointType::kContinuous;
  link.origin = at;
  link.axis = axis;
  model.links.push_back(std::move(link));
  return static_cast<int>(model.links.size()) - 1;
}

int add_rope(RobotModel& model, int parent, const Eigen::Isometry3d& from, const RopeOptions& options) {
  const double length = options.link_length, mass = options.link_mass, radius = options.radius;
  RobotShape shape;
  shape.kind = ShapeKind::kCapsule;
  shape.size = {radius, radius, length / 2};
  shape.pose = Eigen::Translation3d(0, 0, length / 2);
  shape.colour = options.colour;
  RobotLink link;
  link.mass = mass;
  link.inertial = Eigen::Translation3d(0, 0, length / 2);
  // A solid cylinder.
  const double across = mass * (3 * radius * radius + length * length) / 12;
  link.inertia = {across, across, mass * radius * radius / 2};
  link.damping = options.damping;
  link.friction = options.friction;
  link.collisions = {shape};
  int last = parent;
  for (int i = 0; i < options.links; ++i) {
    link.name = options.name + "_" + std::to_string(i + 1);
    const Eigen::Isometry3d at = i == 0 ? from : Eigen::Isometry3d(Eigen::Translation3d(0, 0, length));
    last = add_hinged(model, last, at, Eigen::Vector3d::Unit(i % 2), link);
  }
  return last;
}

}  // namespace understudy
