#include "envs/tasks/plugins.h"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "envs/contract/plugin.h"
#include "envs/tasks/registry.h"

namespace understudy {
namespace {

std::string contents(const std::string& file) {
  want_regular_file(file);
  std::ifstream stream(file, std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(stream), {});
  if (!stream.good() && !stream.eof()) bytes.clear();
  return bytes;
}

/// Whether all of a library is there. The loader maps what its segments ask for, and a file that ends before them
/// ends the process later; the table of sections stands at the end.
bool is_whole(const std::string& bytes) {
  ElfW(Ehdr) header;
  if (bytes.size() < sizeof header) return false;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header.e_shoff <= bytes.size() &&
         bytes.size() - header.e_shoff >= std::size_t{header.e_shentsize} * header.e_shnum;
}

/// What the library says that it was built with, read without loading it.
std::optional<PluginRecord> record_in(const std::string& bytes) {
  const std::size_t at = bytes.find(std::string(PluginRecord::kMarker, sizeof PluginRecord::kMarker));
  if (at == std::string::npos || bytes.size() - at < sizeof(PluginRecord)) return std::nullopt;
  PluginRecord record;
  std::memcpy(&record, bytes.data() + at, sizeof record);
  record.version[sizeof record.version - 1] = '\0';
  return record;
}

std::string layout_text(const PluginRecord& record) {
  return "interface " + std::to_string(record.interface) + ", standard library " +
         std::to_string(record.standard_library) + ", Eigen " + std::to_string(record.eigen) +
         " aligned to " + std::to_string(record.alignment) + " bytes";
}

void check_record(const std::string& file, const PluginRecord& found) {
  const PluginRecord want = plugin_record(UNDERSTUDY_VERSION);
  if (std::strcmp(found.version, want.version) != 0) {
    throw Error(file + ": want a plugin built for understudy " + want.version + ", found one for " +
                found.version + ": build it again with this version's headers");
  }
  if (layout_text(found) != layout_text(want)) {
    throw Error(file + ": want a plugin built with " + layout_text(want) + ", found " + layout_text(found) +
                ": build it again with this program's headers, compiler and -m flags");
  }
}

[[noreturn]] void refuse(const std::string& file, const std::string& found) {
  throw UsageError(file + ": want a plugin, found " + found +
                   ": check --plugin and UNDERSTUDY_PLUGINS (docs/your-own-task.md)");
}

}  // namespace

void load_plugin(const std::string& file) {
  std::error_code missing;
  const std::filesystem::path path = std::filesystem::canonical(file, missing);
  if (missing) refuse(file, "no such file");
  if (!std::filesystem::is_regular_file(path)) refuse(file, "no file of its own");
  static std::set<std::filesystem::path> loaded;
  if (loaded.count(path) > 0) return;

  const std::string bytes = contents(path);
  if (bytes.rfind("\177ELF", 0) != 0) refuse(file, "no shared library");
  const std::optional<PluginRecord> record = record_in(bytes);
  if (!record) refuse(file, "a library without UNDERSTUDY_PLUGIN");
  check_record(file, *record);

  if (!is_whole(bytes)) throw Error(file + ": the plugin is cut short: copy it or build it again");

  // Never closed: the registry and everything that its tasks made point into it.
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error(file + ": the plugin cannot be loaded: " + dlerror() +
                ": build it again, or install what it needs");
  }
  using AddTasks = void (*)(TaskList&);
  const auto add = reinterpret_cast<AddTasks>(dlsym(library, "understudy_add_tasks"));
  if (add == nullptr) refuse(file, "a library without UNDERSTUDY_PLUGIN");
  TaskList tasks;
  try {
    add(tasks);
    add_tasks(tasks);
  } catch (const std::exception& error) {
    throw Error(file + ": the plugin's tasks cannot be added: " + error.what());
  } catch (...) {
    throw Error(file + ": the plugin's tasks cannot be added: it threw something that is no std::exception");
  }
  loaded.insert(path);
}

}  // namespace understudy
