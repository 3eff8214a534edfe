// Image observations through the whole program: recorded, rendered, interrupted, checked.

#include <chrono>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "datasets/format/demonstration_reader.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"
#ifdef UNDERSTUDY_HAVE_SDL
#include "envs/rendering/camera_rig.h"
#include "envs/tasks/registry.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
TEST_CASE("images rendered from a dataset are what a rig sees in the recorded states") {
  const TemporaryDirectory folder;
  const std::string demos = folder / "demos.h5", images = folder / "demos_images.h5";
  must("record --env Reach --device synthetic --episodes 2 --out " + demos);
  must("data images --camera front --camera side:40x30 --depth --segmentation " + demos);
  must("data validate " + images);

  const DemonstrationReader reader(images);
  const std::vector<ImageField>& fields = reader.header().images.fields;
  REQUIRE(fields.size() == 6);
  CHECK(fields[0].text() == "front_image 84x84");
  CHECK(fields[5].text() == "side_segmentation 40x30");
  CameraRig rig({.cameras = {{.name = "front"}, {.name = "side", .width = 40, .height = 30}},
                 .depth = true,
                 .segmentation = true});
  CHECK(reader.header().images.driver == rig.driver());
  const auto environment = make_environment("Reach");
  Vector observation(environment->spec().observation.size());
  const Episode episode = reader.read(1);
  environment->reset(episode.seed, observation);
  for (int row = 0; row <= episode.length(); row += 5) {
    CAPTURE(row);
    environment->show_state(episode.states.row(row).transpose());
    const std::vector<CameraShot>& shots = rig.shoot(environment->scene());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      std::vector<char> stored(fields[i].bytes());
      reader.read_image(1, fields[i], row, stored.data());
      const CameraShot& shot = shots[i / 3];
      const void* const seen = i % 3 == 0   ? static_cast<const void*>(shot.colour.rgb.data())
                               : i % 3 == 1 ? static_cast<const void*>(shot.depth.data())
                                            : static_cast<const void*>(shot.segmentation.data());
      CHECK(std::memcmp(stored.data(), seen, stored.size()) == 0);
    }
  }
  const std::vector<std::string> bodies = reader.image_bodies(1, fields[2]);
  REQUIRE(bodies.size() == environment->scene().poses.size());
  CHECK(bodies.front() == "world");
  CHECK(bodies.back() == "target");
}

TEST_CASE("a rendering that was killed goes on where it was, to the same bytes") {
  const TemporaryDirectory folder;
  const std::string demos = folder / "demos.h5";
  must("record --env Reach --device synthetic --episodes 8 --out " + demos);
  const std::string command = "data images --camera front:160x120 " + demos + " --out ";
  const auto start = std::chrono::steady_clock::now();
  must(command + (folder / "straight.h5").string());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::string images = folder / "images.h5";
  int kills = 0;
  for (; kills < 60; ++kills) {
    // Longer each time, so that at some time an episode gets done.
    const std::string limit = std::to_string(seconds * (0.2 + 0.04 * kills));
    if (run_program(command + images, "timeout -s KILL " + limit).code == 0) break;
  }
  CAPTURE(kills);
  REQUIRE(kills > 0);  // else nothing was tried
  must(command + images);
  CHECK((content(images) == content(folder / "straight.h5")));
}

TEST_CASE("a disk that is full while images are rendered costs nothing that was there") {
  const TemporaryDirectory folder;
  const std::string demos = folder / "demos.h5", images = folder / "demos_images.h5";
  must("record --env Reach --device synthetic --episodes 2 --out " + demos);
  const std::string before = content(demos);
  const std::string command = "data images --camera front " + demos;
  const Outcome outcome = run_program(command, "ulimit -f 1000;");  // blocks of 512 or 1024 bytes
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.errors, ContainsSubstring("free some space and run the same command again"));
  CHECK((content(demos) == before));
  CHECK(content(images).empty());
  must(command);
  must("data validate " + images);
}

TEST_CASE("record --camera leaves the dataset that it would leave without, and one with images beside it") {
  const TemporaryDirectory folder;
  const std::string plain = folder / "plain.h5", demos = folder / "demos.h5";
  const std::string command = "record --env Drive --device scripted --episodes 1 --seed 3 --out ";
  must(command + plain);
  const std::string said = output_of(command + demos + " --camera helmet --size 32x24");
  CHECK_THAT(said, ContainsSubstring("helmet_image 32x24"));
  CHECK((content(plain) == content(demos)));
  must("data validate " + (folder / "demos_images.h5").string());
  // More episodes: those rendered before are taken over.
  CHECK_THAT(output_of(command + demos + " --camera helmet:32x24"),
             ContainsSubstring("1 episodes rendered, 1 taken over"));
}

TEST_CASE("envs --pictures draws every task and a sheet of them, the same twice") {
  const TemporaryDirectory folder;
  const auto size_of = [](const std::string& png) {
    REQUIRE(png.substr(1, 3) == "PNG");
    const auto number = [&](std::size_t at) {
      int value = 0;
      for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(png.at(at + i));
      return value;
    };
    return std::pair(number(16), number(20));
  };
  must("envs --pictures " + (folder / "a").string());
  must("envs --pictures " + (folder / "b").string());
  std::set<std::string> different;
  for (const std::string& id : environment_ids()) {
    const std::string png = content(folder / ("a/" + id + ".png"));
    CHECK(size_of(png) == std::pair(640, 420));
    CHECK((png == content(folder / ("b/" + id + ".png"))));
    different.insert(png);
  }
  CHECK(different.size() == environment_ids().size());
  const auto [width, height] = size_of(content(folder / "a/tasks.png"));
  CHECK(width * height > static_cast<int>(environment_ids().size()) * 640 * 420);
  CHECK(run_program("envs Reach --pictures " + (folder / "c").string()).code == 2);
  CHECK(run_program("envs --pictures " + (folder / "no/folder").string()).code == 1);
}

TEST_CASE("bench camera measures two sizes with and without depth for every task") {
  const std::string said = output_of("bench camera --json --repeats 2 --seconds 0.01");
  std::size_t count = 0;
  for (std::size_t at = said.find("\"frames/s\""); at != std::string::npos;
       at = said.find("\"frames/s\"", at + 1)) {
    ++count;
  }
  CHECK(count == 4 * environment_ids().size());
}

TEST_CASE("mistakes with cameras are found before anything is recorded or rendered") {
  const TemporaryDirectory folder;
  const std::string demos = folder / "demos.h5";
  const std::string record = "record --env Reach --device scripted --episodes 1 --out " + demos;
  for (const char* wrong : {" --camera fron", " --camera front:0x8", " --camera front --size 84",
                            " --camera front --camera front"}) {
    CAPTURE(wrong);
    CHECK(run_program(record + wrong).code == 2);
    CHECK(content(demos).empty());
  }
  must(record);
  CHECK(run_program("data images " + demos).code == 2);
  const Outcome outcome = run_program("data images --camera fron " + demos);
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.errors, ContainsSubstring("did you mean 'front'"));
  CHECK(content(folder / "demos_images.h5").empty());
}

}  // namespace understudy::tests
#endif
