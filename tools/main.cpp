// The program: registers the subcommands, reads --config, and is the only place that catches.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "datasets/types/printable.h"
#include "datasets/types/version.h"
#include "tools/commands/command.h"
#include "tools/console/config_file.h"
#include "tools/console/console.h"
#include "tools/console/help.h"
#include "tools/console/plugin_option.h"

namespace understudy::tools {
namespace {

void add_commands(CLI::App& program) {
  add_envs(program);
#ifdef UNDERSTUDY_HAVE_SDL
  add_devices(program);
#endif
  add_doctor(program);
#ifdef UNDERSTUDY_HAVE_SDL
  add_record(program);
  add_play(program);
#endif
  add_data(program);
#ifdef UNDERSTUDY_HAVE_TORCH
  add_imitate(program);
  add_train(program);
  add_resume(program);
  add_runs(program);
  add_sweep(program);
  add_calibrate(program);
  add_simopt(program);
#endif
  add_adapt(program);
  add_eval(program);
#ifdef UNDERSTUDY_HAVE_TORCH
  add_export(program);
  add_serve(program);
#endif
  add_report(program);
  add_plan(program);
  add_work(program);
  add_status(program);
  add_collect(program);
  add_bench(program);
  add_reference(program);
}

std::vector<std::string> names_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// CLI11's message as one line, with the nearest known word where an argument was not understood.
std::string usage_line(const CLI::App& program, const CLI::ParseError& error,
                       const std::vector<std::string>& arguments) {
  const CLI::App& command = chosen_command(program, arguments);
  std::string line = error.what();
  std::replace(line.begin(), line.end(), '\n', ' ');
  while (!line.empty() && line.back() == ' ') line.pop_back();
  const std::string could_not = "Could not convert: ";
  if (line.rfind(could_not, 0) == 0) {
    line = line.substr(could_not.size()) +
           ": want a value of the kind that its help shows, whole numbers as digits alone";
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    // CLI11 lists them backwards, because it was given the arguments so.
    const std::string listed = line + " ";
    line = "not expected:";
    for (const std::string& argument : arguments) {
      if (listed.find(" " + argument + " ") != std::string::npos) line += " " + argument;
    }
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr ||
      dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    for (const std::string& argument : arguments) {
      if (line.find(argument) == std::string::npos) continue;
      const std::string nearest = nearest_name(argument, names_of(command));
      if (!nearest.empty() && nearest != argument) line += ": did you mean '" + nearest + "'?";
    }
  }
  std::string path = command.get_name();
  for (const CLI::App* parent = command.get_parent(); parent != nullptr; parent = parent->get_parent()) {
    path = parent->get_name() + " " + path;
  }
  return line + " (see: " + path + " --help)";
}

/// CLI11 only says that a command is missing when the word in its place is unknown.
void check_command(const CLI::App& program, const std::vector<std::string>& arguments) {
  const CLI::App& command = chosen_command(program, arguments);
  std::vector<std::string> known;
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    known.push_back(sub->get_name());
  }
  std::size_t depth = 0;
  for (const CLI::App* parent = command.get_parent(); parent != nullptr; parent = parent->get_parent())
    ++depth;
  if (known.empty() || takes_words(command) || arguments.size() <= depth ||
      arguments[depth].rfind('-', 0) == 0)
    return;
  throw UsageError(unknown_name("command", arguments[depth], known));
}

int run(int argc, char** argv) {
  CLI::App program{"From a gamepad to a measured policy: record demonstrations, train on them, evaluate.",
                   "understudy"};
  program.set_version_flag("--version", "understudy " + program_version() + " (" + source_revision() + ")");
  program.require_subcommand(1);
  add_help(program);
  add_commands(program);
  add_config_options(program);
  add_plugin_options(program);

  std::vector<std::string> arguments(argv + 1, argv + argc);
  load_plugins_of_environment();
  load_plugins(arguments);
  check_command(program, arguments);
  ConfiguredArguments configured;
  try {
    configured = with_config_file(program, std::move(arguments));
    auto& words = configured.words;
    load_plugins(words);                                              // those of the file
    std::vector<std::string> reversed(words.rbegin(), words.rend());  // the order CLI11 wants
    program.parse(std::move(reversed));
    return 0;
  } catch (const CLI::Success& success) {  // --help, --version
    return program.exit(success);
  } catch (const CLI::ParseError& error) {
    const std::string line = usage_line(program, error, configured.words);
    std::fprintf(stderr, "understudy: %s\n", configured.located(line).c_str());
    return 2;
  } catch (const UsageError& error) {
    throw UsageError(configured.located(error.what()));
  }
}

}  // namespace
}  // namespace understudy::tools

namespace {

/// Prints the program's one line. What it quotes may be from a file: nothing in it steers the terminal.
void complain(std::string line) {
  if (line.empty()) return;  // the first of several ranks says it
  for (char& c : line) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  std::fprintf(stderr, "understudy: %s\n", understudy::printable(std::move(line)).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes becomes an error like a full disk
  try {
    const int code = understudy::tools::run(argc, argv);
    // What a full disk or a closed pipe took is no result.
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
    complain(
        "standard output cannot be written; is the disk full, or its reader gone? Run the command again");
    return code == 0 ? 1 : code;
  } catch (const understudy::UsageError& error) {
    complain(error.what());
    return 2;
  } catch (const understudy::Interrupted& error) {
    complain(error.what());
    return understudy::tools::terminated() ? understudy::tools::kTryAgain : 1;
  } catch (const understudy::tools::Regression& error) {
    std::fflush(stdout);
    complain(error.what());
    return 3;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr,
                 "understudy: out of memory; close other programs or use a smaller batch or dataset\n");
    return 1;
  } catch (const std::filesystem::filesystem_error& error) {
    complain(error.path1().string() + ": " + error.code().message() + "; check the path");
    return 1;
  } catch (const nlohmann::json::exception& error) {
    complain(understudy::reason_of(error) + "; is a name or a path not UTF-8?");
    return 1;
  } catch (const std::exception& error) {
    complain(error.what());
    return 1;
  }
}
