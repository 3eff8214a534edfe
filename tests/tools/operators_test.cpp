// Numbered operators through the whole program: asked for, refused, kept by every file and shown.

#include <algorithm>
#include <string>
#include <vector>

#include "datasets/format/demonstration_reader.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

std::vector<std::string> drivers(const std::string& file) {
  const DemonstrationReader reader(file);
  std::vector<std::string> names;
  for (int i = 0; i < reader.size(); ++i) names.push_back(reader.summary(i).operator_name);
  return names;
}

TEST_CASE("files say who drove, also once more is added and in a file of images, and data info counts them") {
  const TemporaryDirectory folder;
  const std::string demos = (folder / "demos.h5").string();
  const std::string record = "record --env Reach --device synthetic --keep-failures --out " + demos;
  CHECK_THAT(output_of(record + " --operators 2 --episodes 3"),
             ContainsSubstring("synthetic operators 1 to 2 at "));
  CHECK_THAT(output_of(record + " --operator 7 --episodes 1"), ContainsSubstring("synthetic operator 7 at "));
  must(record + " --episodes 1");
  const std::vector<std::string> all{"synthetic-1", "synthetic-2", "synthetic-1", "synthetic-7", "synthetic"};
  CHECK(drivers(demos) == all);
  const std::string info = output_of("data info " + demos);
  CHECK_THAT(info, ContainsSubstring("synthetic-1: 2 episodes"));
  CHECK_THAT(info, ContainsSubstring("synthetic-7: 1 episode,"));
  must("data validate " + demos);
#ifdef UNDERSTUDY_HAVE_SDL
  must("data images --camera front --size 8x8 " + demos);
  CHECK(drivers(folder / "demos_images.h5") == all);
#endif
}

TEST_CASE("who records by the default operator alone is not told of operators") {
  const TemporaryDirectory folder;
  const std::string demos = (folder / "demos.h5").string();
  const std::string output = output_of("record --env Reach --device synthetic --episodes 1 --out " + demos);
  CHECK_THAT(output, !ContainsSubstring("operators"));
  CHECK_THAT(output_of("data info " + demos), !ContainsSubstring("operators"));
}

TEST_CASE("a task with one way says so, others say what differs") {
  const TemporaryDirectory folder;
  const std::string two_joints =
      std::string("JointControl:") + UNDERSTUDY_EXPERTS + "/../../envs/robots/models/reacher.urdf";
  const auto record = [&](const std::string& task, const std::string& file) {
    return output_of("record --env " + task +
                     " --device synthetic --keep-failures --operator 1 --episodes 1 " +
                     "--episode-seconds 1 --out " + (folder / file).string());
  };
  CHECK_THAT(record(two_joints, "joints.h5"), ContainsSubstring("reacher.urdf has one way"));
  CHECK_THAT(record("Crowd", "crowd.h5"), ContainsSubstring("passes people on the left or right"));
  CHECK_THAT(output_of("envs JointControl"), ContainsSubstring("operators: one way"));
  CHECK_THAT(output_of("envs Crowd"), ContainsSubstring("operators: passes people"));
}

TEST_CASE("operators that there are not, or whom nobody asked to drive, are refused in one line") {
  const TemporaryDirectory folder;
  const auto refused = [&](const std::string& options, const std::string& text) {
    const Outcome outcome =
        run_program("record --env Reach --out " + (folder / "demos.h5").string() + " " + options);
    CAPTURE(options, outcome.errors);
    CHECK(outcome.code == 2);
    CHECK(outcome.output.empty());
    CHECK(std::count(outcome.errors.begin(), outcome.errors.end(), '\n') == 1);
    CHECK_THAT(outcome.errors, ContainsSubstring(text));
  };
  const std::string synthetic = "--device synthetic ";
  refused(synthetic + "--operator 0", "--operator: want a number from 1 to 1000, found 0; leave it out for");
  refused(synthetic + "--operator=-3", "--operator: want a number from 1 to 1000, found -3");
  refused(synthetic + "--operator 1001", "--operator: want a number from 1 to 1000, found 1001");
  refused(synthetic + "--operators 0", "--operators: want a number from 1 to 1000, found 0");
  refused(synthetic + "--operators 1001", "--operators: want a number from 1 to 1000, found 1001");
  refused(synthetic + "--operator left", "--operator");
  refused(synthetic + "--operator 1 --operators 2", "want one of them, found both");
  refused("--device gamepad --operators 3", "--operators with --device gamepad: want --device synthetic");
  refused("--device keyboard --operators 3", "--operators with --device keyboard: want --device synthetic");
  refused("--device scripted --operator 3", "--operator with --device scripted: want --device synthetic");
}

}  // namespace
}  // namespace understudy::tests
