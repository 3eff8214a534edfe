#pragma once
/// \file Runs the built program as a user does, and collects what it said.

#include <string>

namespace understudy::tests {

struct Outcome {
  int code = -1;       ///< exit code; 128 + signal when a signal ended it
  std::string output;  ///< stdout
  std::string errors;  ///< stderr
};

/// Runs `understudy ARGUMENTS` through the shell, in an environment without a display and with SDL's dummy
/// drivers. `prefix` stands before the program's name, e.g. "ulimit -f 10;".
Outcome run_program(const std::string& arguments, const std::string& prefix = "");

/// Runs it, and the test goes on only if it ended well.
Outcome must(const std::string& arguments, const std::string& prefix = "");
/// The same, for what it printed on stdout.
std::string output_of(const std::string& arguments, const std::string& prefix = "");
/// Runs it and checks that it ended with `code` and one line on stderr that holds `text`.
void refused(const std::string& arguments, int code, const std::string& text, const std::string& prefix = "");

}  // namespace understudy::tests
