// A dataset recorded with a robot of the user's own knows whether that robot is still the same.

#include <filesystem>
#include <fstream>
#include <string>

#include "datasets/format/demonstration_reader.h"
#include "datasets/storage/sha256.h"
#include "tests/support/catch.h"
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
  check_refusal(run_program(record + " --episodes 1"), "the robot's file has changed");
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

}  // namespace
}  // namespace understudy::tests
