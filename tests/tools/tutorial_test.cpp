// The tutorial's commands, each page as a reader would run it from top to bottom.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

const std::filesystem::path kPages = UNDERSTUDY_SOURCE "/docs/tutorial";

/// What stands in blocks marked sh.
std::string commands_of(const std::string& page) {
  std::istringstream lines(content(kPages / page));
  std::string text;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("```")) {
      inside = line == "```sh";
      continue;
    }
    if (inside) text += line + "\n";
  }
  return text;
}

void run_page(const std::string& page) {
  const TemporaryDirectory folder;
  const std::string script = (folder.path() / "page.sh").string();
  const std::string commands = commands_of(page);
  REQUIRE(commands.find("understudy ") != std::string::npos);
  std::ofstream(script) << commands;
  const std::string bin = std::filesystem::path(UNDERSTUDY_PROGRAM).parent_path().string();
  const std::string log = (folder.path() / "log").string();
  run_program("--version", "cd " + folder.path().string() + " && PATH=" + bin +
                               ":$PATH UNDERSTUDY_SOURCE=" UNDERSTUDY_SOURCE
                               " UNDERSTUDY_PREFIX=" UNDERSTUDY_SOURCE
                               "/build sh -eu page.sh >log 2>&1; echo $? >code;");
  CAPTURE(page, content(log));
  CHECK(content(folder.path() / "code") == "0\n");
  // Pictures that a page shows are there.
  const std::string text = content(kPages / page);
  for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 1)) {
    const std::string link = text.substr(at + 2, text.find(')', at) - at - 2);
    CAPTURE(link);
    CHECK(std::filesystem::exists(kPages / link));
  }
}

TEST_CASE("tutorial: a first policy", "[slow]") {
  run_page("first-policy.md");
}
TEST_CASE("tutorial: a file that one has") {
  run_page("your-file.md");
}
TEST_CASE("tutorial: a robot of one's own") {
  run_page("your-robot.md");
}
TEST_CASE("tutorial: from one demonstration", "[slow]") {
  run_page("one-demonstration.md");
}
TEST_CASE("tutorial: whether one is really better") {
  run_page("is-it-better.md");
}

}  // namespace
}  // namespace understudy::tests
