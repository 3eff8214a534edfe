#pragma once
/// \file Help for people: examples first, then what most need, the rest behind `--help-all`.

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace understudy::tools {

/// Gives `program`, and all commands that are added to it afterwards, this help.
void add_help(CLI::App& program);

/// What stands behind `option` depends on what else has been said on the command line; nothing: it is left out.
void show_as(const CLI::Option* option, std::function<std::optional<std::string>()> value);

/// What stands behind an option's name: the words or the range allowed, or the kind of value, and the default.
std::string value_text(const CLI::Option& option);

/// Command lines to begin with; none for a command that only has subcommands.
std::vector<std::string> examples_of(const CLI::App& command);

/// "understudy train bc"
std::string full_name(const CLI::App& command);

}  // namespace understudy::tools
