#pragma once
/// \file `--plugin FILE`, which every command has: tasks from shared libraries.

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace understudy::tools {

/// Adds `--plugin FILE`, which may be repeated, to the help and the config file keys of every command.
void add_plugin_options(CLI::App& program);

/// Loads the plugins that `arguments` (without the program's name) name, before or after the command, and
/// takes them out: what a command offers depends on them. Throws UsageError when a file's name is missing,
/// and as load_plugin().
void load_plugins(std::vector<std::string>& arguments);

/// Loads the plugins of the environment variable UNDERSTUDY_PLUGINS, files with colons between them.
void load_plugins_of_environment();

/// Files of all that were loaded so, absolute.
std::vector<std::string> loaded_plugins();
/// Processes that this one starts, and what it becomes, load these.
void pass_plugins_on(const std::vector<std::string>& files);

}  // namespace understudy::tools
