#include "datasets/curation/image_dataset.h"

#include <hdf5.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <set>

#include "datasets/curation/validation.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/storage/hdf5_file.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

using namespace understudy;
using namespace understudy::tests;
namespace fs = std::filesystem;

namespace {

constexpr int kSteps = 9;

ImageHeader sample_images() {
  return {.fields = {{.camera = "front", .kind = ImageKind::kColour, .width = 7, .height = 5},
                     {.camera = "front", .kind = ImageKind::kDepth, .width = 7, .height = 5},
                     {.camera = "front", .kind = ImageKind::kSegmentation, .width = 7, .height = 5},
                     {.camera = "top", .kind = ImageKind::kColour, .width = 4, .height = 6}},
          .driver = "a test",
          .program_version = "1"};
}

const ImageNotes kNotes{.bodies = {"world", "hand", "target"}, .cameras = R"({"front": {}})"};

/// Adds `episodes` to `file`, seed by seed.
void record_episodes(const fs::path& file, int episodes, std::uint64_t seed) {
  Rng rng(seed);
  DemonstrationWriter writer(file, sample_header());
  for (int i = 0; i < episodes; ++i) record(writer, good_episode(sample_header(), kSteps, rng));
  writer.pack();
}

/// The image of a field at a row of an episode: drawn from the state there, as a renderer would.
std::vector<char> image_of(const ImageField& field, const Episode& episode, int row) {
  std::vector<char> bytes(field.bytes());
  Rng rng(static_cast<std::uint64_t>(1e6 * std::abs(episode.states(row, 0))) + field.bytes());
  if (field.kind == ImageKind::kDepth) {
    std::vector<float> depth(field.bytes() / sizeof(float));
    for (float& metres : depth) metres = static_cast<float>(10 * rng.uniform());
    std::memcpy(bytes.data(), depth.data(), bytes.size());
  } else if (field.kind == ImageKind::kSegmentation) {
    std::vector<std::int16_t> bodies(field.bytes() / sizeof(std::int16_t));
    for (std::int16_t& body : bodies) body = static_cast<std::int16_t>(4 * rng.uniform() - 1);
    std::memcpy(bytes.data(), bodies.data(), bytes.size());
  } else {
    for (char& byte : bytes) byte = static_cast<char>(256 * rng.uniform());
  }
  return bytes;
}

/// Renders the first `rows` rows of an episode; with all of them it is committed.
void render(ImageDataset& dataset, const ImageHeader& header, const Episode& episode, int index,
            int rows = kSteps + 1) {
  dataset.begin(index, kSteps + 1, kNotes);
  for (int row = 0; row < rows; ++row) {
    std::vector<std::vector<char>> images;
    std::vector<const void*> pointers;
    for (const ImageField& field : header.fields) images.push_back(image_of(field, episode, row));
    for (const auto& image : images) pointers.push_back(image.data());
    dataset.append(pointers);
  }
  if (rows == kSteps + 1) dataset.commit();
}

/// Renders what is missing and returns how many episodes that was.
int render_missing(const fs::path& source, const fs::path& file) {
  ImageDataset dataset(source, file, sample_images());
  const DemonstrationReader reader(source);
  int rendered = 0;
  for (int i = 0; i < dataset.episodes(); ++i) {
    if (dataset.has(i)) continue;
    render(dataset, sample_images(), reader.read(i), i);
    ++rendered;
  }
  dataset.finish();
  return rendered;
}

int wrong_images(const fs::path& source, const fs::path& file) {
  const DemonstrationReader original(source);
  const DemonstrationReader reader(file);
  REQUIRE(reader.header().images == sample_images());
  int wrong = 0;
  for (int i = 0; i < original.size(); ++i) {
    const Episode episode = original.read(i);
    const ImageHeader header = sample_images();
    for (const ImageField& field : header.fields) {
      for (int row = 0; row <= kSteps; ++row) {
        std::vector<char> image(field.bytes());
        reader.read_image(i, field, row, image.data());
        wrong += image != image_of(field, episode, row);
      }
    }
  }
  return wrong;
}

}  // namespace

TEST_CASE("a dataset with images holds them and, to the last bit, all that it was made of") {
  const TemporaryDirectory directory;
  const fs::path source = directory / "demos.h5", file = directory / "images.h5";
  record_episodes(source, 4, 1);
  CHECK(render_missing(source, file) == 4);
  CHECK(validate(file) == std::vector<std::string>{});
  CHECK(listing(directory.path()) == std::vector<std::string>{"demos.h5", "images.h5"});
  CHECK(wrong_images(source, file) == 0);
  const DemonstrationReader original(source), reader(file);
  REQUIRE(reader.size() == 4);
  for (int i = 0; i < 4; ++i) {
    CHECK(difference(original.read(i), reader.read(i)).empty());
    CHECK(original.checksum(i) == reader.checksum(i));
  }
  CHECK(original.mask("train") == reader.mask("train"));
  CHECK(original.mask("valid") == reader.mask("valid"));
  CHECK(reader.image_bodies(0, sample_images().fields[2]) == kNotes.bodies);
  CHECK(reader.skipped_fields().empty());
  CHECK_THROWS_WITH(reader.read_image(0, sample_images().fields[0], kSteps + 1, nullptr),
                    ContainsSubstring("want a row below 10, found 10"));
  std::vector<char> image(3);
  CHECK_THROWS_WITH(
      reader.read_image(0, {.camera = "side", .kind = ImageKind::kColour, .width = 1, .height = 1}, 0,
                        image.data()),
      ContainsSubstring("obs/side_image: want an array of images"));
}

TEST_CASE("Minari's view of a dataset with images has the low-dimensional observations alone") {
  const TemporaryDirectory directory;
  record_episodes(directory / "demos.h5", 2, 1);
  render_missing(directory / "demos.h5", directory / "images.h5");
  const hdf5::Handle file = hdf5::open_file(directory / "images.h5");
  const auto group = hdf5::open_group({file.get(), ""}, "episode_1/observations");
  REQUIRE(group);
  std::set<std::string> fields;
  const DatasetHeader header = sample_header();
  for (const Field& field : header.observation.fields()) fields.insert(field.name);
  const auto names = hdf5::link_names({group->get(), ""});
  CHECK(std::set<std::string>(names.begin(), names.end()) == fields);
}

TEST_CASE("what was rendered before an interruption is not rendered again") {
  const TemporaryDirectory directory;
  const fs::path source = directory / "demos.h5", file = directory / "images.h5";
  record_episodes(source, 3, 1);
  {
    ImageDataset dataset(source, file, sample_images());
    const DemonstrationReader reader(source);
    render(dataset, sample_images(), reader.read(1), 1);
    CHECK_THROWS_WITH(dataset.finish(), ContainsSubstring("episode 0 has no images yet"));
    render(dataset, sample_images(), reader.read(2), 2, 4);
    CHECK_THROWS_WITH(dataset.commit(), ContainsSubstring("want 10 images of episode 2, found 4"));
  }
  CHECK_FALSE(fs::exists(file));
  {
    // Another driver draws other images: of those none is there.
    ImageHeader other = sample_images();
    other.driver = "another";
    CHECK_FALSE(ImageDataset(source, file, other).has(1));
  }
  {
    const ImageDataset dataset(source, file, sample_images());
    CHECK_FALSE(dataset.has(0));
    CHECK(dataset.has(1));
    CHECK_FALSE(dataset.has(2));
  }
  CHECK(render_missing(source, file) == 2);
  CHECK(validate(file) == std::vector<std::string>{});
  CHECK(wrong_images(source, file) == 0);

  // The same bytes as without the interruption.
  render_missing(source, directory / "straight.h5");
  CHECK((content(file) == content(directory / "straight.h5")));
}

TEST_CASE("a part that is damaged or of another episode is rendered again") {
  const TemporaryDirectory directory;
  const fs::path source = directory / "demos.h5", file = directory / "images.h5";
  record_episodes(source, 2, 1);
  {
    ImageDataset dataset(source, file, sample_images());
    const DemonstrationReader reader(source);
    for (int i = 0; i < 2; ++i) render(dataset, sample_images(), reader.read(i), i);
  }
  const fs::path first = fs::path(file.string() + ".rendering") / "episode_000000.h5";
  const fs::path second = fs::path(file.string() + ".rendering") / "episode_000001.h5";
  REQUIRE(fs::exists(first));
  fs::copy_file(second, first, fs::copy_options::overwrite_existing);
  write_content(second, content(second).substr(0, 700));
  CHECK(render_missing(source, file) == 2);
  CHECK(wrong_images(source, file) == 0);
}

TEST_CASE("after more recording only the new episodes are rendered") {
  const TemporaryDirectory directory;
  const fs::path source = directory / "demos.h5", file = directory / "images.h5";
  record_episodes(source, 3, 1);
  CHECK(render_missing(source, file) == 3);
  CHECK(render_missing(source, file) == 0);
  const std::string before = content(file);
  CHECK_FALSE(ImageDataset(source, file, sample_images()).finish());
  CHECK((content(file) == before));
  {
    DemonstrationWriter writer(source, sample_header());
    REQUIRE(writer.undo_last());  // 3 becomes 2
    Rng rng(8);
    for (int i = 0; i < 2; ++i) record(writer, good_episode(sample_header(), kSteps, rng));
    writer.pack();
  }
  CHECK(render_missing(source, file) == 2);
  CHECK(validate(file) == std::vector<std::string>{});
  CHECK(wrong_images(source, file) == 0);
  CHECK(DemonstrationReader(file).size() == 4);
}

TEST_CASE("images go into a file of their own, which no other file is lost for") {
  const TemporaryDirectory directory;
  const fs::path source = directory / "demos.h5", file = directory / "images.h5";
  record_episodes(source, 2, 1);
  const auto open = [&](const fs::path& from, const fs::path& to, const ImageHeader& header = sample_images(),
                        bool force = false) { ImageDataset(from, to, header, {.force = force}).has(0); };
  CHECK_THROWS_AS(open(source, source), UsageError);
  CHECK_THROWS_AS(open(source, file, {}), UsageError);
  CHECK_THROWS_WITH(open(directory / "none.h5", file), ContainsSubstring("no such file"));
  CHECK_THROWS_WITH(open(source, directory / "no" / "images.h5"), ContainsSubstring("no such directory"));
  render_missing(source, file);
  CHECK_THROWS_WITH(open(file, directory / "more.h5"), ContainsSubstring("holds images already"));
  ImageHeader small = sample_images();
  small.fields.resize(1);
  CHECK_THROWS_WITH(open(source, file, small), ContainsSubstring("top_image 4x6, not front_image 7x5"));
  record_episodes(directory / "others.h5", 2, 2);
  CHECK_THROWS_WITH(open(directory / "others.h5", file), ContainsSubstring("other demonstrations"));
  CHECK_THROWS_WITH(open(source, directory / "others.h5"), ContainsSubstring("holds no images"));
  write_content(directory / "text", "text");
  CHECK_THROWS_WITH(open(source, directory / "text"), ContainsSubstring("in the way"));
  CHECK_NOTHROW(open(source, directory / "text", sample_images(), true));
  CHECK(content(directory / "text") == "text");  // until there is something to put in its place
  {
    const ImageDataset busy(source, file, sample_images());
    CHECK_THROWS_WITH(open(source, file), ContainsSubstring("another process renders"));
  }
  CHECK_THROWS_WITH(DemonstrationWriter(file, sample_header()), ContainsSubstring("render them again"));
  CHECK(validate(file) == std::vector<std::string>{});
}

TEST_CASE("each violation by images is found and named") {
  const TemporaryDirectory directory;
  const fs::path source = directory / "demos.h5", file = directory / "images.h5";
  record_episodes(source, 2, 1);
  render_missing(source, file);
  std::string complaint;
  {
    const hdf5::Handle handle = hdf5::open_file_to_fill(file);
    const hdf5::Place root{handle.get(), ""};
    const auto overwrite = [&](const std::string& array, hdf5::Store store, const void* data) {
      const auto opened = hdf5::open_array(root, array);
      hdf5::write_image(opened->dataset, array, store, 3, data);
    };
    SECTION("another image") {
      const std::vector<std::uint8_t> black(7 * 5 * 3, 0);
      overwrite("data/demo_1/obs/front_image", hdf5::Store::kUint8, black.data());
      complaint = "/data/demo_1: the images do not match their checksum";
    }
    SECTION("a depth behind the camera") {
      const std::vector<float> behind(7 * 5, -1.0F);
      overwrite("data/demo_0/obs/front_depth", hdf5::Store::kFloat32, behind.data());
      complaint = "/data/demo_0/obs/front_depth: want finite depths of at least 0, found others in row 3";
    }
    SECTION("a body without a name") {
      const std::vector<std::int16_t> nobody(7 * 5, 3);
      overwrite("data/demo_0/obs/front_segmentation", hdf5::Store::kInt16, nobody.data());
      complaint = "/data/demo_0/obs/front_segmentation: want bodies from -1 to 2, found others in row 3";
    }
    SECTION("an array that is missing") {
      hdf5::remove_link(root, "data/demo_1/obs/top_image");
      complaint = "/data/demo_1/obs/top_image: want an array, found none";
    }
    SECTION("an array of another size") {
      hdf5::remove_link(root, "data/demo_1/obs/top_image");
      hdf5::create_images(root, "data/demo_1/obs/top_image", hdf5::Store::kUint8, {10, 6, 5, 3});
      complaint = "/data/demo_1/obs/top_image: want [10, 6, 4, 3], found [10, 6, 5, 3]";
    }
    SECTION("images where Minari looks") {
      hdf5::hard_link(root, "data/demo_0/obs/top_image", root, "episode_0/observations/top_image");
      complaint = "/episode_0/observations: want fields of the observation space only, found others";
    }
    SECTION("a stranger among the observations") {
      hdf5::hard_link(root, "data/demo_0/obs/top_image", root, "data/demo_0/obs/side_image");
      complaint = "/data/demo_0/obs/side_image: want fields of the observation space and images only";
    }
  }
  const std::vector<std::string> violations = validate(file);
  REQUIRE_FALSE(violations.empty());
  CHECK_THAT(violations.front(), ContainsSubstring(complaint));
}
