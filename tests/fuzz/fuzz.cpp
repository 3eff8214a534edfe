// Reads damaged files, hundreds of thousands of them, and says what should not have happened: a crash (the sanitizers
// end the program), more than ten seconds or a gigabyte, a message that is not one line of ours, changed numbers that
// nobody notices. First those of tests/fuzz/corpus as they are.
//
// usage: fuzz READER INPUTS SEED [FOLDER]    reads INPUTS damaged files; keeps the present one in FOLDER/input
//        fuzz READER FILE                    reads a file once, to see again what happened
// Without READER it lists the readers.

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/fuzz/mutations.h"
#include "tests/fuzz/readers.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

namespace fs = std::filesystem;

long peak_kilobytes() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

int run(const Reader& reader, long inputs, std::uint64_t seed, const fs::path& folder) {
  fs::create_directories(folder);
  const std::vector<std::string> seeds = reader.seeds(folder);
  const fs::path file = folder / (std::string("input") + reader.ending);
  std::vector<std::string> sound;
  for (const std::string& bytes : seeds) {
    write_content(file, bytes);
    sound.push_back(reader.read(file));  // which must succeed
  }
  const std::vector<std::string> known = corpus(reader);
  std::vector<std::string> stock = seeds;
  stock.insert(stock.end(), known.begin(), known.end());
  int faults = 0;
  Rng rng(seed);
  const long before = peak_kilobytes();
  const long first = -static_cast<long>(known.size());
  for (long i = first; i < inputs; ++i) {
    write_content(file, i < 0 ? known[static_cast<std::size_t>(i - first)]
                              : mutated(stock[rng.below(stock.size())], stock, reader.text, rng));
    std::string fault = try_reader(reader, file, sound);
    if (fault.empty() && peak_kilobytes() - before > 1'000'000) fault = "took more than a gigabyte";
    if (fault.empty()) continue;
    const fs::path kept =
        folder / ("fault_" + std::to_string(seed) + "_" + std::to_string(i) + reader.ending);
    fs::copy_file(file, kept, fs::copy_options::overwrite_existing);
    std::printf("%s: %s: %s\n", reader.name, kept.c_str(), fault.c_str());
    ++faults;
  }
  std::printf("%s: %ld inputs from seed %llu, %d faults\n", reader.name, inputs - first,
              static_cast<unsigned long long>(seed), faults);
  return faults == 0 ? 0 : 1;
}

int main_of(int argc, char** argv) {
  for (const Reader& reader : readers()) {
    if (argc < 2) std::printf("%s\n", reader.name);
    if (argc < 2 || argv[1] != std::string(reader.name)) continue;
    if (argc == 3) {
      const std::string fault = try_reader(reader, argv[2], {""});
      std::printf("%s\n", fault.empty() ? "nothing happened that should not" : fault.c_str());
      return fault.empty() ? 0 : 1;
    }
    if (argc < 4) break;
    const TemporaryDirectory own;
    return run(reader, std::atol(argv[2]), std::strtoull(argv[3], nullptr, 10),
               argc > 4 ? fs::path(argv[4]) : own.path());
  }
  if (argc >= 2) std::fprintf(stderr, "usage: fuzz READER INPUTS SEED [FOLDER] | fuzz READER FILE\n");
  return argc < 2 ? 0 : 2;
}

}  // namespace
}  // namespace understudy::tests

int main(int argc, char** argv) {
  return understudy::tests::main_of(argc, argv);
}
