#pragma once
/// \file The ways into the program for other people's bytes, and what each must do with damaged ones.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace understudy::tests {

/// A way into the program for other people's bytes.
struct Reader {
  const char* name;
  bool text;
  const char* ending;
  /// Sound files.
  std::function<std::vector<std::string>(const std::filesystem::path& folder)> seeds;
  /// Reads a file. Returns what must not change unnoticed, if that can be told; throws Error.
  std::function<std::string(const std::filesystem::path& file)> read;
};

const std::vector<Reader>& readers();
/// Those of other programs' datasets (datasets/foreign); among readers().
std::vector<Reader> foreign_readers();

/// Reads a file and returns what should not have happened: another exception than Error, a message that is not one
/// line of ours, more than ten seconds, numbers that are not among `sound`. Empty: nothing.
std::string try_reader(const Reader& reader, const std::filesystem::path& file,
                       const std::vector<std::string>& sound);

/// Files of tests/fuzz/corpus/READER: damaged ones that once did harm, and sound ones of others.
std::vector<std::string> corpus(const Reader& reader);

}  // namespace understudy::tests
