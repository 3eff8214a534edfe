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

}  // namespace understudy::tests
