#pragma once
/// \file Options from a TOML file: `--config run.toml` gives any option that the command line does not.

#include <map>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace understudy::tools {

/// Whether words that are no options may follow `command`, as policies follow `eval`.
bool takes_words(const CLI::App& command);

/// Adds `--config FILE` to every command that does something itself, rather than its subcommands alone.
void add_config_options(CLI::App& program);

/// The command that `arguments` (without the program's name) select, e.g. `train bc`; `program` if none.
const CLI::App& chosen_command(const CLI::App& program, const std::vector<std::string>& arguments);

/// A command line that is completed from a configuration file.
struct ConfiguredArguments {
  std::vector<std::string> words;  ///< what CLI11 parses
  /// Each option that is from the file, e.g. "--seed", and its "file:line:column" there.
  std::map<std::string, std::string> places;

  /// `complaint`, after its place in the file if it begins with the name of an option that is from there.
  std::string located(const std::string& complaint) const;
};

/// `arguments` with the options of the file named by `--config` added where the command line does not give
/// them. A key is an option's long name without the dashes, a value what the command line takes: `true` for
/// a flag, a list for what takes commas. Throws UsageError in one line that names file, line and column when
/// the file is not TOML, has a section or a key that is no option of the chosen command, or a value is of
/// the wrong kind; and one that names the file when it cannot be read.
ConfiguredArguments with_config_file(const CLI::App& program, std::vector<std::string> arguments);

}  // namespace understudy::tools
