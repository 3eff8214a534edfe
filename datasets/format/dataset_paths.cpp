#include "datasets/format/dataset_paths.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "datasets/types/error.h"

namespace understudy {
namespace fs = std::filesystem;
namespace {

std::string numbered(const std::string& stem, int number, const std::string& extension) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "_%06d", number);
  return stem + digits + extension;
}

fs::path resolve(const fs::path& dataset) {
  if (dataset.empty()) throw UsageError("want the name of a dataset file, found none");
  const fs::path absolute = fs::weakly_canonical(fs::absolute(dataset));
  if (!fs::is_directory(absolute.parent_path())) {
    throw Error(absolute.parent_path().string() + ": no such directory; make it first");
  }
  return absolute;
}

}  // namespace

DatasetPaths::DatasetPaths(const fs::path& dataset)
    : file(resolve(dataset)), parts(file.string() + ".parts"), aside(file.string() + ".aside") {}

fs::path DatasetPaths::part(int number) const {
  return parts / numbered("part", number, ".h5");
}
fs::path DatasetPaths::journal(int number) const {
  return parts / numbered("live", number, ".journal");
}
fs::path DatasetPaths::undone(int number) const {
  return aside / numbered("undone", number, ".h5");
}

std::vector<int> numbered_files(const fs::path& directory, const std::string& stem,
                                const std::string& extension) {
  std::vector<int> numbers;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    const std::string name = entry.path().filename().string();
    int number = 0;
    if (name.rfind(stem + "_", 0) != 0) continue;
    std::from_chars(name.data() + stem.size() + 1, name.data() + name.size(), number);
    if (name == numbered(stem, number, extension)) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

bool has_leftovers(const fs::path& file) {
  std::error_code error;
  // Its links followed, as DatasetPaths does: the parts lie beside the file itself.
  const fs::path parts = fs::weakly_canonical(fs::absolute(file, error), error).string() + ".parts";
  return !numbered_files(parts, "part", ".h5").empty() ||
         !numbered_files(parts, "live", ".journal").empty() || fs::exists(parts / "session.json", error);
}

void want_writable(const fs::path& file, bool replace) {
  if (fs::exists(file) && !replace)
    throw Error(file.string() + ": there is a file already; choose another name, or replace it with --force");
  if (has_leftovers(file)) {
    throw Error(
        file.string() +
        ": has episodes beside it that are not in it yet: it is being recorded, or run `understudy data "
        "recover` first");
  }
}

int undone_episodes(const fs::path& file) {
  return static_cast<int>(numbered_files(DatasetPaths(file).aside, "undone", ".h5").size());
}

}  // namespace understudy
