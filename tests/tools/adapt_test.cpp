// Another camera, and pictures adapted to it, through the whole program.

#include <filesystem>
#include <fstream>
#include <string>

#include "datasets/format/demonstration_reader.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

/// Demonstrations of Reach, seen by the simulator and by another camera, made once.
struct Cameras {
  TemporaryDirectory folder;
  std::string demos = folder / "demos.h5", sim = folder / "sim.h5", real = folder / "real.h5",
              look = folder / "look.toml";
  Cameras() {
    std::ofstream(look) << "seed = 7\n";
    must("record --env Reach --device synthetic --episodes 2 --seed 1 --out " + demos);
    const std::string render = "data images " + demos + " --camera front --size 32x32 ";
    must(render + "--segmentation --out " + sim);
    must(render + "--look " + look + " --out " + real);
  }
};
const Cameras& cameras() {
  static const Cameras made;
  return made;
}

std::vector<std::uint8_t> picture(const DemonstrationReader& reader, int episode, int row) {
  const ImageField& field = reader.header().images.fields.front();
  std::vector<std::uint8_t> bytes(field.bytes());
  reader.read_image(episode, field, row, bytes.data());
  return bytes;
}

}  // namespace

TEST_CASE(
    "another camera's pictures are of the same episodes, differ, and say with which look they were drawn") {
  const DemonstrationReader sim(cameras().sim), real(cameras().real);
  CHECK(sim.checksum(1) == real.checksum(1));
  CHECK(picture(sim, 1, 3) != picture(real, 1, 3));
  CHECK_THAT(real.header().images.driver, ContainsSubstring(", look "));
  CHECK_THAT(sim.header().images.driver, !ContainsSubstring("look"));
  must("data validate " + cameras().real);
  refused("data images " + cameras().demos + " --camera front --look none.toml --out x.h5", 2, "--look");
  refused("eval expert --env Reach --episodes 1 --look " + cameras().look, 2,
          "want a policy that sees pictures");
  CHECK_THAT(output_of("envs --look-template"), ContainsSubstring("[surfaces]"));
}

TEST_CASE("adapted datasets differ in the camera's pictures alone, and a second apply has nothing to do") {
  const TemporaryDirectory folder;
  const std::string run = folder / "run", out = folder / "adapted.h5";
  must("adapt train --method graspgan --sim " + cameras().sim + " --real " + cameras().real +
       " --steps 3 --every 2 --batch 1 --detector-steps 2 --seeds 4,5 --out " + run);
  for (const char* file : {"adaptation.json", "seed_4/generator.pt", "seed_4/sheet_000002.png",
                           "seed_5/losses.csv", "seed_5/result.json"})
    CHECK(std::filesystem::exists(run + "/" + file));
  const std::string apply = "adapt apply " + run + " " + cameras().sim + " --out " + out;
  CHECK_THAT(output_of(apply), ContainsSubstring("2 generators"));
  must("data validate " + out);
  const DemonstrationReader sim(cameras().sim), adapted(out);
  REQUIRE(adapted.size() == sim.size());
  CHECK(adapted.header().images.fields == sim.header().images.fields);
  CHECK_THAT(adapted.header().images.driver, ContainsSubstring(", adapted by graspgan "));
  const ImageField& bodies = sim.header().images.fields.at(1);
  std::vector<char> a(bodies.bytes()), b(bodies.bytes());
  for (int episode = 0; episode < sim.size(); ++episode) {
    CHECK(adapted.checksum(episode) == sim.checksum(episode));  // all but the pictures
    CHECK(picture(adapted, episode, 2) != picture(sim, episode, 2));
    adapted.read_image(episode, bodies, 2, a.data());
    sim.read_image(episode, bodies, 2, b.data());
    CHECK(a == b);
    CHECK(adapted.image_bodies(episode, bodies) == sim.image_bodies(episode, bodies));
  }
  CHECK(adapted.all_masks() == sim.all_masks());
  CHECK_THAT(output_of(apply), ContainsSubstring("it was up to date"));
  refused("adapt apply " + run + " " + cameras().demos + " --out " + (folder / "x.h5").string(), 1,
          "want front_image 32x32");
}

TEST_CASE("an adaptation's mistakes are one line each, before anything is made") {
  const TemporaryDirectory folder;
  const std::string out = " --out " + (folder / "run").string();
  const std::string both = "adapt train --sim " + cameras().sim + " --real " + cameras().real;
  refused(both + " --method gan" + out, 2, "--method");
  refused(both + " --steps 0" + out, 2, "--steps");
  refused(both + " --objects cup" + out, 2, "unknown object 'cup'");
  refused(both + " --seeds 1,1" + out, 2, "want each seed once");
  refused(both + " --camera side" + out, 1, "want side_image, found front_image 32x32");
  refused("adapt train --method graspgan --sim " + cameras().real + " --real " + cameras().real + out, 1,
          "--segmentation");
  refused("adapt train --sim " + cameras().demos + " --real " + cameras().real + out, 1,
          "want pictures, found none");
  CHECK_FALSE(std::filesystem::exists(folder / "run"));
  refused("adapt resume " + folder.path().string(), 1, "adaptation.json");
}

}  // namespace understudy::tests
