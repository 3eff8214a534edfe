// What a session adds to a file that is there leaves the rest of it as it was.

#include <filesystem>

#include "datasets/format/demonstration_reader.h"
#include "datasets/recording/demonstration_writer.h"
#include "datasets/storage/hdf5_file.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

/// A session of one successful episode.
void record_one(const std::filesystem::path& file, std::uint64_t seed) {
  DemonstrationWriter writer(file, sample_header());
  Rng rng(seed);
  record(writer, good_episode(sample_header(), 12, rng));
  writer.pack();
}

TEST_CASE("masks of somebody's own outlive the next session") {
  const TemporaryDirectory directory;
  const auto file = directory / "demos.h5";
  for (std::uint64_t seed = 0; seed < 3; ++seed) record_one(file, seed);
  {
    const hdf5::Handle handle = hdf5::open_file_to_fill(file);
    const hdf5::Place root{handle.get(), ""};
    for (const char* name : {"mask/train", "mask/valid"}) hdf5::remove_link(root, name);
    hdf5::write_names(root, "mask/train", {"demo_2"});
    hdf5::write_names(root, "mask/valid", {"demo_0"});
    hdf5::write_names(root, "mask/better", {"demo_1", "demo_2"});
  }
  record_one(file, 3);
  const DemonstrationReader reader(file);
  CHECK(reader.mask("better") == std::vector<int>{1, 2});
  CHECK(reader.mask("valid") == std::vector<int>{0});
  CHECK(reader.mask("train") == std::vector<int>{2, 3});
}

TEST_CASE("adding to a file keeps its rights, and says what would surprise") {
  const TemporaryDirectory directory;
  const auto file = directory / "demos.h5";
  record_one(file, 0);
  std::filesystem::permissions(file, std::filesystem::perms(0640));
  record_one(file, 1);
  CHECK(std::filesystem::status(file).permissions() == std::filesystem::perms(0640));
  const std::string before = content(file);
  std::filesystem::permissions(file, std::filesystem::perms(0440));
  CHECK_THROWS_WITH(record_one(file, 0), ContainsSubstring("is write-protected"));
  CHECK(content(file) == before);
  CHECK(listing(directory.path()) == std::vector<std::string>{"demos.h5"});
  std::filesystem::permissions(file, std::filesystem::perms(0640));
  std::filesystem::create_hard_link(file, directory / "second.h5");
  const DemonstrationWriter writer(file, sample_header());
  REQUIRE(writer.recovered().notes.size() == 1);
  CHECK_THAT(writer.recovered().notes.front(), ContainsSubstring("2 names (hard links)"));
}

}  // namespace
}  // namespace understudy
