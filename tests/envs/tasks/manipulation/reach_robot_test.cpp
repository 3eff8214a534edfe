#include "envs/tasks/manipulation/reach_robot.h"

#include <cmath>
#include <filesystem>
#include <fstream>

#include "datasets/types/error.h"
#include "envs/contract/environment_check.h"
#include "envs/contract/random_actor.h"
#include "envs/contract/time_limit.h"
#include "envs/robots/end_effector.h"
#include "envs/robots/urdf.h"
#include "envs/rollouts/rollout.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

using namespace reach_robot;

/// Two bars in a vertical plane, a camera on the second, and a tool on a fixed joint at its end.
constexpr const char* kTwoBars = R"(<robot name="two_bars">
  <link name="foot"/>
  <link name="upper"><inertial><origin xyz="0.2 0 0"/><mass value="1"/>
    <inertia ixx="0.001" ixy="0" ixz="0" iyy="0.015" iyz="0" izz="0.015"/></inertial></link>
  <link name="lower"><inertial><origin xyz="0.15 0 0"/><mass value="0.6"/>
    <inertia ixx="0.001" ixy="0" ixz="0" iyy="0.005" iyz="0" izz="0.005"/></inertial></link>
  <link name="camera"/>
  <link name="tool"/>
  <joint name="shoulder" type="revolute"><parent link="foot"/><child link="upper"/><origin xyz="0 0 0.8"/>
    <axis xyz="0 1 0"/><limit lower="-2.5" upper="2.5" effort="25" velocity="2"/></joint>
  <joint name="elbow" type="revolute"><parent link="upper"/><child link="lower"/><origin xyz="0.4 0 0"/>
    <axis xyz="0 1 0"/><limit lower="-2.4" upper="2.4" effort="0" velocity="0"/></joint>
  <joint name="mount" type="fixed"><parent link="lower"/><child link="camera"/><origin xyz="0.1 0 0"/></joint>
  <joint name="flange" type="fixed"><parent link="lower"/><child link="tool"/><origin xyz="0.3 0 0"/></joint>
</robot>)";

/// A turret: an endless joint, a hinge, a slide, and a flag that hangs on the first joint only.
constexpr const char* kTurret = R"(<robot name="turret">
  <link name="foot"/>
  <link name="head"><inertial><origin xyz="0 0 0.1"/><mass value="3"/>
    <inertia ixx="0.02" ixy="0" ixz="0" iyy="0.02" iyz="0" izz="0.03"/></inertial></link>
  <link name="barrel"><inertial><origin xyz="0.2 0 0"/><mass value="1"/>
    <inertia ixx="0.002" ixy="0" ixz="0" iyy="0.02" iyz="0" izz="0.02"/></inertial></link>
  <link name="rod"><inertial><origin xyz="0.1 0 0"/><mass value="0.4"/>
    <inertia ixx="0.001" ixy="0" ixz="0" iyy="0.002" iyz="0" izz="0.002"/></inertial></link>
  <link name="flag"><inertial><origin xyz="0 0 0.1"/><mass value="0.1"/>
    <inertia ixx="0.001" ixy="0" ixz="0" iyy="0.001" iyz="0" izz="0.001"/></inertial></link>
  <joint name="turn" type="continuous"><parent link="foot"/><child link="head"/><origin xyz="0 0 0.5"/>
    <axis xyz="0 0 1"/></joint>
  <joint name="wave" type="revolute"><parent link="head"/><child link="flag"/><origin xyz="0 0 0.2"/>
    <axis xyz="1 0 0"/><limit lower="-1" upper="1" effort="5" velocity="3"/></joint>
  <joint name="Tilt" type="revolute"><parent link="head"/><child link="barrel"/><origin xyz="0 0 0.2"/>
    <axis xyz="0 -1 0"/><limit lower="-0.6" upper="1.2" effort="30" velocity="1.5"/></joint>
  <joint name="stretch" type="prismatic"><parent link="barrel"/><child link="rod"/><origin xyz="0.4 0 0"/>
    <axis xyz="1 0 0"/><limit lower="0" upper="0.3" effort="40" velocity="0.4"/></joint>
</robot>)";

RobotModel robot(const char* text) {
  return parse_urdf(text, "robot.urdf");
}

std::unique_ptr<Environment> limited(const RobotModel& model, const std::string& link = "") {
  auto bare = make_reach_robot(model, link, "Reach");
  const int horizon = bare->spec().horizon;
  return std::make_unique<TimeLimit>(std::move(bare), horizon);
}

int successes(Environment& env, Actor& actor, int episodes) {
  int count = 0;
  for (int seed = 0; seed < episodes; ++seed) {
    count += rollout(env, actor, static_cast<std::uint64_t>(seed)).success ? 1 : 0;
  }
  return count;
}

TEST_CASE("the end effector is at the end of the longest chain, or where its link is named") {
  const RobotModel bars = robot(kTwoBars);
  const auto joints = driven_joints(bars);
  const Eigen::VectorXd straight = Eigen::VectorXd::Zero(2);
  const EndEffector tool = find_end_effector(bars, joints, "");
  CHECK(bars.links[static_cast<std::size_t>(tool.frame.link)].name == "tool");
  CHECK(tool.joints == std::vector<int>{0, 1});
  CHECK((place_of(tool, bars, straight) - Eigen::Vector3d(0.7, 0, 0.8)).norm() < 1e-12);
  // A link on a joint that moves counts with its centre of mass: its own origin would not move.
  const EndEffector lower = find_end_effector(bars, joints, "lower");
  CHECK((place_of(lower, bars, straight) - Eigen::Vector3d(0.55, 0, 0.8)).norm() < 1e-12);
  CHECK(find_end_effector(bars, joints, "upper").joints == std::vector<int>{0});
  const RobotModel turret = robot(kTurret);
  const EndEffector rod = find_end_effector(turret, driven_joints(turret), "");
  CHECK(turret.links[static_cast<std::size_t>(rod.frame.link)].name == "rod");
  CHECK(rod.joints.size() == 3);
}

TEST_CASE(
    "only joints that the end effector hangs on are actions and seen, and a full action is the speed limit") {
  const auto env = make_reach_robot(robot(kTurret), "", "Reach");
  const Space& action = env->spec().action;
  REQUIRE(action.size() == 3);
  CHECK(action.fields()[0].name == "turn");
  CHECK(action.fields()[1].name == "tilt");
  CHECK(action.fields()[2].name == "stretch");
  const Space& seen = env->spec().observation;
  CHECK(seen.offset("to_target") == kToTarget);
  CHECK(seen.offset("joints") == kJoints);
  CHECK(seen.offset("velocity") == kJoints + 3);
  Vector o(9), push(3);
  env->reset(1, o);
  push << 1, 0, 0;
  for (int t = 0; t < 20; ++t) env->step(push, o);
  CHECK(o[kJoints + 3] == Approx(1).margin(0.02));
  push << 0, -1, 1;
  for (int t = 0; t < 100; ++t) env->step(push, o);
  CHECK(std::abs(o[kJoints + 3]) < 0.01F);
  // Against their limits: half the range from the middle.
  CHECK(o[kJoints + 1] == Approx(-1).margin(0.01));
  CHECK(o[kJoints + 2] == Approx(1).margin(0.01));
}

TEST_CASE("without an action a robot of Reach stays where it started: its weight is held") {
  const auto env = make_reach_robot(robot(kTwoBars), "", "Reach");
  Vector start(7), o(7);
  env->reset(5, start);
  for (int t = 0; t < 90; ++t) env->step(Vector::Zero(2), o);
  CHECK((o - start).cwiseAbs().maxCoeff() < 1e-3F);
}

TEST_CASE("Reach with any robot keeps the contract") {
  const char* text = GENERATE(kTwoBars, kTurret);
  check_environment([&] { return limited(robot(text)); });
}

TEST_CASE("the expert brings any robot's end effector to its targets, and chance does not") {
  const char* text = GENERATE(kTwoBars, kTurret);
  const RobotModel model = robot(text);
  const auto env = limited(model);
  CHECK(successes(*env, *make_reach_robot_expert(model, ""), 60) >= 58);
  CHECK(successes(*env, *make_random_actor(env->spec().action.size()), 60) <= 3);
}

TEST_CASE("success comes with the tenth step in a row near the target, and every step before costs") {
  const RobotModel model = robot(kTwoBars);
  const double near = kTolerance * find_end_effector(model, driven_joints(model), "").radius;
  const auto env = limited(model);
  const Episode episode = rollout(*env, *make_reach_robot_expert(model, ""), GENERATE(7, 8, 9));
  REQUIRE(episode.success);
  CHECK(episode.terminated);
  const int last = episode.length();
  for (int t = last - kHoldSteps + 1; t <= last; ++t) {
    CHECK(episode.observations.row(t).head<3>().norm() < near);
  }
  CHECK(episode.observations.row(last - kHoldSteps).head<3>().norm() >= near);
  for (std::size_t t = 0; t + 1 < episode.rewards.size(); ++t) CHECK(episode.rewards[t] < 0);
  CHECK(episode.rewards.back() > 4.9F);
}

TEST_CASE("our own arm reaches from its file as any other robot", "[arm]") {
  const RobotModel arm = read_model("arm");
  const auto env = limited(arm, "link_7");
  CHECK(env->spec().action.size() == 7);
  CHECK(successes(*env, *make_reach_robot_expert(arm, "link_7"), 30) >= 29);
}

TEST_CASE("what cannot reach is refused in one line") {
  const RobotModel bars = robot(kTwoBars);
  CHECK_THROWS_WITH(make_reach_robot(bars, "hand", "Reach"), ContainsSubstring("two_bars") &&
                                                                 ContainsSubstring("'hand'") &&
                                                                 ContainsSubstring("tool"));
  CHECK_THROWS_WITH(make_reach_robot(bars, "foot", "Reach"),
                    ContainsSubstring("do not move link 'foot'") && ContainsSubstring("#LINK"));
  const RobotModel planar = read_urdf(UNDERSTUDY_TEST_ROBOTS "/every_joint.urdf");
  CHECK_THROWS_WITH(make_reach_robot(planar, "", "Reach"), ContainsSubstring("cannot be driven"));
  const RobotModel rock = parse_urdf(R"(<robot name="rock"><link name="rock"/></robot>)", "rock.urdf");
  CHECK_THROWS_WITH(make_reach_robot_expert(rock, ""), ContainsSubstring("no joint"));
}

TEST_CASE("Reach takes a file and a link of it after its colon") {
  const TemporaryDirectory folder;
  const auto file = folder / "robot.urdf";
  std::ofstream(file) << kTwoBars;
  const std::string id = "Reach:" + file.string();
  const auto env = make_environment(id);
  CHECK(env->spec().id == id);
  CHECK(robot_file(id) == file);
  CHECK(rollout(*env, *make_expert(id), 3).success);
  CHECK(make_environment(id + "#upper")->spec().action.size() == 1);
  CHECK(robot_file(id + "#upper") == file);
  CHECK_FALSE(robot_file("Reach"));
  CHECK_THROWS_WITH(make_environment(id + "#wrist"), ContainsSubstring("'wrist'"));
  std::filesystem::remove(file);
  CHECK_THROWS_WITH(make_environment(id), ContainsSubstring(file.string()));
  CHECK_THROWS_WITH(make_environment("Reach:"), ContainsSubstring("want a URDF file after the colon"));
}

}  // namespace
}  // namespace understudy
