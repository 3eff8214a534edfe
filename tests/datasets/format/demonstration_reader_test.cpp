#include "datasets/format/demonstration_reader.h"

#include <hdf5.h>

#include "datasets/storage/hdf5_file.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

using namespace understudy;
using namespace understudy::tests;
namespace fs = std::filesystem;

namespace {

fs::path make_dataset(const fs::path& file, int episodes) {
  Rng rng(1);
  DemonstrationWriter writer(file, sample_header());
  for (int i = 0; i < episodes; ++i) record(writer, good_episode(sample_header(), 20, rng));
  writer.pack();
  return file;
}

/// Overwrites one entry of an array of a packed file in place.
void poke(const fs::path& file, const std::string& array, std::size_t entry, float value) {
  const hdf5::Handle handle = hdf5::open_file_to_fill(file);
  const auto opened = hdf5::open_array({handle.get(), file.string() + ":"}, array);
  REQUIRE(opened);
  std::vector<float> values(1000);
  opened->read(hdf5::Store::kFloat32, values.data());
  values[entry] = value;
  REQUIRE(H5Dwrite(opened->dataset.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >=
          0);
}

}  // namespace

TEST_CASE("a file that is no dataset is refused in one line that says what it is") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  const auto complaint = [&] {
    try {
      DemonstrationReader reader(file);
      return std::string("none");
    } catch (const Error& error) {
      REQUIRE(std::string(error.what()).find('\n') == std::string::npos);
      return std::string(error.what());
    }
  };
  SECTION("missing") {
    REQUIRE_THAT(complaint(), ContainsSubstring("demos.h5: no such file"));
  }
  SECTION("empty") {
    write_content(file, "");
    REQUIRE_THAT(complaint(), ContainsSubstring("found an empty file"));
  }
  SECTION("not HDF5") {
    write_content(file, std::string(5000, 'x'));
    REQUIRE_THAT(complaint(), ContainsSubstring("want an HDF5 file, found something else"));
  }
  SECTION("a directory") {
    fs::create_directory(file);
    REQUIRE_THAT(complaint(), ContainsSubstring("found a directory"));
  }
  SECTION("truncated") {
    const std::string bytes = content(make_dataset(directory / "whole.h5", 2));
    for (const std::size_t percent : {10U, 50U, 90U, 99U}) {
      write_content(file, bytes.substr(0, bytes.size() * percent / 100));
      REQUIRE_THAT(complaint(), ContainsSubstring("cut short"));
    }
  }
  SECTION("HDF5 without demonstrations") {
    hdf5::create_file(file).reset();
    REQUIRE_THAT(complaint(), ContainsSubstring("want demonstrations in /data/demo_0"));
  }
  SECTION("an empty /data") {
    const hdf5::Handle handle = hdf5::create_file(file);
    hdf5::create_group({handle.get(), ""}, "data");
    H5Fflush(handle.get(), H5F_SCOPE_GLOBAL);
    REQUIRE_THAT(complaint(), ContainsSubstring("want at least one demonstration, found none"));
  }
}

TEST_CASE("a value that is not finite or an action out of range is named with demo, array and row") {
  const TemporaryDirectory directory;
  const fs::path file = make_dataset(directory / "demos.h5", 3);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::string complaint;
  SECTION("observation") {
    poke(file, "data/demo_1/obs/goal", 7 * 3 + 1, nan);
    complaint = "demos.h5:/data/demo_1/obs/goal: want finite values, found NaN or infinity in row 7";
  }
  SECTION("action NaN") {
    poke(file, "data/demo_1/actions", 3 * 2, nan);
    complaint = "demos.h5:/data/demo_1/actions: want finite values, found NaN or infinity in row 3";
  }
  SECTION("action out of range") {
    poke(file, "data/demo_1/actions", 19 * 2 + 1, 1.25F);
    complaint = "demos.h5:/data/demo_1/actions: want values in [-1, 1], found 1.25";
  }
  SECTION("reward") {
    poke(file, "data/demo_1/rewards", 4, std::numeric_limits<float>::infinity());
    complaint = "demos.h5:/data/demo_1/rewards: want finite values, found NaN or infinity in row 4";
  }
  SECTION("state") {
    poke(file, "data/demo_1/states", 20 * 4, nan);
    complaint = "demos.h5:/data/demo_1/states: want finite values, found NaN or infinity in row 20";
  }
  const DemonstrationReader reader(file);
  REQUIRE_THROWS_WITH(reader.read(1), ContainsSubstring(complaint));
  REQUIRE_NOTHROW(reader.read(0));
  REQUIRE_NOTHROW(reader.read(2));
}

TEST_CASE("an unknown mask is refused with the known ones") {
  const TemporaryDirectory directory;
  const DemonstrationReader reader(make_dataset(directory / "demos.h5", 3));
  REQUIRE_THROWS_WITH(reader.mask("tran"), ContainsSubstring("did you mean 'train'? known: train, valid"));
}

TEST_CASE("states and infos are left out on request and the rest stays the same") {
  const TemporaryDirectory directory;
  const DemonstrationReader reader(make_dataset(directory / "demos.h5", 1));
  const Episode whole = reader.read(0);
  const Episode part = reader.read(0, {.states = false, .info = false});
  REQUIRE(part.states.rows() == 0);
  REQUIRE(part.info.timestamp.empty());
  REQUIRE(part.observations == whole.observations);
  REQUIRE(part.actions == whole.actions);
  REQUIRE(part.rewards == whole.rewards);
}

TEST_CASE("the hash of a dataset is what sha256sum prints") {
  // FIPS 180-4's example "abc".
  const TemporaryDirectory directory;
  write_content(directory / "abc", "abc");
  REQUIRE(file_sha256(directory / "abc") ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const DemonstrationReader reader(make_dataset(directory / "demos.h5", 1));
  REQUIRE(reader.sha256() == file_sha256(directory / "demos.h5"));
}
