#include "tests/support/program.h"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace understudy::tests {

Outcome run_program(const std::string& arguments, const std::string& prefix) {
  const TemporaryFolder folder;
  const std::string output = folder / "output";
  const std::string errors = folder / "errors";
  const std::string command =
      "unset DISPLAY WAYLAND_DISPLAY; export SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy; " + prefix +
      " " UNDERSTUDY_PROGRAM " " + arguments + " >" + output + " 2>" + errors + " </dev/null";
  const int status = std::system(command.c_str());  // NOLINT(bugprone-command-processor): the point of it
  Outcome outcome;
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.output = read_text(output);
  outcome.errors = read_text(errors);
  return outcome;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "understudy-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder: " + pattern);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace understudy::tests
