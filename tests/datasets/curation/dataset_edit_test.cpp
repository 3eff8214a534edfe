#include "datasets/curation/dataset_edit.h"

#include <sys/stat.h>

#include "datasets/curation/validation.h"
#include "datasets/format/demonstration_choice.h"
#include "datasets/recording/demonstration_writer.h"
#include "datasets/storage/hdf5_file.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

namespace fs = std::filesystem;

/// Episodes of 5, 6, 7, ... steps, all successful.
fs::path record_episodes(const TemporaryDirectory& directory, const std::string& name, int episodes,
                         std::uint64_t seed) {
  const DatasetHeader header = sample_header();
  DemonstrationWriter writer(directory / name, header);
  Rng rng(seed);
  for (int i = 0; i < episodes; ++i) record(writer, good_episode(header, 5 + i, rng));
  writer.pack();
  return directory / name;
}

void write_mask(const fs::path& file, const std::string& name, const std::vector<std::string>& episodes) {
  const hdf5::Handle handle = hdf5::open_file_to_fill(file);
  const hdf5::Place root{handle.get(), ""};
  if (hdf5::has_link(root, "mask/" + name)) hdf5::remove_link(root, "mask/" + name);
  hdf5::write_names(root, "mask/" + name, episodes);
}

}  // namespace

TEST_CASE("a new dataset holds the episodes picked, bit for bit, in their order, and keeps the contract") {
  const TemporaryDirectory scratch;
  const fs::path one = record_episodes(scratch, "one.h5", 4, 1),
                 two = record_episodes(scratch, "two.h5", 3, 2);
  const fs::path out = scratch / "out.h5";
  const std::vector<PickedEpisode> picked{{1, 2}, {0, 3}, {0, 0}, {1, 0}};
  write_edited({.files = {one, two}, .episodes = picked}, out);
  CHECK(validate(out).empty());
  const DemonstrationReader made(out), readers[] = {DemonstrationReader(one), DemonstrationReader(two)};
  REQUIRE(made.size() == 4);
  for (int i = 0; i < 4; ++i) {
    const auto& [file, episode] = picked[static_cast<std::size_t>(i)];
    CHECK(difference(made.read(i), readers[file].read(episode)).empty());
    CHECK(made.checksum(i) == readers[file].checksum(episode));
    CHECK(made.summary(i).device == readers[file].summary(episode).device);
  }
  // No list was chosen by anybody: the program's own split of what there is now.
  CHECK(made.mask("train") == split_masks({0, 1, 2, 3}).train);
  CHECK(listing(scratch / "out.h5.parts").empty());
}

TEST_CASE("lists of episodes follow their episodes, and those somebody chose stay as chosen") {
  const TemporaryDirectory scratch;
  const fs::path file = record_episodes(scratch, "demos.h5", 5, 1);
  write_mask(file, "train", {"demo_1", "demo_3"});
  write_mask(file, "valid", {"demo_0"});
  write_mask(file, "better", {"demo_0", "demo_4"});
  write_mask(file, "gone", {"demo_2"});
  write_edited({.files = {file}, .episodes = {{0, 4}, {0, 3}, {0, 0}}}, scratch / "out.h5");
  const DemonstrationReader made(scratch / "out.h5");
  CHECK(made.all_masks() == NamedMasks{{"train", {1}}, {"valid", {2}}, {"better", {0, 2}}});
}

TEST_CASE("a dataset can be edited in place, with its rights, and is whole or as it was") {
  const TemporaryDirectory scratch;
  const fs::path file = record_episodes(scratch, "demos.h5", 3, 1);
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  write_edited({.files = {file}, .episodes = {{0, 2}}}, file);
  CHECK(DemonstrationReader(file).size() == 1);
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0640);

  const std::string before = content(file);
  const auto refused = [&](const DatasetEdit& edit, const fs::path& out, const char* message) {
    CHECK_THROWS_WITH(write_edited(edit, out), ContainsSubstring(message));
    CHECK(content(file) == before);
  };
  const fs::path other = record_episodes(scratch, "other.h5", 1, 2);
  refused({.files = {other}, .episodes = {{0, 0}}}, file, "there is a file already; choose another name");
  refused({.files = {file}, .episodes = {}}, file, "want at least one episode");
  refused({.files = {file},
           .episodes = {{0, 0}},
           .change = [](Episode& episode, const PickedEpisode&) { episode.rewards.pop_back(); }},
          file, "rewards");
  DemonstrationWriter writer(file, sample_header());
  refused({.files = {other}, .episodes = {{0, 0}}}, file, "there is a file already");
  CHECK_THROWS_WITH(write_edited({.files = {file}, .episodes = {{0, 0}}}, file),
                    ContainsSubstring("records into"));
}

TEST_CASE("datasets of other tasks or spaces do not go together") {
  const TemporaryDirectory scratch;
  const fs::path one = record_episodes(scratch, "one.h5", 1, 1);
  DatasetHeader header = sample_header();
  header.environment_id = "Other";
  Rng rng(1);
  {
    DemonstrationWriter writer(scratch / "two.h5", header);
    record(writer, good_episode(header, 5, rng));
    writer.pack();
  }
  CHECK_THROWS_WITH(
      write_edited({.files = {one, scratch / "two.h5"}, .episodes = {{0, 0}, {1, 0}}}, scratch / "out.h5"),
      ContainsSubstring("two.h5: does not go with") && ContainsSubstring("Other"));
  CHECK_FALSE(fs::exists(scratch / "out.h5"));
}

TEST_CASE("changed episodes are written with new checksums, the others' numbers untouched") {
  const TemporaryDirectory scratch;
  const fs::path file = record_episodes(scratch, "demos.h5", 3, 1);
  DatasetEdit edit{.files = {file}, .episodes = {{0, 0}, {0, 1}, {0, 2}}};
  edit.change = [](Episode& episode, const PickedEpisode& picked) {
    if (picked.episode == 1) episode.success = false;
  };
  write_edited(edit, scratch / "out.h5");
  CHECK(validate(scratch / "out.h5").empty());
  const DemonstrationReader before(file), after(scratch / "out.h5");
  CHECK(after.checksum(0) == before.checksum(0));
  CHECK_FALSE(after.summary(1).success);
  CHECK(after.mask("train") == split_masks({0, 2}).train);
}

TEST_CASE("dropped episodes are left out by everything, and stay dropped when more is recorded") {
  const TemporaryDirectory scratch;
  const fs::path file = record_episodes(scratch, "demos.h5", 4, 1);
  DatasetEdit edit{.files = {file}, .episodes = all_episodes(DemonstrationReader(file))};
  edit.change_masks = [](NamedMasks& masks) { masks[kDroppedMask] = {1, 2}; };
  write_edited(edit, file);
  const auto chosen = [&] {
    Rng rng(1);
    std::vector<int> list;
    for (const ChosenEpisode& each :
         choose_demonstrations(DemonstrationReader(file), {.data = file.string()}, true, rng).episodes)
      list.push_back(each.index);
    return list;
  };
  CHECK(chosen() == std::vector<int>{0, 3});
  CHECK(usable_episodes(DemonstrationReader(file)) == std::vector<int>{0, 3});
  CHECK(DemonstrationReader(file).mask("train") == split_masks({0, 3}).train);
  {
    DemonstrationWriter writer(file, sample_header());
    Rng rng(9);
    record(writer, good_episode(sample_header(), 5, rng));
    writer.pack();
  }
  CHECK(chosen() == std::vector<int>{0, 3, 4});
  CHECK(DemonstrationReader(file).mask(kDroppedMask) == std::vector<int>{1, 2});
  CHECK(DemonstrationReader(file).mask("train") == split_masks({0, 3, 4}).train);
}

}  // namespace understudy::tests
