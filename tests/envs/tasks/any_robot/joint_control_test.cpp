#include "envs/tasks/any_robot/joint_control.h"
#include <filesystem>
#include <fstream>

#include <cmath>
#include <numbers>

#include "datasets/types/error.h"
#include "envs/contract/environment_check.h"
#include "envs/contract/time_limit.h"
#include "envs/robots/driven_joints.h"
#include "envs/robots/joint_dynamics.h"
#include "envs/robots/kinematics.h"
#include "envs/robots/urdf.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

/// A crane: endless slewing, a hinge without effort or speed, a slide of 0.4 m.
constexpr const char* kCrane = R"(<robot name="crane">
  <link name="foot"/>
  <link name="tower"><inertial><origin xyz="0 0 0.5"/><mass value="4"/>
    <inertia ixx="0.3" ixy="0" ixz="0" iyy="0.3" iyz="0" izz="0.02"/></inertial></link>
  <link name="boom"><inertial><origin xyz="0.3 0 0"/><mass value="2"/>
    <inertia ixx="0.002" ixy="0" ixz="0" iyy="0.06" iyz="0" izz="0.06"/></inertial></link>
  <link name="tip"><inertial><mass value="0.5"/>
    <inertia ixx="0.001" ixy="0" ixz="0" iyy="0.001" iyz="0" izz="0.001"/></inertial></link>
  <joint name="slew" type="continuous"><parent link="foot"/><child link="tower"/><axis xyz="0 0 1"/></joint>
  <joint name="luff" type="revolute"><parent link="tower"/><child link="boom"/><origin xyz="0 0 1"/>
    <axis xyz="0 -1 0"/><limit lower="-0.5" upper="1.2" effort="0" velocity="0"/></joint>
  <joint name="reach" type="prismatic"><parent link="boom"/><child link="tip"/><origin xyz="0.6 0 0"/>
    <axis xyz="1 0 0"/><limit lower="0" upper="0.4" effort="20" velocity="0.5"/></joint>
</robot>)";

RobotModel crane() {
  return parse_urdf(kCrane, "crane.urdf");
}

TEST_CASE("JointControl fills what a URDF leaves open with what its header says") {
  const auto joints = driven_joints(crane());
  REQUIRE(joints.size() == 3);
  CHECK(joints[0].endless);
  CHECK(joints[0].speed == 2);
  CHECK(joints[0].half_range() == Approx(std::numbers::pi));
  CHECK(joints[1].speed == 2);
  // g (2 kg 0.3 m + 0.5 kg 0.6 m)
  CHECK(joints[1].effort == Approx(9.81 * 0.9));
  CHECK_FALSE(joints[2].turns);
  CHECK(joints[2].effort == 20);
  CHECK(joints[0].way(3.0, -3.0) == Approx(2 * std::numbers::pi - 6));
  CHECK(joints[1].way(0.2, -0.3) == Approx(-0.5));
}

TEST_CASE("actions are called as the joints, whatever a URDF calls them") {
  RobotModel robot = crane();
  CHECK(make_joint_control(robot, "JointControl")->spec().action.fields()[2].name == "reach");
  robot.links[1].joint = "Slew.Joint-1";
  robot.links[2].joint = "slew_joint_1";
  robot.links[3].joint = "3rd";
  const auto env = make_joint_control(robot, "JointControl");
  const auto& fields = env->spec().action.fields();
  CHECK(fields[0].name == "slew_joint_1");
  CHECK(fields[1].name == "slew_joint_1_dof_1");
  CHECK(fields[2].name == "joint_3rd");
}

TEST_CASE("JointControl starts and targets stay in the middle 70 % of the limits and above the floor") {
  const RobotModel arm = read_model("arm");
  const auto joints = driven_joints(arm);
  const auto env = make_joint_control();
  Vector o(18);
  State state(env->state_dim());
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    env->reset(seed, o);
    env->read_state(state);
    Eigen::VectorXd start(9), target = state.segment(state.size() - 10, 9);
    for (int dof = 0; dof < 9; ++dof) start[dof] = state[state.size() - 28 + 2 * dof];
    for (const Eigen::VectorXd& pose : {start, target}) {
      for (int dof = 0; dof < 9; ++dof) {
        const DrivenJoint& joint = joints[static_cast<std::size_t>(dof)];
        CHECK(std::abs(pose[dof] - (joint.low + joint.high) / 2) <= 0.7 * joint.half_range());
      }
      const auto links = link_poses(arm, Eigen::Isometry3d::Identity(), pose);
      for (std::size_t i = 1; i < links.size(); ++i) {
        CHECK((links[i] * arm.links[i].inertial.translation()).z() >= 0);
      }
    }
    CHECK(o[0] == Approx((target[0] - start[0]) / 2.9));
  }
}

TEST_CASE("mass matrix and gravity of a crane are those worked out by hand") {
  const Eigen::Vector3d q(0.7, 0.4, 0.1);
  const RobotModel robot = crane();
  auto centres = link_poses(robot, Eigen::Isometry3d::Identity(), q);
  for (std::size_t i = 0; i < centres.size(); ++i) centres[i] = centres[i] * robot.links[i].inertial;
  JointDynamics dynamics(robot);
  dynamics.update(centres);
  const double c = std::cos(0.4), s = std::sin(0.4), g = 9.81, tip = 0.7;
  CHECK(dynamics.gravity()[0] == Approx(0).margin(1e-12));
  CHECK(dynamics.gravity()[1] == Approx(g * c * (2 * 0.3 + 0.5 * tip)));
  CHECK(dynamics.gravity()[2] == Approx(g * s * 0.5));
  CHECK(dynamics.inertia()(0, 0) ==
        Approx(0.02 + c * c * (2 * 0.09 + 0.06 + 0.5 * tip * tip) + 0.002 * s * s + 0.001));
  CHECK(dynamics.inertia()(1, 1) == Approx(0.06 + 2 * 0.09 + 0.001 + 0.5 * tip * tip));
  CHECK(dynamics.inertia()(2, 2) == Approx(0.5));
  CHECK(dynamics.inertia()(1, 0) == Approx(0).margin(1e-12));
}

TEST_CASE("the mass matrix of a branched arm is the sum over its links of what their Jacobians say") {
  const RobotModel arm = read_model("arm");
  JointDynamics dynamics(arm);
  Rng rng(GENERATE(1, 2, 3));
  Eigen::VectorXd q(arm.dofs()), added(arm.dofs()), x(arm.dofs());
  for (double& entry : q) entry = rng.uniform(-2, 2);
  for (double& entry : added) entry = rng.uniform(0.01, 2);
  for (double& entry : x) entry = rng.uniform(-5, 5);
  const auto poses = link_poses(arm, Eigen::Isometry3d::Identity(), q);
  auto centres = poses;
  for (std::size_t i = 0; i < centres.size(); ++i) centres[i] = centres[i] * arm.links[i].inertial;
  dynamics.update(centres);

  Eigen::MatrixXd inertia = Eigen::MatrixXd::Zero(arm.dofs(), arm.dofs());
  Eigen::VectorXd gravity = Eigen::VectorXd::Zero(arm.dofs());
  for (std::size_t i = 1; i < arm.links.size(); ++i) {
    const RobotLink& link = arm.links[i];
    const FrameJacobian jacobian =
        frame_jacobian(arm, {.link = static_cast<int>(i), .pose = link.inertial}, poses);
    const Eigen::MatrixXd turning = centres[i].linear().transpose() * jacobian.bottomRows<3>();
    inertia += link.mass * jacobian.topRows<3>().transpose() * jacobian.topRows<3>();
    inertia += turning.transpose() * link.inertia.asDiagonal() * turning;
    gravity += link.mass * 9.81 * jacobian.row(2).transpose();
  }
  const Eigen::MatrixXd found = dynamics.inertia().selfadjointView<Eigen::Lower>();
  CHECK((found - inertia).cwiseAbs().maxCoeff() < 1e-12);
  CHECK((dynamics.gravity() - gravity).cwiseAbs().maxCoeff() < 1e-11);
  const Eigen::MatrixXd sum = inertia + Eigen::MatrixXd(added.asDiagonal());
  Eigen::VectorXd solved = x;
  dynamics.solve(added, solved);
  CHECK((sum * solved - x).cwiseAbs().maxCoeff() < 1e-10);
}

TEST_CASE("without an action a robot of JointControl stays where it started: its weight is held") {
  const auto env = make_joint_control();
  const int joints = env->spec().action.size();
  REQUIRE(joints == 9);
  Vector start(2 * joints), o(2 * joints);
  env->reset(3, start);
  for (int t = 0; t < 120; ++t) env->step(Vector::Zero(joints), o);
  CHECK((o - start).cwiseAbs().maxCoeff() < 2e-3F);
}

TEST_CASE("a full action brings a joint to its speed limit and not past it") {
  const auto env = make_joint_control(crane(), "JointControl");
  Vector o(6), action(3);
  action << 1, 0, 0;
  env->reset(2, o);
  for (int t = 0; t < 300; ++t) env->step(action, o);
  CHECK(o[3] == Approx(1).margin(0.02));
  action << 0, -1, 0;
  for (int t = 0; t < 300; ++t) env->step(action, o);
  CHECK(std::abs(o[4]) < 0.02F);  // the limit holds
  CHECK(std::abs(o[1]) <= 2);
}

TEST_CASE("another robot keeps the contract and its expert brings it to the target", "[joint]") {
  check_environment([] {
    auto env = make_joint_control(crane(), "JointControl");
    const int horizon = env->spec().horizon;
    return std::make_unique<TimeLimit>(std::move(env), horizon);
  });
  auto bare = make_joint_control(crane(), "JointControl");
  const int horizon = bare->spec().horizon;
  TimeLimit env(std::move(bare), horizon);
  const auto expert = make_joint_control_expert(crane());
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    const Episode episode = rollout(env, *expert, seed);
    CHECK(episode.success);
    CHECK(episode.rewards.back() > 4.9F);
    for (std::size_t t = 0; t + 1 < episode.rewards.size(); ++t) REQUIRE(episode.rewards[t] < 0);
    // Ten steps in a row within the tolerance, 0.05 rad or 2 mm, here as shares of half the range.
    const Eigen::Index last = episode.length();
    for (Eigen::Index t = last - 9; t <= last; ++t) {
      CHECK(std::abs(episode.observations(t, 0)) < 0.05 / std::numbers::pi);
      CHECK(std::abs(episode.observations(t, 1)) < 0.05 / 0.85);
      CHECK(std::abs(episode.observations(t, 2)) < 0.002 / 0.2);
    }
  }
}

/// A rod on one hinge.
RobotModel hinged_rod(const std::string& inertial, const std::string& joint) {
  return parse_urdf("<robot name='rod'><link name='base'/><link name='rod'><inertial>" + inertial +
                        "</inertial></link><joint name='swing' type='revolute'><parent link='base'/>"
                        "<child link='rod'/><origin xyz='0 0 1'/>" +
                        joint + "</joint></robot>",
                    "rod.urdf");
}

TEST_CASE("light, quick, heavy and weak joints move, and their expert brings them to the target", "[joint]") {
  const std::string light =
      "<mass value='0.1'/><inertia ixx='4.5e-5' ixy='0' ixz='0' iyy='4.5e-5' iyz='0' izz='8e-5'/>";
  const std::string rod =
      "<origin xyz='0 0 0.1'/><mass value='0.2'/><inertia ixx='0.002' ixy='0' ixz='0' iyy='0.002' iyz='0' "
      "izz='0.0002'/>";
  const std::string heavy = "<mass value='80'/><inertia ixx='30' ixy='0' ixz='0' iyy='30' iyz='0' izz='12'/>";
  const std::string about_z = "<axis xyz='0 0 1'/>", about_y = "<axis xyz='0 1 0'/>";
  const auto [what, robot] = GENERATE_COPY(table<std::string, RobotModel>(
      {{"friction that the drive overcomes twenty times",
        hinged_rod(light, about_z + "<limit lower='-3' upper='3' effort='20' velocity='3'/>"
                                    "<dynamics damping='1' friction='1'/>")},
       {"a placeholder for the speed limit",
        hinged_rod(rod, about_y + "<limit lower='-1.6' upper='1.6' effort='2.5' velocity='10000'/>")},
       {"placeholders for the limits",
        hinged_rod(rod, about_y + "<limit lower='-1e16' upper='1e16' effort='20' velocity='4'/>")},
       {"no velocity said", hinged_rod(rod, about_y + "<limit lower='-1' upper='1' effort='5'/>")},
       {"a heavy load on a quick drive",
        hinged_rod(heavy, about_z + "<limit lower='-2' upper='2' effort='20' velocity='6'/>")},
       {"a drive that is all too weak",
        hinged_rod(heavy, about_z + "<limit lower='-1' upper='1' effort='0.5' velocity='1'/>")}}));
  CAPTURE(what);
  auto bare = make_joint_control(robot, "JointControl");
  const int horizon = bare->spec().horizon;
  TimeLimit env(std::move(bare), horizon);
  const auto expert = make_joint_control_expert(robot);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    CAPTURE(seed, horizon);
    CHECK(rollout(env, *expert, seed).success);
  }
}

TEST_CASE("friction holds what is weaker than it, and only that") {
  const RobotModel robot = hinged_rod(
      "<mass value='0.1'/><inertia ixx='4.5e-5' ixy='0' ixz='0' iyy='4.5e-5' iyz='0' izz='8e-5'/>",
      "<axis xyz='0 0 1'/><limit lower='-3' upper='3' effort='20' velocity='3'/><dynamics friction='1'/>");
  const auto env = make_joint_control(robot, "JointControl");
  Vector o(2);
  const auto moved = [&](float action) {
    env->reset(5, o);
    const float before = o[0];
    for (int t = 0; t < 6; ++t) env->step(Vector::Constant(1, action), o);
    return std::abs(o[0] - before);
  };
  CHECK(moved(0.04F) < 1e-4F);  // 0.8 N·m
  CHECK(moved(0.07F) > 1e-3F);  // 1.4 N·m
}

TEST_CASE("limits and efforts that no task can do with are refused by name") {
  RobotModel robot = crane();
  RobotLink& tip = robot.links[static_cast<std::size_t>(robot.link_index("tip"))];
  tip.high = 1e6;
  CHECK_THROWS_WITH(make_joint_control(robot, "JointControl"),
                    ContainsSubstring("'reach'") && ContainsSubstring("at most 100 m apart"));
  tip.high = 0.4;
  tip.max_effort = 1e-6;
  CHECK_THROWS_WITH(make_joint_control(robot, "JointControl"),
                    ContainsSubstring("'reach'") && ContainsSubstring("within minutes"));
}

TEST_CASE("a robot that cannot be driven is refused by name") {
  const RobotModel planar = read_urdf(UNDERSTUDY_TEST_ROBOTS "/every_joint.urdf");
  CHECK_THROWS_WITH(make_joint_control(planar, "JointControl"), ContainsSubstring("'planar'") &&
                                                                    ContainsSubstring("every_joint") &&
                                                                    ContainsSubstring("cannot be driven"));
  const RobotModel rock = parse_urdf(R"(<robot name="rock"><link name="rock"/></robot>)", "rock.urdf");
  CHECK_THROWS_WITH(make_joint_control(rock, "JointControl"),
                    ContainsSubstring("'rock'") && ContainsSubstring("no joint"));
  RobotModel stuck = crane();
  stuck.links[static_cast<std::size_t>(stuck.link_index("tip"))].high = 0;
  CHECK_THROWS_WITH(make_joint_control_expert(stuck),
                    ContainsSubstring("'reach'") && ContainsSubstring("no room"));
}

TEST_CASE("a robot of the user's own stands after the task's colon") {
  const TemporaryDirectory folder;
  const auto file = folder / "robot.urdf";
  std::ofstream(file)
      << "<robot name='turntable'><link name='root'/><link name='plate'><inertial><mass value='1'/>"
         "<inertia ixx='0.01' ixy='0' ixz='0' iyy='0.01' iyz='0' izz='0.02'/></inertial></link>"
         "<joint name='turn' type='continuous'><parent link='root'/><child link='plate'/>"
         "<axis xyz='0 0 1'/></joint></robot>";
  const std::string id = "JointControl:" + file.string();
  const auto env = make_environment(id);
  CHECK(env->spec().id == id);
  CHECK(env->spec().action.size() == 1);
  CHECK(has_expert(id));
  CHECK(rollout(*env, *make_expert(id), 3).success);
  std::filesystem::remove(file);
  CHECK_THROWS_WITH(make_environment(id), ContainsSubstring(file.string()));
  CHECK_THROWS_WITH(make_environment("Hopper:a.urdf"),
                    ContainsSubstring("'Hopper'") && ContainsSubstring("leave out"));
  CHECK_THROWS_WITH(make_environment("JointContrl:a.urdf"), ContainsSubstring("did you mean 'JointControl'"));
}

}  // namespace
}  // namespace understudy
