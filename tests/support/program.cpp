#include "tests/support/program.h"

#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>

#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {

Outcome run_program(const std::string& arguments, const std::string& prefix) {
  const TemporaryDirectory folder;
  const std::string output = folder / "output";
  const std::string errors = folder / "errors";
  const std::string command =
      "unset DISPLAY WAYLAND_DISPLAY; export SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy; " + prefix +
      " " UNDERSTUDY_PROGRAM " " + arguments + " >" + output + " 2>" + errors + " </dev/null";
  const int status = std::system(command.c_str());  // NOLINT(bugprone-command-processor): the point of it
  Outcome outcome;
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.output = content(output);
  outcome.errors = content(errors);
  return outcome;
}

Outcome must(const std::string& arguments, const std::string& prefix) {
  Outcome outcome = run_program(arguments, prefix);
  CAPTURE(arguments, outcome.output, outcome.errors);
  REQUIRE(outcome.code == 0);
  return outcome;
}

std::string output_of(const std::string& arguments, const std::string& prefix) {
  return must(arguments, prefix).output;
}

void refused(const std::string& arguments, int code, const std::string& text, const std::string& prefix) {
  const Outcome outcome = run_program(arguments, prefix);
  CAPTURE(arguments, outcome.output, outcome.errors);
  CHECK(outcome.code == code);
  CHECK_THAT(outcome.errors, ContainsSubstring(text));
  CHECK(std::count(outcome.errors.begin(), outcome.errors.end(), '\n') == 1);
}

}  // namespace understudy::tests
