#include "bc/runs/run_directory.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "datasets/types/error.h"
#include "datasets/types/shell_quoted.h"

namespace understudy {
namespace fs = std::filesystem;
namespace {

bool is_run_file(std::string name) {
  if (name.ends_with(".tmp")) name.resize(name.size() - 4);  // a file that was being replaced
  return name == "config.toml" || name == "manifest.json" || name == "metrics.csv" || name == "timing.csv" ||
         name == "policy.pt" || name == "randomise.toml" || name == "checkpoints" ||
         name.rfind("events.out.tfevents.", 0) == 0;
}

bool is_whole_run(const fs::path& path) {
  return fs::exists(path / "manifest.json") && fs::exists(path / "checkpoints" / "last.ckpt");
}

/// A run, or what is left of one that was killed while it was being made: the lock that it held and files of
/// runs only.
bool is_run(const fs::path& path) {
  if (fs::exists(path / "manifest.json")) return true;
  return fs::exists(path / ".lock") &&
         std::all_of(fs::directory_iterator(path), fs::directory_iterator(), [](const auto& entry) {
           const std::string name = entry.path().filename().string();
           return name == ".lock" || is_run_file(name);
         });
}

/// The manifest goes last: until then a directory in which this was interrupted is still taken for a run.
void remove_run(const fs::path& path) {
  const auto remove = [](const fs::path& file) {
    std::error_code error;
    fs::remove_all(file, error);
    if (error) throw Error(file.string() + ": cannot be removed: " + error.message());
  };
  for (const auto& entry : fs::directory_iterator(path)) {
    const std::string name = entry.path().filename().string();
    if (is_run_file(name) && name != "manifest.json") remove(entry.path());
  }
  remove(path / "manifest.json");
}

}  // namespace

void RunDirectory::check_creatable(const fs::path& path, bool overwrite) {
  if (!fs::exists(path)) return;
  if (!fs::is_directory(path))
    throw Error(path.string() + ": want a directory, found a file; choose another --out");
  if (fs::is_empty(path)) return;
  if (!overwrite) {
    throw Error(path.string() + ": exists already; choose another --out" +
                (is_whole_run(path)
                     ? ", continue it with `understudy resume " + shell_quoted(path.string()) + "`"
                     : "") +
                ", or replace it with --force");
  }
  if (!is_run(path)) {
    throw Error(path.string() +
                ": is not empty and holds no run, so --force does not touch it; choose another --out");
  }
}

RunDirectory RunDirectory::create(const fs::path& path, bool overwrite) {
  check_creatable(path, overwrite);
  RunDirectory run(path);
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) {
    run.lock();
    remove_run(path);
    fs::create_directories(path / "checkpoints", error);
  }
  if (error)
    throw Error(path.string() + ": cannot be created: " + error.message() + "; choose another --out");
  return run;
}

void RunDirectory::discard() const noexcept {
  try {
    remove_run(path_);
  } catch (const std::exception&) {
    return;  // what made the run fail goes before
  }
}

RunDirectory RunDirectory::open(const fs::path& path) {
  if (!fs::is_directory(path))
    throw Error(path.string() + ": no such run directory; `understudy train` makes one");
  if (!is_run(path))
    throw Error(path.string() + ": want a run directory, found none of its files (manifest.json)");
  if (!is_whole_run(path)) {
    throw Error(path.string() +
                ": was stopped before its first checkpoint, so that there is nothing to continue; train it "
                "again with --force");
  }
  return RunDirectory(path);
}

std::vector<int> RunDirectory::candidates() const {
  std::vector<int> counts;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(path_ / "checkpoints", missing)) {
    const std::string name = entry.path().filename().string();
    int count = 0;
    if (std::sscanf(name.c_str(), "policy-%d.pt", &count) == 1 && entry.path() == candidate(count))
      counts.push_back(count);
  }
  std::sort(counts.begin(), counts.end());
  return counts;
}

void RunDirectory::lock() {
  lock_ = std::make_shared<DirectoryLock>(
      path_ / ".lock", path_.string() + ": another process is training in it; stop it or wait for its end");
}

void RunDirectory::write(const std::string& name, const std::string& content) const {
  durable_write(fs::absolute(path_ / name), content);
}

void RunDirectory::append(const std::string& name, const std::string& header, const std::string& line) const {
  const fs::path path = path_ / name;
  const bool fresh = !fs::exists(path) || fs::is_empty(path);
  std::ofstream file(path, std::ios::app | std::ios::binary);
  file << (fresh ? header + "\n" : "") + line + "\n" << std::flush;
  if (!file) throw DiskFullError(path.string() + ": cannot be written; is the disk full?");
}

}  // namespace understudy
