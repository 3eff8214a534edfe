// Cloning from pictures through the whole program: recorded, rendered, cloned, stopped, resumed, evaluated.

#include <cstdlib>
#include <filesystem>
#include <string>

#include "datasets/format/demonstration_reader.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

/// Demonstrations of Reach with pictures of 24 x 24, made once.
const std::string& pictures() {
  static const TemporaryDirectory folder;
  static std::string images;
  if (images.empty()) {
    const std::string demos = folder / "demos.h5";
    must("record --env Reach --device synthetic --episodes 4 --seed 1 --out " + demos);
    must("data images --camera front --camera side --size 24x24 " + demos);
    images = folder / "demos_images.h5";
  }
  return images;
}

std::string train(const std::string& more) {
  return "train bc --env Reach --data " + pictures() +
         " --epochs 3 --epoch-updates 4 --batch 6 --eval-every 2 --eval-episodes 2 --final-episodes 3 "
         "--candidates 1"
         " --crop 4 --brightness 0.1 --colour 0.1 " +
         more;
}

const std::string kSees = "--cameras front,side --fields eef_vel ";

TEST_CASE(
    "a policy that sees is trained, evaluated, recorded with and played, and resumed to the same bits") {
  const TemporaryDirectory folder;
  const std::string straight = folder / "straight", stopped = folder / "stopped";
  must(train(kSees + "--out " + straight));
  // Less memory, one thread, and stopped.
  const std::string other = train(kSees + "--image-memory 1 --threads 1 --out " + stopped);
  // Later each time, so that at some time it is stopped between its beginning and its end.
  bool resumed = false;
  for (int i = 0; i < 60 && !resumed; ++i) {
    std::filesystem::remove_all(stopped);
    const Outcome outcome = run_program(other, "timeout -s INT " + std::to_string(0.4 + 0.2 * i));
    if (outcome.code == 0) break;
    if (!std::filesystem::exists(stopped + "/checkpoints")) continue;
    must("resume " + stopped);
    resumed = true;
  }
  CHECK(resumed);
  CHECK(content(straight + "/policy.pt") == content(stopped + "/policy.pt"));
  CHECK(content(straight + "/metrics.csv") == content(stopped + "/metrics.csv"));

  const std::string table = output_of("eval --episodes 3 --threads 1 " + straight);
  CHECK_THAT(table, ContainsSubstring("Reach: 3 episodes"));
  CHECK(table == output_of("eval --episodes 3 --threads 2 " + straight));
  const std::string again = folder / "again.h5";
  must("record --env Reach --device scripted --keep-failures --episodes 2 --policy " + straight + " --out " +
       again);
  const DemonstrationReader reader(again);
  CHECK(reader.header().observation == DemonstrationReader(pictures()).header().observation);
  refused("eval --episodes 1 --trace " + (folder / "trace.csv").string() + " " + straight, 2, "--trace");
  std::filesystem::create_directory(folder / "frames");
  must("play " + straight + " --size 64x64 --out " + (folder / "frames").string() + "/");
}

TEST_CASE("cameras, sizes and fields that are not there are one line each, before anything is made") {
  const TemporaryDirectory folder;
  const std::string out = "--out " + (folder / "run").string();
  refused(train("--cameras wrist --fields none " + out), 2, "wrist");
  refused(train("--cameras follow --fields none " + out), 1,
          "want pictures of follow, found front_image 24x24, side_image 24x24; render them: understudy "
          "data images");
  refused(train("--cameras front:84x84 --fields none " + out), 1, "want pictures of front:84x84");
  refused(train("--cameras front " + out), 2, "--fields: want the fields");
  refused(train("--cameras front --fields hand " + out), 2, "'hand'");
  refused(train("--fields eef_vel " + out), 2, "want --cameras too");
  refused(train("--cameras front --fields none --vision vgg " + out), 2, "resnet18");
  refused(train("--cameras front --fields none --vision resnet18 " + out), 2,
          "side of camera front 24x24 cropped by 4: want 33 to 4096, found 20");
  CHECK_FALSE(std::filesystem::exists(folder / "run"));
}

}  // namespace
}  // namespace understudy::tests
