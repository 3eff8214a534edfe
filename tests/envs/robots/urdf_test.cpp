#include "envs/robots/urdf.h"

#include "envs/robots/robot_body.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

RobotModel every_joint(bool merge = false) {
  return read_urdf(std::string(UNDERSTUDY_TEST_ROBOTS) + "/every_joint.urdf", {.merge_fixed = merge});
}

TEST_CASE("joints keep the order of the file, and every type has its degrees of freedom") {
  const RobotModel model = every_joint();
  REQUIRE(model.links.size() == 6);
  CHECK(model.links[1].name == "turn");
  CHECK(model.links[2].name == "wheel");
  CHECK(model.links[3].name == "slide");
  CHECK(model.dofs() == 6);
  CHECK(model.joint_dof("planar") == 3);
  CHECK(model.mass() == Approx(7.9));
  CHECK_THROWS_WITH(model.joint_dof("elbow"),
                    ContainsSubstring("'elbow'") && ContainsSubstring("z_revolute"));
}

TEST_CASE("Bullet's links stand where the kinematics say, at any joint positions") {
  const bool merge = GENERATE(false, true);
  const RobotModel model = every_joint(merge);
  BulletWorld world;
  RobotBody robot(world, model, {.fixed_base = true});
  Eigen::VectorXd q(model.dofs());
  q << 0.3, -1.1, 0.07, 0.9, 0.2, -0.15;
  for (int i = 0; i < q.size(); ++i) robot.set_joint(i, q[i]);
  robot.settle();
  const auto poses = link_poses(model, Eigen::Isometry3d::Identity(), q);
  for (int link = 0; link < static_cast<int>(poses.size()); ++link) {
    CAPTURE(merge, link);
    const Eigen::Isometry3d& want = poses[static_cast<std::size_t>(link)];
    CHECK((robot.link_pose(link).matrix() - want.matrix()).cwiseAbs().maxCoeff() < 1e-12);
  }
}

TEST_CASE("merging fixed links changes nothing about the motion") {
  const RobotModel whole = every_joint(), merged = every_joint(true);
  CHECK(merged.links.size() == whole.links.size() - 1);
  CHECK(merged.mass() == Approx(whole.mass()));
  BulletWorld one, other;
  // Bullet damps link by link, so that damping would tell the two apart.
  const RobotOptions undamped{.linear_damping = 0, .angular_damping = 0};
  RobotBody a(one, whole, undamped), b(other, merged, undamped);
  for (int t = 0; t < 240; ++t) {
    for (int dof = 0; dof < a.dofs(); ++dof) {
      const double torque = 0.3 * std::sin(0.05 * t + dof);
      a.add_torque(dof, torque);
      b.add_torque(dof, torque);
    }
    one.step();
    other.step();
  }
  for (int dof = 0; dof < a.dofs(); ++dof) CHECK(a.position(dof) == Approx(b.position(dof)).margin(1e-6));
  CHECK(a.position(0) != Approx(0).margin(0.01));
}

TEST_CASE("a link's velocity is the derivative of its centre of mass") {
  const RobotModel model = every_joint();
  BulletWorld world({.gravity = 0});
  RobotBody robot(world, model);
  robot.set_base(Eigen::Isometry3d::Identity(), {0.3, -0.2, 0.1}, {0.5, 1.0, -0.7});
  for (int dof = 0; dof < robot.dofs(); ++dof) robot.set_joint(dof, 0.1, 0.4 - 0.2 * dof);
  robot.settle();
  std::vector<Eigen::Vector3d> before, velocity;
  const int links = static_cast<int>(model.links.size());
  for (int link = 0; link < links; ++link) {
    before.push_back(robot.link_centre(link));
    velocity.push_back(robot.link_velocity(link));
  }
  world.step();
  for (int link = 0; link < links; ++link) {
    const Eigen::Vector3d moved = (robot.link_centre(link) - before[static_cast<std::size_t>(link)]) * 240;
    CHECK((moved - velocity[static_cast<std::size_t>(link)]).norm() < 0.03);
  }
}

}  // namespace
}  // namespace understudy
