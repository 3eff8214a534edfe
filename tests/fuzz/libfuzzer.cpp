// The same readers under libFuzzer, which keeps what reaches new code: tests/fuzz/run.sh has the command. The reader
// is chosen by the environment: UNDERSTUDY_READER.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "datasets/types/rng.h"
#include "tests/fuzz/mutations.h"
#include "tests/fuzz/readers.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_directory.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace understudy::tests {
namespace {

struct Target {
  const Reader* reader = nullptr;
  TemporaryDirectory folder{};
  std::vector<std::string> seeds{};
  std::vector<std::string> sound{};

  Target() {
    const char* const name = std::getenv("UNDERSTUDY_READER");
    for (const Reader& each : readers()) {
      if (name != nullptr && std::string(name) == each.name) reader = &each;
    }
    if (reader == nullptr) {
      std::fprintf(stderr, "libfuzzer: want UNDERSTUDY_READER, one of what `fuzz` lists\n");
      std::exit(2);
    }
    seeds = reader->seeds(folder.path());
    for (const std::string& bytes : seeds) {
      write_content(file(), bytes);
      sound.push_back(reader->read(file()));
    }
    for (std::string& bytes : corpus(*reader)) seeds.push_back(std::move(bytes));
  }
  std::filesystem::path file() const { return folder / (std::string("input") + reader->ending); }
};

Target& target() {
  static Target only;
  return only;
}

}  // namespace
}  // namespace understudy::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace understudy::tests;
  Target& on = target();
  write_content(on.file(), std::string(reinterpret_cast<const char*>(data), size));
  const std::string fault = try_reader(*on.reader, on.file(), on.sound);
  if (fault.empty()) return 0;
  std::fprintf(stderr, "%s: %s\n", on.reader->name, fault.c_str());
  std::abort();
}

/// Structure half of the time: pieces of sound files and words of the format in place of others.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned int seed) {
  using namespace understudy::tests;
  understudy::Rng rng(seed);
  if (rng.below(2) == 0) return LLVMFuzzerMutate(data, size, most);
  Target& on = target();
  std::string input(reinterpret_cast<const char*>(data), size);
  if (input.size() < 2 || rng.below(64) == 0) input = on.seeds[rng.below(on.seeds.size())];
  input = mutated(std::move(input), on.seeds, on.reader->text, rng);
  const std::size_t length = std::min(input.size(), most);
  std::memcpy(data, input.data(), length);
  return length;
}
