// A dataset recorded with a robot of the user's own knows whether that robot is still the same.

#include <filesystem>
#include <fstream>
#include <string>

#include "datasets/format/demonstration_reader.h"
#include "datasets/storage/sha256.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

std::string turntable(double mass) {
  return "<robot name='turntable'><link name='root'/><link name='plate'><inertial><origin xyz='0.2 0 0'/>"
         "<mass value='" +
         std::to_string(mass) +
         "'/><inertia ixx='0.01' ixy='0' ixz='0' iyy='0.01' iyz='0' izz='0.02'/></inertial></link>"
         "<joint name='turn' type='continuous'><parent link='root'/><child link='plate'/>"
         "<axis xyz='0 0 1'/></joint></robot>";
}

void write(const std::string& file, const std::string& text) {
  std::ofstream(file) << text;
}

/// One line on stderr that holds `text`, exit code 1.
void check_refusal(const Outcome& outcome, const std::string& text) {
  CAPTURE(outcome.output, outcome.errors);
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.errors, ContainsSubstring(text));
  CHECK(std::count(outcome.errors.begin(), outcome.errors.end(), '\n') == 1);
}

TEST_CASE("a dataset keeps the SHA-256 of its robot's file, and says when the file has changed or is gone") {
  const TemporaryDirectory folder;
  const std::string urdf = folder / "turntable.urdf", demos = folder / "demos.h5";
  const std::string task = GENERATE("JointControl:", "Reach:") + urdf;
  write(urdf, turntable(1));
  const std::string record = "record --device scripted --env " + task + " --out " + demos;
  const Outcome recorded = run_program(record + " --episodes 2");
  CAPTURE(recorded.errors);
  REQUIRE(recorded.code == 0);
  CHECK(DemonstrationReader(demos).header().robot_sha256 == file_sha256(urdf));
  CHECK(run_program("play --verify " + demos).code == 0);
  const Outcome fine = run_program("data validate " + demos);
  CHECK(fine.code == 0);
  CHECK_THAT(fine.output, !ContainsSubstring("warning"));
  CHECK(run_program(record + " --episodes 1").code == 0);  // the same robot: the session is added

  const std::string train = "train bc --epochs 1 --eval-episodes 1 --final-episodes 1 --hidden 8 --env " +
                            task + " --data " + demos;
  write(urdf, turntable(1.5));
  check_refusal(run_program("play --verify " + demos), file_sha256(urdf));
  check_refusal(run_program(record + " --episodes 1"), "another version of the robot's file");
  check_refusal(run_program(train + " --out " + (folder / "run").string()),
                "bring that version of the file back");
  // The file is as good as before; what it needs is not.
  const Outcome changed = run_program("data validate " + demos);
  CHECK(changed.code == 0);
  CHECK_THAT(changed.output, ContainsSubstring("warning: " + urdf + ": want the robot"));
  CHECK_THAT(changed.output, ContainsSubstring("keeps the contract"));

  std::filesystem::remove(urdf);
  check_refusal(run_program("play --verify " + demos), "found no file; put it back");
  check_refusal(run_program(train + " --out " + (folder / "run").string()), urdf);
  CHECK_THAT(run_program("data validate " + demos).output, ContainsSubstring("found no file"));

  write(urdf, turntable(1));
  CHECK(run_program("play --verify " + demos).code == 0);
}

TEST_CASE("a robot whose folder has moved is the same robot: it is known by its file's SHA-256") {
  const TemporaryDirectory folder;
  std::filesystem::create_directory(folder / "a");
  const auto at = [&](const char* place) {
    return "JointControl:" + (folder / place / "robot.urdf").string();
  };
  const auto in = [&](const char* place, const char* name) { return " " + (folder / place / name).string(); };
  write(folder / "a/robot.urdf", turntable(1));
  const std::string small = " --epochs 1 --epoch-updates 10 --hidden 8 --eval-episodes 2 --final-episodes 2";
  REQUIRE(run_program("record --device scripted --episodes 3 --env " + at("a") + " --out" + in("a", "d.h5"))
              .code == 0);
  REQUIRE(run_program("train bc --env " + at("a") + " --data" + in("a", "d.h5") + " --out" + in("a", "run") +
                      small)
              .code == 0);
  const std::string policy = content(folder / "a/run/policy.pt");  // whose records are not packed
  CHECK_THAT(policy, ContainsSubstring("\"JointControl:robot.urdf\""));
  CHECK_THAT(policy, ContainsSubstring(file_sha256(folder / "a/robot.urdf")));
  CHECK_THAT(policy, !ContainsSubstring(folder.path().string()));  // which is nobody's business
  CHECK(run_program("eval" + in("a", "run") + " --episodes 2").code ==
        0);  // the run knows where the robot was

  std::filesystem::rename(folder / "a", folder / "b");
  check_refusal(run_program("eval" + in("b", "run") + " --episodes 2"), "say where it is with --env");
  check_refusal(run_program("resume" + in("b", "run")), "say where it is with --env");
  check_refusal(run_program("play --verify" + in("b", "d.h5")), "say where it is with --env");
  const std::string moved = " --env " + at("b");
  const auto works = [](const std::string& command) {
    const Outcome outcome = run_program(command);
    CAPTURE(command, outcome.errors);
    CHECK(outcome.code == 0);
  };
  works("eval" + in("b", "run") + " --episodes 2" + moved);
  works("train bc --data" + in("b", "d.h5") + moved + " --out" + in("b", "again") + small);
  works("record --device scripted --episodes 1 --out" + in("b", "d.h5") + moved);
  works("play --verify" + in("b", "d.h5") + moved);
  // The run's data has changed by that recording; its robot has not.
  check_refusal(run_program("resume" + in("b", "run") + moved + " --data" + in("b", "d.h5")),
                "has changed since the run began");

  write(folder / "b/robot.urdf", turntable(1.5));
  check_refusal(run_program("eval" + in("b", "run") + " --episodes 2" + moved),
                "another version of the robot");
}

}  // namespace
}  // namespace understudy::tests
