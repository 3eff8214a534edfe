#include "tests/support/program.h"

#include <sys/wait.h>

#include <cstdlib>

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

}  // namespace understudy::tests
