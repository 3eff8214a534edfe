#include "tools/tasks/task_list.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <system_error>

#include "datasets/storage/durable_file.h"
#include "datasets/types/json_text.h"
#include "datasets/types/version.h"
#include "tools/console/plugin_option.h"
#include "tools/tasks/machine.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

/// Beside the file, and nobody else's: containers may share a name of host and numbers of processes.
fs::path own_name(const fs::path& file) {
  static const unsigned drawn = std::random_device()();
  return file.parent_path() / ("." + file.filename().string() + "-" + host_name() + "-" +
                               std::to_string(::getpid()) + "-" + std::to_string(drawn));
}

ordered_json to_json(const Plan& plan) {
  return {{"version", kTasksVersion},    {"command", plan.command}, {"folder", plan.folder.string()},
          {"out", plan.out.string()},    {"threads", plan.threads}, {"content", plan.content},
          {"plugins", loaded_plugins()}, {"program", plan.program}, {"revision", plan.revision},
          {"processor", plan.processor}};
}

}  // namespace

void shared_write(const fs::path& file, const std::string& content) {
  const fs::path own = own_name(file);
  durable_write(own, content);
  try {
    durable_rename(own, file);
  } catch (...) {
    ::unlink(own.c_str());
    throw;
  }
}

bool write_once(const fs::path& file, const std::string& content) {
  const fs::path own = own_name(file);
  durable_write(own, content);
  const bool linked = ::link(own.c_str(), file.c_str()) == 0;
  const int reason = errno;
  struct stat status {};
  // On NFS the answer may be lost: two names say that it worked.
  const bool made = linked || (::stat(own.c_str(), &status) == 0 && status.st_nlink == 2);
  ::unlink(own.c_str());
  if (!made && reason != EEXIST) throw_errno(file, "cannot be made", reason);
  return made;
}

void write_plan(const Plan& plan) {
  const fs::path file = plan.out / "plan.json";
  if (!fs::exists(file)) {
    if (fs::exists(plan.out) && !fs::is_empty(plan.out))
      throw Error(plan.out.string() + ": is not empty and holds no plan; choose another --out");
    std::error_code failed;
    fs::create_directories(plan.out, failed);
    if (failed)
      throw Error(plan.out.string() + ": cannot be made: " + failed.message() + "; choose another --out");
    write_once(file, to_json(plan).dump(2) + "\n");
  }
  const Plan there = read_plan(file);  // whoever else planned at the same moment may have come first
  if (there.content != plan.content || there.command != plan.command || there.plugins != loaded_plugins())
    throw Error(plan.out.string() +
                ": holds another plan (other words, files or policies); choose another --out");
  want_same_program(there);
}

Plan read_plan(const fs::path& place) {
  const fs::path given = fs::absolute(place).lexically_normal();
  const fs::path out = fs::is_directory(given) && given.has_filename() ? given : given.parent_path();
  const fs::path file = out / "plan.json";
  if (!fs::exists(file))
    throw Error(file.string() + ": no such file on " + host_name() +
                "; is the folder shared with this machine? `understudy plan` makes it");
  const auto document = parsed_json<ordered_json>(read_file(file));
  const std::string again = "; remove the folder and plan again";
  if (!document.is_object() || !document.contains("version"))
    throw Error(file.string() + ": want a plan, found something else" + again);
  if (document.at("version") != kTasksVersion)
    throw Error(file.string() + ": want version " + std::to_string(kTasksVersion) + ", found " +
                document.at("version").dump() +
                "; use the understudy that planned it, or plan again elsewhere");
  Plan plan;
  try {
    plan = {.command = document.at("command").get<std::vector<std::string>>(),
            .folder = document.at("folder").get<std::string>(),
            .out = document.at("out").get<std::string>(),
            .threads = document.at("threads").get<int>(),
            .content = document.at("content").get<std::string>(),
            .plugins = document.at("plugins").get<std::vector<std::string>>(),
            .program = document.at("program").get<std::string>(),
            .revision = document.at("revision").get<std::string>(),
            .processor = document.at("processor").get<std::string>()};
  } catch (const ordered_json::exception& error) {
    throw Error(file.string() + ": cannot be read: " + reason_of(error) + again);
  }
  if (plan.out != out)
    throw Error(out.string() + ": was planned as " + plan.out.string() +
                ", which its files name; give it that name on every machine");
  return plan;
}

void want_same_program(const Plan& plan) {
  if (plan.program == program_version() && plan.revision == source_revision()) return;
  throw Error(plan.out.string() + ": was planned by understudy " + plan.program + " (" + plan.revision +
              "), this is " + program_version() + " (" + source_revision() +
              "), whose results may differ; use the same program everywhere, or plan again elsewhere");
}

std::vector<Task> read_tasks(const fs::path& out) {
  const fs::path file = out / "tasks.jsonl";
  std::vector<Task> tasks;
  std::istringstream lines(read_file(file));
  for (std::string text; std::getline(lines, text);) {
    const auto line = parsed_json<ordered_json>(text);
    try {
      tasks.push_back({line.at("id").get<std::string>(), line.at("arguments").get<std::vector<std::string>>(),
                       line.at("folder").get<std::string>(), line.at("result").get<std::string>()});
    } catch (const ordered_json::exception& error) {
      throw Error(file.string() + ": line " + std::to_string(tasks.size() + 1) + " cannot be read: " +
                  reason_of(error) + "; run the same command again, which writes it anew");
    }
  }
  return tasks;
}

std::string find_task_line(const fs::path& out, const std::string& id) {
  const fs::path file = out / "tasks.jsonl";
  std::istringstream lines(read_file(file));
  for (std::string text; std::getline(lines, text);) {
    const auto line = parsed_json<ordered_json>(text);
    if (line.is_object() && line.contains("id") && line.at("id") == id) return text;
  }
  throw Error(file.string() + ": want a line of the task " + id +
              ", found none; run the same command again, which writes it anew");
}

std::string maker_json() {
  return ordered_json{
      {"program", program_version()}, {"revision", source_revision()}, {"processor", processor_name()}}
      .dump();
}

}  // namespace understudy::tools
