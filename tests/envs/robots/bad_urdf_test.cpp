#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "datasets/types/error.h"
#include "envs/robots/mesh_file.h"
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
         r.arm =
             "<link name='arm'><inertial><mass value='1'/><inertia ixx='0' iyy='1' izz='1' ixy='0' ixz='0' "
             "iyz='0'/></inertial></link>";
       },
       {"'arm'", "positive definite"}},
      {"inertia without products",
       [](Robot& r) {
         r.base_inertial = "<inertial><mass value='1'/><inertia ixx='1' iyy='1' izz='1'/></inertial>";
       },
       {"<inertia>", "ixy", "add it"}},
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
      {"mesh of another kind",
       [](Robot& r) {
         // Which Assimp would read, and never end with some.
         r.base_shape = "<collision><geometry><mesh filename='robot.ply'/></geometry></collision>";
         std::ofstream(std::filesystem::temp_directory_path() / "robot.ply") << "ply\nformat ascii 1.0\n";
       },
       {"robot.ply", "STL, OBJ or DAE", "convert"}},
      {"more links than anybody's robot",
       [](Robot& r) {
         for (int i = 0; i < 1000; ++i) r.more += "<link name='l" + std::to_string(i) + "'/>";
       },
       {"at most 1000 links"}},
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
  const auto pipe = folder / "pipe.urdf";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(read_urdf(pipe), ContainsSubstring("pipe.urdf"));
  write("broken.stl", "this is no mesh");
  Robot robot;
  robot.base_shape = "<collision><geometry><mesh filename='broken.stl'/></geometry></collision>";
  CHECK_THROWS_WITH(read_urdf(write("mesh.urdf", robot.text())), ContainsSubstring("broken.stl"));
}

/// A robot that loads, and the one warning that it gives: a word of it, or "" for none.
struct Loose {
  const char* what;
  void (*loosen)(Robot&);
  std::string warning;
};

TEST_CASE("what other programs read too is read, and said where something is taken to be meant") {
  const std::vector<Loose> cases{
      {"a material that an earlier visual defines",
       [](Robot& r) {
         r.base_shape =
             "<visual><geometry><sphere radius='1'/></geometry><material name='m'><color rgba='0 0 1 1'/>"
             "</material></visual><visual><geometry><sphere radius='1'/></geometry><material "
             "name='m'/></visual>";
       },
       ""},
      {"a material without a name",
       [](Robot& r) {
         r.base_shape =
             "<visual><geometry><sphere radius='1'/></geometry><material><color rgba='0 0 1 1'/></material>"
             "</visual>";
       },
       ""},
      {"a material that nobody defines",
       [](Robot& r) {
         r.base_shape = "<visual><geometry><sphere radius='1'/></geometry><material name='gold'/></visual>";
       },
       "'gold' is defined nowhere"},
      {"a colour out of range",
       [](Robot& r) {
         r.base_shape =
             "<visual><geometry><sphere radius='1'/></geometry><material name='m'><color rgba='2 0 0 1'/>"
             "</material></visual>";
       },
       "want rgba values in [0, 1], found '2 0 0 1'"},
      {"no inertial on a moving link", [](Robot& r) { r.arm = "<link name='arm'/>"; }, "taken as 1 kg"},
      {"no inertial on the root", [](Robot& r) { r.base_inertial = ""; }, ""},
      {"an inertia of nothing on the root",
       [](Robot& r) {
         r.base_inertial =
             "<inertial><mass value='1'/><inertia ixx='0' iyy='0' izz='0' ixy='0' ixz='0' "
             "iyz='0'/></inertial>";
       },
       ""},
      {"an inertia of nothing on a link that is fixed to a moving one",
       [](Robot& r) {
         r.more =
             "<link name='tip'><inertial><mass value='1'/><inertia ixx='0' iyy='0' izz='0' ixy='0' ixz='0' "
             "iyz='0'/></inertial></link><joint name='weld' type='fixed'><parent link='arm'/><child "
             "link='tip'/></joint>";
       },
       ""},
      {"blanks and line ends in numbers",
       [](Robot& r) {
         r.origin = "<origin xyz='0\n 0\t0 ' rpy=' 0  0 0'/>";
         r.limit = "<limit lower=' -1' upper='1\n' effort='5' velocity='2'/>";
       },
       ""},
      {"no limit", [](Robot& r) { r.limit = ""; }, "moves without end"},
      {"a limit without a range", [](Robot& r) { r.limit = "<limit effort='5' velocity='2'/>"; },
       "moves without end"},
      {"limits the wrong way round",
       [](Robot& r) { r.limit = "<limit lower='2' upper='1' effort='5' velocity='2'/>"; },
       "found 2 and 1: it moves"},
      {"commas between numbers", [](Robot& r) { r.origin = "<origin xyz='0, 0, 1'/>"; },
       "first three numbers"},
      {"a fourth number", [](Robot& r) { r.origin = "<origin rpy='0 0 1 0'/>"; }, "first three numbers"},
      {"a limit of 0 and 0",
       [](Robot& r) { r.limit = "<limit lower='0' upper='0' effort='5' velocity='2'/>"; }, "taken as fixed"},
      {"a limit without effort and velocity", [](Robot& r) { r.limit = "<limit lower='-1' upper='1'/>"; },
       ""},
      {"a capsule",
       [](Robot& r) {
         r.base_shape = "<collision><geometry><capsule radius='1' length='2'/></geometry></collision>";
       },
       ""},
      {"a drawn mesh that is not there",
       [](Robot& r) {
         r.base_shape = "<visual><geometry><mesh filename='no/such.stl'/></geometry></visual>";
       },
       "no/such.stl"},
      {"an inertia of no body",
       [](Robot& r) {
         r.arm =
             "<link name='arm'><inertial><mass value='1'/><inertia ixx='1' iyy='1' izz='9' ixy='0' ixz='0' "
             "iyz='0'/></inertial></link>";
       },
       "no body has this inertia"},
      {"a mimic that says nothing", [](Robot& r) { r.limit += "<mimic/>"; }, ""},
  };
  for (const Loose& c : cases) {
    Robot robot;
    c.loosen(robot);
    CAPTURE(c.what);
    const RobotModel model = parse_urdf(robot.text(), "robot.urdf");
    if (c.warning.empty()) {
      CHECK(model.warnings.empty());
    } else {
      REQUIRE(model.warnings.size() == 1);
      CHECK_THAT(model.warnings.front(), ContainsSubstring("robot.urdf:") && ContainsSubstring(c.warning));
    }
  }
}

TEST_CASE("what was loose in a URDF means what other programs take it to mean") {
  Robot robot;
  robot.arm = "<link name='arm'/>";
  robot.limit = "";
  robot.base_shape =
      "<collision><geometry><capsule radius='0.5' length='2'/></geometry></collision>"
      "<visual><geometry><sphere radius='1'/></geometry><material name='m'><color rgba='0 0 1 "
      "0.5'/></material>"
      "</visual><visual><geometry><sphere radius='1'/></geometry><material name='m'/></visual>"
      "<visual><geometry><sphere radius='1'/></geometry><material name='gold'/></visual>";
  const RobotModel model = parse_urdf(robot.text(), "robot.urdf");
  const RobotLink& base = model.links.front();
  CHECK(base.collisions.front().kind == ShapeKind::kCapsule);
  CHECK(base.collisions.front().size == Eigen::Vector3d(0.5, 0.5, 1));
  REQUIRE(base.visuals.size() == 3);
  for (int i = 0; i < 2; ++i)
    CHECK(base.visuals[static_cast<std::size_t>(i)].colour == Eigen::Vector4f(0, 0, 1, 0.5F));
  CHECK_FALSE(base.visuals[2].colour.has_value());
  const RobotLink& arm = model.links[1];
  CHECK(arm.mass == 1);
  CHECK(arm.inertia == Eigen::Vector3d::Ones());
  CHECK(arm.low > arm.high);
  CHECK(arm.max_effort == 0);
}

TEST_CASE("meshes are read from STL, OBJ and DAE") {
  const TemporaryDirectory folder;
  std::ofstream(folder / "a.stl") << "solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\n"
                                     "vertex 0 1 0\nendloop\nendfacet\nendsolid a\n";
  std::ofstream(folder / "a.obj") << "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n";
  std::ofstream(folder / "a.DAE")
      << "<COLLADA xmlns='http://www.collada.org/2005/11/COLLADASchema' "
         "version='1.4.1'><asset><up_axis>Z_UP</up_axis>"
         "</asset><library_geometries><geometry id='g'><mesh><source id='p'><float_array id='a' count='9'>0 "
         "0 0 1 0 0 "
         "0 1 0</float_array><technique_common><accessor source='#a' count='3' stride='3'><param name='X' "
         "type='float'/><param name='Y' type='float'/><param name='Z' "
         "type='float'/></accessor></technique_common>"
         "</source><vertices id='v'><input semantic='POSITION' source='#p'/></vertices><triangles "
         "count='1'><input "
         "semantic='VERTEX' source='#v' offset='0'/><p>0 1 "
         "2</p></triangles></mesh></geometry></library_geometries>"
         "<library_visual_scenes><visual_scene id='s'><node><instance_geometry "
         "url='#g'/></node></visual_scene>"
         "</library_visual_scenes><scene><instance_visual_scene url='#s'/></scene></COLLADA>";
  for (const char* name : {"a.stl", "a.obj", "a.DAE"}) {
    CAPTURE(name);
    const SceneMesh mesh = read_mesh(folder / name);
    REQUIRE(mesh.indices.size() == 3);
    Eigen::Vector3f sum = Eigen::Vector3f::Zero();
    for (const unsigned index : mesh.indices) sum += mesh.positions[index];
    CHECK((sum - Eigen::Vector3f(1, 1, 0)).norm() < 1e-6F);
  }
}

TEST_CASE("meshes from outside the robot's folder are read with a word, and what a mesh names is not") {
  const TemporaryDirectory folder;
  const auto write = [](const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  };
  // Its material library is a pipe that nobody writes into: opening it would wait for ever.
  const std::string triangle = "mtllib pipe.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n";
  write(folder / "away" / "a.obj", triangle);
  write(folder / "robot" / "meshes" / "a.obj", triangle);
  REQUIRE(::mkfifo((folder / "robot/meshes/pipe.mtl").c_str(), 0600) == 0);
  Robot robot;
  const auto read = [&](const std::string& name) {
    robot.base_shape = "<collision><geometry><mesh filename='" + name + "'/></geometry></collision>";
    write(folder / "robot" / "urdf" / "robot.urdf", robot.text());
    return read_urdf(folder / "robot/urdf/robot.urdf").warnings;
  };
  CHECK(read("../meshes/a.obj").empty());
  CHECK(read("package://robot/meshes/a.obj").empty());
  CHECK(read("model://robot/meshes/a.obj").empty());
  for (const std::string& name : {std::string("../../away/a.obj"), (folder / "away/a.obj").string()}) {
    const auto warnings = read(name);
    REQUIRE(warnings.size() == 1);
    CHECK_THAT(warnings.front(), ContainsSubstring("outside the robot's folder"));
  }
}

}  // namespace
}  // namespace understudy
