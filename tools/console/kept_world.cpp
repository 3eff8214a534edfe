// The world that a training run was in, beside it.

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "bc/parallel/ranks.h"
#include "bc/runs/run_hooks.h"
#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "tools/console/world_option.h"

namespace understudy::tools {
namespace {

const char* const kName = "/world.json";

}  // namespace

void keep_world(RunHooks& hooks, const std::string& out) {
  if (chosen_world().file.empty() || !hooks.ranks->first()) return;
  // The directory is made by the run itself, before its first report.
  hooks.progress = [inner = hooks.progress, out, kept = false](const RunProgress& progress) mutable {
    if (!kept) {
      const nlohmann::ordered_json world = {{"file", chosen_world().file}, {"sha256", chosen_world().sha256}};
      durable_write(out + kName, world.dump(2) + "\n");
      kept = true;
    }
    if (inner) inner(progress);
  };
}

void want_world_of(const std::string& directory) {
  const std::string path = directory + kName;
  std::string file, sha256;
  if (std::filesystem::exists(path)) {
    const auto world = parsed_json<nlohmann::json>(read_file(path));
    if (!world.is_object() || !world.contains("sha256") || !world["sha256"].is_string()) {
      throw Error(path + ": want an object with file and sha256, found something else: was it edited?");
    }
    file = world.value("file", "");
    sha256 = world["sha256"];
  }
  if (sha256 == chosen_world().sha256) return;
  throw UsageError(
      directory + ": was begun " + (file.empty() ? "without --world" : "with --world " + file) + ", found " +
      (chosen_world().file.empty() ? "none" : "another one in " + chosen_world().file) + ": give the same");
}

}  // namespace understudy::tools
