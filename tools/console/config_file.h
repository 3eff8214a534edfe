#pragma once
/// \file Options from a TOML file: `--config run.toml` gives any option that the command line does not.

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace understudy::tools {

/// Adds `--config FILE` to every command that has no subcommands of its own.
void add_config_options(CLI::App& program);

/// The command that `arguments` (without the program's name) select, e.g. `train bc`; `program` if none.
const CLI::App& chosen_command(const CLI::App& program, const std::vector<std::string>& arguments);

/// `arguments` with the options of the file named by `--config` added where the command line does not give
/// them. A key is an option's long name without the dashes. Throws UsageError naming file and key when the
/// file cannot be read, has a section, or has a key that is no option of the chosen command.
std::vector<std::string> with_config_file(const CLI::App& program, std::vector<std::string> arguments);

}  // namespace understudy::tools
