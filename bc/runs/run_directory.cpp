#include "bc/runs/run_directory.h"

#include <charconv>
#include <fstream>

#include "datasets/types/error.h"

namespace understudy {
namespace fs = std::filesystem;
namespace {

bool is_run(const fs::path& path) {
  return fs::exists(path / "manifest.json");
}

bool is_run_file(const std::string& name) {
  return name == "config.toml" || name == "manifest.json" || name == "metrics.csv" || name == "timing.csv" ||
         name == "policy.pt" || name == "randomise.toml" || name == "checkpoints" ||
         name.rfind("events.out.tfevents.", 0) == 0;
}

}  // namespace

void RunDirectory::check_creatable(const fs::path& path, bool overwrite) {
  if (!fs::exists(path)) return;
  if (!fs::is_directory(path))
    throw Error(path.string() + ": want a directory, found a file; choose another --out");
  if (fs::is_empty(path)) return;
  if (!overwrite) {
    throw Error(path.string() +
                ": exists already; choose another --out, continue it with `understudy resume " +
                path.string() + "`, or replace it with --force");
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
    for (const auto& entry : fs::directory_iterator(path)) {
      if (is_run_file(entry.path().filename().string())) fs::remove_all(entry.path(), error);
      if (error) throw Error(entry.path().string() + ": cannot be removed: " + error.message());
    }
  }
  if (!error) fs::create_directories(path / "checkpoints", error);
  if (error)
    throw Error(path.string() + ": cannot be created: " + error.message() + "; choose another --out");
  return run;
}

RunDirectory RunDirectory::open(const fs::path& path) {
  if (!fs::is_directory(path))
    throw Error(path.string() + ": no such run directory; `understudy train` makes one");
  if (!is_run(path))
    throw Error(path.string() + ": want a run directory, found none of its files (manifest.json)");
  return RunDirectory(path);
}

void RunDirectory::lock() {
  lock_ = std::make_shared<DirectoryLock>(
      path_ / ".lock", path_.string() + ": another process is training in it; stop it or wait for its end");
}

fs::path RunDirectory::candidate(int epoch) const {
  return path_ / "checkpoints" / ("epoch_" + std::to_string(epoch) + ".ckpt");
}

std::vector<int> RunDirectory::candidate_epochs() const {
  std::vector<int> epochs;
  for (const auto& entry : fs::directory_iterator(path_ / "checkpoints")) {
    const std::string name = entry.path().stem().string();
    int epoch = 0;
    if (name.rfind("epoch_", 0) == 0 &&
        std::from_chars(name.data() + 6, name.data() + name.size(), epoch).ec == std::errc()) {
      epochs.push_back(epoch);
    }
  }
  return epochs;
}

void RunDirectory::write(const std::string& name, const std::string& content) const {
  durable_write(fs::absolute(path_ / name), content);
}

void RunDirectory::append(const std::string& name, const std::string& header, const std::string& line) const {
  const fs::path path = path_ / name;
  const bool fresh = !fs::exists(path);
  std::ofstream file(path, std::ios::app | std::ios::binary);
  if (fresh) file << header << '\n';
  file << line << '\n';
  if (!file.flush()) throw DiskFullError(path.string() + ": cannot be written; is the disk full?");
}

}  // namespace understudy
