// `understudy collect`: the table and the page of a plan's results, as the command on one machine would have made them.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "tools/commands/command.h"
#include "tools/console/plugin_option.h"
#include "tools/tasks/task_list.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct Options {
  std::string plan;
  bool partial = false;
};

/// Refuses results of another program, and says so where processors differ.
void look_at_makers(const Plan& plan) {
  std::size_t results = 0, elsewhere = 0;
  std::string processor;
  for (const Task& task : read_tasks(plan.out)) {
    if (!fs::exists(task.result)) continue;
    const json document = parsed_json<json>(read_file(task.result));
    if (!document.is_object() || !document.contains("made_by") || !document.at("made_by").is_object())
      throw Error(task.result.string() + ": damaged, or no result; remove it and work again");
    const json& maker = document.at("made_by");
    ++results;
    const std::string program = maker.value("program", ""), revision = maker.value("revision", "");
    if (program != plan.program || revision != plan.revision)
      throw Error(task.result.string() + ": was made by understudy " + program + " (" + revision +
                  "), planned was " + plan.program + " (" + plan.revision + "); remove it and work again");
    if (maker.value("processor", "") == plan.processor) continue;
    ++elsewhere;
    processor = maker.value("processor", "");
  }
  if (elsewhere == 0) return;
  std::fprintf(stderr,
               "%zu of %zu results are from another kind of processor (%s) than %s, where it was planned: "
               "the table is "
               "as good, but its last digits may differ from one machine's\n",
               elsewhere, results, processor.c_str(), plan.processor.c_str());
}

/// Becomes the command that was planned, which finds its results there.
void collect(const Options& options) {
  const Plan plan = read_plan(options.plan);
  want_same_program(plan);
  look_at_makers(plan);
  std::vector<std::string> words{"understudy"};
  words.insert(words.end(), plan.command.begin(), plan.command.end());
  words.insert(words.end(), {"--collect", options.partial ? "partial" : "complete"});
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pass_plugins_on(plan.plugins);
  fs::current_path(plan.folder);
  ::execv("/proc/self/exe", argv.data());
  throw Error(std::string("cannot start understudy ") + plan.command.front() + ": " + std::strerror(errno));
}

}  // namespace

void add_collect(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("collect", "Table and page of a plan's results, the same as from one machine");
  command->add_option("plan", options->plan, "Folder of `understudy plan`, or its tasks.jsonl")->required();
  command->add_flag("--partial", options->partial, "Leave out what is missing");
  command->callback([options] { collect(*options); });
}

}  // namespace understudy::tools
