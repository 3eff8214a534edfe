// Other programs' layouts, as readers to be given damaged files.

#include "datasets/foreign/conversion.h"
#include "tests/fuzz/readers.h"
#include "tests/support/file_content.h"
#include "tests/support/foreign_samples.h"
#include "tests/support/sample_data.h"

namespace understudy::tests {
namespace fs = std::filesystem;
namespace {

/// Reads all that a conversion would read.
std::string read_all(const fs::path& file, const char* format) {
  const auto source = open_source(file, {.format = format, .horizon = 7});
  map_fields(source->description(), std::nullopt, {});
  for (int i = 0; i < source->size(); ++i) source->read(i);
  return "";
}

template <class Write>
Reader hdf5_reader(const char* name, const Write& write) {
  return {name, false, ".h5",
          [write](const fs::path& folder) {
            const fs::path file = folder / "sample.h5";
            write(file, foreign_episodes(1));
            std::vector<std::string> bytes{content(file)};
            fs::remove(file);
            return bytes;
          },
          [name](const fs::path& file) { return read_all(file, name); }};
}

}  // namespace

std::vector<Reader> foreign_readers() {
  const auto space = [] { return sample_header().observation; };
  return {
      hdf5_reader("robomimic",
                  [=](const fs::path& file, const auto& all) { write_robomimic(file, all, space()); }),
      hdf5_reader("isaaclab",
                  [=](const fs::path& file, const auto& all) { write_isaaclab(file, all, space()); }),
      hdf5_reader("d4rl", [](const fs::path& file, const auto& all) { write_d4rl(file, all, true, true); }),
      hdf5_reader("minari",
                  [=](const fs::path& file, const auto& all) {
                    write_minari(file.parent_path() / "set", all, space());
                    fs::copy_file(file.parent_path() / "set/data/main_data.hdf5", file);
                    fs::remove_all(file.parent_path() / "set");
                  }),
      // Beside it lies a sound file, whose folder is what is read.
      {"minari_metadata", true, ".json",
       [](const fs::path& folder) {
         write_minari(folder / "set", foreign_episodes(1), sample_header().observation);
         return std::vector<std::string>{content(folder / "set/data/metadata.json")};
       },
       [](const fs::path& file) {
         const fs::path set = file.parent_path() / "set";
         fs::copy_file(file, set / "data/metadata.json", fs::copy_options::overwrite_existing);
         return read_all(set, "minari");
       }},
      {"mlagents", false, ".demo",
       [](const fs::path&) { return std::vector<std::string>{mlagents_recording(foreign_episodes(1))}; },
       [](const fs::path& file) { return read_all(file, "mlagents"); }},
  };
}

}  // namespace understudy::tests
