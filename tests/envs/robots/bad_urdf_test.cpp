#include <filesystem>
#include <fstream>

#include "datasets/types/error.h"
#include "envs/robots/urdf.h"
#include "tests/support/catch.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

/// A sound robot in pieces, to be spoilt: base, arm on a hinge.
struct Robot {
  std::string before;  // before <robot>
  std::string base_inertial =
      "<inertial><mass value='1'/><inertia ixx='1' iyy='1' izz='1' ixy='0' ixz='0' iyz='0'/></inertial>";
  std::string base_shape = "<collision><geometry><box size='1 1 1'/></geometry></collision>";
  std::string arm =
      "<link name='arm'><inertial><mass value='1'/><inertia ixx='1' iyy='1' izz='1' ixy='0' ixz='0' "
      "iyz='0'/></inertial></link>";
  std::string joint_name = "hinge", type = "revolute", parent = "base", child = "arm";
  std::string origin, axis = "<axis xyz='0 1 0'/>";
  std::string limit = "<limit lower='-1' upper='1' effort='5' velocity='2'/>";
  std::string more;

  std::string text() const {
    return before + "<robot name='r'>\n<link name='base'>\n" + base_inertial + "\n" + base_shape +
           "\n</link>\n" + arm + "\n<joint name='" + joint_name + "' type='" + type + "'>\n<parent link='" +
           parent + "'/><child link='" + child + "'/>\n" + origin + axis + "\n" + limit + "</joint>\n" +
           more + "\n</robot>\n";
  }
};

std::string message(const std::string& text) {
  try {
    parse_urdf(text, "robot.urdf", std::filesystem::temp_directory_path());
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

const std::string kBall =
    "<inertial><mass value='1'/><inertia ixx='1' iyy='1' izz='1' ixy='0' ixz='0' iyz='0'/></inertial>";

struct Case {
  const char* what;
  void (*spoil)(Robot&);
  std::vector<const char*> words;  ///< the message must hold all of them
};

TEST_CASE("the robot that the next test spoils is sound") {
  CHECK(message(Robot{}.text()).empty());
}

TEST_CASE("a bad URDF is refused with file, line, element and remedy") {
  const std::vector<Case> cases{
      {"not XML", [](Robot& r) { r.more = "<link name='x'"; }, {"not XML"}},
      {"another root element", [](Robot& r) { r.before = "<sdf/>"; }, {"<robot>", "<sdf>", "convert"}},
      {"xacro", [](Robot& r) { r.more = "<xacro:arm/>"; }, {"xacro", "expand"}},
      {"no inertial on a moving link",
       [](Robot& r) { r.arm = "<link name='arm'/>"; },
       {"'arm'", "<inertial>", "add"}},
      {"no mass in inertial",
       [](Robot& r) {
         r.base_inertial = "<inertial><inertia ixx='1' iyy='1' izz='1' ixy='0' ixz='0' iyz='0'/></inertial>";
       },
       {"<inertial>", "<mass>", "say the mass"}},
      {"negative mass",
       [](Robot& r) {
         r.base_inertial =
             "<inertial><mass value='-1'/><inertia ixx='1' iyy='1' izz='1' ixy='0' ixz='0' "
             "iyz='0'/></inertial>";
       },
       {"'base'", "-1", "at least 0 kg"}},
      {"mass that is no number",
       [](Robot& r) {
         r.base_inertial =
             "<inertial><mass value='heavy'/><inertia ixx='1' iyy='1' izz='1' ixy='0' ixz='0' "
             "iyz='0'/></inertial>";
       },
       {"<mass>", "'heavy'"}},
      {"mass nan",
       [](Robot& r) {
         r.base_inertial =
             "<inertial><mass value='nan'/><inertia ixx='1' iyy='1' izz='1' ixy='0' ixz='0' "
             "iyz='0'/></inertial>";
       },
       {"<mass>", "'nan'"}},
      {"inertia that is not positive",
       [](Robot& r) {
         r.base_inertial =
             "<inertial><mass value='1'/><inertia ixx='0' iyy='1' izz='1' ixy='0' ixz='0' "
             "iyz='0'/></inertial>";
       },
       {"'base'", "positive definite"}},
      {"inertia without products",
       [](Robot& r) {
         r.base_inertial = "<inertial><mass value='1'/><inertia ixx='1' iyy='1' izz='1'/></inertial>";
       },
       {"<inertia>", "ixy", "add it"}},
      {"inertia of no body",
       [](Robot& r) {
         r.base_inertial =
             "<inertial><mass value='1'/><inertia ixx='1' iyy='1' izz='9' ixy='0' ixz='0' "
             "iyz='0'/></inertial>";
       },
       {"'base'", "no body has this inertia"}},
      {"weightless moving link",
       [](Robot& r) {
         r.arm =
             "<link name='arm'><inertial><mass value='0'/><inertia ixx='0' iyy='0' "
             "izz='0' ixy='0' ixz='0' iyz='0'/></inertial></link>";
       },
       {"'arm'", "mass above 0"}},
      {"unknown joint type", [](Robot& r) { r.type = "hinge"; }, {"'hinge'", "'hinge'; known: ", "revolute"}},
      {"unknown parent", [](Robot& r) { r.parent = "torso"; }, {"no link 'torso'", "define it"}},
      {"unknown child", [](Robot& r) { r.child = "leg"; }, {"no link 'leg'"}},
      {"cycle",
       [](Robot& r) {
         r.more = "<joint name='back' type='fixed'><parent link='arm'/><child link='base'/></joint>";
       },
       {"cycle"}},
      {"two parents",
       [](Robot& r) {
         r.more = "<joint name='again' type='fixed'><parent link='base'/><child link='arm'/></joint>";
       },
       {"'arm'", "already hangs on joint 'hinge'"}},
      {"two roots", [](Robot& r) { r.more = "<link name='loose'/>"; }, {"one root link", "loose"}},
      {"link twice", [](Robot& r) { r.more = "<link name='arm'/>"; }, {"'arm' is defined twice"}},
      {"joint twice",
       [](Robot& r) {
         r.more = "<link name='tip'>" + kBall +
                  "</link><joint name='hinge' type='fixed'><parent link='arm'/><child link='tip'/></joint>";
       },
       {"'hinge' is defined twice"}},
      {"no limit", [](Robot& r) { r.limit = ""; }, {"'hinge'", "<limit", "continuous"}},
      {"limits upside down",
       [](Robot& r) { r.limit = "<limit lower='2' upper='1' effort='5' velocity='2'/>"; },
       {"'hinge'", "lower <= upper"}},
      {"negative effort",
       [](Robot& r) { r.limit = "<limit lower='0' upper='1' effort='-5' velocity='2'/>"; },
       {"'hinge'", "effort", "-5"}},
      {"axis of length 0", [](Robot& r) { r.axis = "<axis xyz='0 0 0'/>"; }, {"'hinge'", "not zero"}},
      {"axis of two numbers",
       [](Robot& r) { r.axis = "<axis xyz='0 1'/>"; },
       {"<axis>", "3 numbers", "'0 1'"}},
      {"origin with a word", [](Robot& r) { r.origin = "<origin xyz='0 up 0'/>"; }, {"<origin>", "'0 up 0'"}},
      {"box of negative size",
       [](Robot& r) { r.base_shape = "<collision><geometry><box size='1 -1 1'/></geometry></collision>"; },
       {"<box>", "positive size"}},
      {"unknown geometry",
       [](Robot& r) { r.base_shape = "<collision><geometry><torus radius='1'/></geometry></collision>"; },
       {"<torus>", "known: "}},
      {"empty geometry",
       [](Robot& r) { r.base_shape = "<collision><geometry/></collision>"; },
       {"<geometry> is empty"}},
      {"missing mesh",
       [](Robot& r) {
         r.base_shape = "<collision><geometry><mesh filename='no/such.stl'/></geometry></collision>";
       },
       {"no/such.stl"}},
      {"mesh in an unknown package",
       [](Robot& r) {
         r.base_shape =
             "<collision><geometry><mesh filename='package://nowhere/a.stl'/></geometry></collision>";
       },
       {"package://nowhere/a.stl"}},
      {"colour out of range",
       [](Robot& r) {
         r.base_shape =
             "<visual><geometry><sphere radius='1'/></geometry><material name='m'><color rgba='2 0 0 "
             "1'/></material></visual>";
       },
       {"rgba", "[0, 1]"}},
      {"undefined material",
       [](Robot& r) {
         r.base_shape = "<visual><geometry><sphere radius='1'/></geometry><material name='gold'/></visual>";
       },
       {"'gold'", "defined nowhere"}},
      {"floating joint within the robot",
       [](Robot& r) {
         r.more = "<link name='tip'>" + kBall +
                  "</link><joint name='free' type='floating'><parent link='arm'/><child link='tip'/></joint>";
       },
       {"'free'", "under the root link only"}},
      {"negative damping",
       [](Robot& r) { r.limit += "<dynamics damping='-1'/>"; },
       {"'hinge'", "damping", "-1"}},
      {"joint without a name", [](Robot& r) { r.joint_name = ""; }, {"<joint>", "no name"}},
  };
  CHECK(cases.size() >= 20);
  for (const Case& c : cases) {
    Robot robot;
    c.spoil(robot);
    const std::string text = message(robot.text());
    CAPTURE(c.what, text);
    CHECK(text.rfind("robot.urdf", 0) == 0);
    CHECK(text.find('\n') == std::string::npos);
    for (const char* word : c.words) CHECK_THAT(text, ContainsSubstring(word));
  }
}

TEST_CASE("files that are no URDF are named: missing, empty, a folder, a cut-off file, a broken mesh") {
  const TemporaryDirectory folder;
  const auto write = [&](const char* name, const std::string& text) {
    std::ofstream(folder / name) << text;
    return folder / name;
  };
  CHECK_THROWS_WITH(read_urdf(folder / "none.urdf"), ContainsSubstring("none.urdf"));
  CHECK_THROWS_WITH(read_urdf(folder.path()), ContainsSubstring(folder.path().string()));
  CHECK_THROWS_WITH(read_urdf(write("empty.urdf", "")), ContainsSubstring("empty.urdf"));
  const std::string whole = Robot{}.text();
  for (std::size_t length = 1; length < whole.size() - 10; length += 7) {
    CHECK_THROWS_WITH(read_urdf(write("cut.urdf", whole.substr(0, length))), ContainsSubstring("cut.urdf"));
  }
  write("broken.stl", "this is no mesh");
  Robot robot;
  robot.base_shape = "<collision><geometry><mesh filename='broken.stl'/></geometry></collision>";
  CHECK_THROWS_WITH(read_urdf(write("mesh.urdf", robot.text())), ContainsSubstring("broken.stl"));
}

}  // namespace
}  // namespace understudy
