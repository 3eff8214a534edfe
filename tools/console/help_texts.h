#pragma once
/// \file What the short help of each command shows. A new command without a line here shows all its options.

#include <string>
#include <vector>

namespace understudy::tools {

struct HelpText {
  const char* command;                ///< "understudy train bc"
  std::vector<const char*> examples;  ///< what follows the command's name
  std::vector<const char*> options;   ///< without dashes; none: all

  bool shows(const std::string& option) const;
};

/// Null where nothing is said of a command.
const HelpText* help_text(const std::string& command);

}  // namespace understudy::tools
