// Files that are damaged or made to do harm: each is refused in one line, in time and in little memory.

#include <hdf5.h>
#include <sys/stat.h>

#include <cstring>
#include <fstream>

#include "datasets/format/demonstration_reader.h"
#include "datasets/storage/hdf5_file.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace fs = std::filesystem;
namespace {

using hdf5::Handle;
using hdf5::Place;
using hdf5::Store;

void write_dataset(const fs::path& file) {
  DemonstrationWriter writer(file, sample_header());
  Rng rng(1);
  record(writer, good_episode(sample_header(), 5, rng));
  writer.pack();
}

/// Opens a file of ours for changes; `change` gets its root.
template <class Change>
void change(const fs::path& file, const Change& change) {
  const Handle handle = hdf5::open_file_to_fill(file);
  change(Place{handle.get(), ""});
}

/// An array that says it has `rows` rows of 2 and holds nothing.
void write_empty(const Place& group, const char* name, hsize_t rows, const Handle& creation) {
  const hsize_t shape[] = {rows, 2};
  const Handle space(H5Screate_simple(2, shape, nullptr), H5Sclose);
  const Handle array(
      H5Dcreate2(group.id, name, H5T_IEEE_F32LE, space.get(), H5P_DEFAULT, creation.get(), H5P_DEFAULT),
      H5Dclose);
  REQUIRE(array);
}

Handle chunked(hsize_t rows) {
  Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  const hsize_t chunk[] = {rows, 2};
  H5Pset_chunk(creation.get(), 2, chunk);
  return creation;
}

std::string message(const fs::path& file) {
  try {
    DemonstrationReader(file).read(0);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("a list of text whose width times count is more than there is is refused") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  write_dataset(file);
  change(file, [](const Place& root) {
    hdf5::remove_link(root, "understudy/checksums");
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.get(), std::size_t{1} << 31);
    const hsize_t count = hsize_t{1} << 33;  // together 2^64
    const Handle space(H5Screate_simple(1, &count, nullptr), H5Sclose);
    const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    const hsize_t chunk = 1;
    H5Pset_chunk(creation.get(), 1, &chunk);
    const Handle array(H5Dcreate2(root.id, "understudy/checksums", type.get(), space.get(), H5P_DEFAULT,
                                  creation.get(), H5P_DEFAULT),
                       H5Dclose);
    REQUIRE(array);
  });
  CHECK_THAT(message(file), ContainsSubstring("/understudy/checksums: want an array that the file can hold"));
}

TEST_CASE("a file in which HDF5 never ends is refused") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  write_dataset(file);
  std::string bytes = content(file);
  const std::size_t heap = bytes.find("GCOL");
  REQUIRE(heap != std::string::npos);
  // The heap's header stays; of its objects nothing does.
  bytes.replace(heap + 16, 4096 - 16, 4096 - 16, '\0');
  write_content(file, bytes);
  const std::string line = message(file);
  CHECK_THAT(line, StartsWith(file.string()) && !ContainsSubstring("\n"));
}

TEST_CASE("arrays of which a small file can hold nothing are refused before memory is set aside") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  for (const hsize_t rows : {hsize_t{1} << 24, hsize_t{1} << 40, hsize_t{1} << 62}) {
    CAPTURE(rows);
    fs::remove(file);
    write_dataset(file);
    change(file, [rows](const Place& root) {
      hdf5::remove_link(root, "data/demo_0/actions");
      write_empty(root, "data/demo_0/actions", rows, chunked(256));
    });
    CHECK_THAT(message(file), ContainsSubstring("/data/demo_0/actions: want an array"));
  }
}

TEST_CASE("numbers in other files are neither read nor followed") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  write_dataset(directory / "other.h5");
  const auto refused = [&](const char* word, const auto& spoil) {
    fs::remove(file);
    write_dataset(file);
    change(file, [&](const Place& root) {
      hdf5::remove_link(root, "data/demo_0/actions");
      spoil(root);
    });
    CHECK_THAT(message(file), ContainsSubstring("/data/demo_0/actions: want") && ContainsSubstring(word));
  };
  refused("found a link to another file", [&](const Place& root) {
    REQUIRE(H5Lcreate_external((directory / "other.h5").c_str(), "/data/demo_0/actions", root.id,
                               "data/demo_0/actions", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  });
  refused("found that they are in others", [](const Place& root) {
    const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    REQUIRE(H5Pset_external(creation.get(), "/etc/passwd", 0, 40) >= 0);
    write_empty(root, "data/demo_0/actions", 5, creation);
  });
  refused("found that they are in others", [&](const Place& root) {
    const hsize_t shape[] = {5, 2};
    const Handle space(H5Screate_simple(2, shape, nullptr), H5Sclose);
    const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    REQUIRE(H5Pset_virtual(creation.get(), space.get(), (directory / "other.h5").c_str(),
                           "/data/demo_0/actions", space.get()) >= 0);
    write_empty(root, "data/demo_0/actions", 5, creation);
  });
}

TEST_CASE("a filter that this program has not is called by its name, with the way out") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  write_dataset(file);
  change(file, [](const Place& root) {
    hdf5::remove_link(root, "data/demo_0/actions");
    const Handle creation = chunked(5);
    REQUIRE(H5Pset_filter(creation.get(), 32000, H5Z_FLAG_OPTIONAL, 0, nullptr) >= 0);
    write_empty(root, "data/demo_0/actions", 5, creation);
  });
  CHECK_THAT(message(file), ContainsSubstring("found LZF; write them again with h5py"));
}

TEST_CASE("control characters of a file are no characters of a message") {
  const TemporaryDirectory directory;
  const fs::path file = directory / "demos.h5";
  write_dataset(file);
  change(file, [](const Place& root) {
    const Handle ours(H5Gopen2(root.id, "understudy", H5P_DEFAULT), H5Gclose);
    REQUIRE(H5Adelete(ours.get(), "environment_id") >= 0);
    hdf5::write_text({ours.get(), ""}, "environment_id",
                     "Drive\x1b[2J\xC2\x9B"
                     "31m");
  });
  CHECK(DemonstrationReader(file).header().environment_id == "Drive?[2J??31m");
}

TEST_CASE("a pipe is no data set, and is not waited for") {
  const TemporaryDirectory directory;
  const fs::path pipe = directory / "demos.h5";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK_THAT(message(pipe), ContainsSubstring("found a pipe or a device"));
}

}  // namespace
}  // namespace understudy
