// Names in printed commands, pasted back into a real shell.

#include "datasets/types/shell_quoted.h"

#include <cstdio>
#include <memory>

#include "tests/support/catch.h"

namespace understudy {
namespace {

struct CloseProcess {
  void operator()(std::FILE* process) const { pclose(process); }
};

std::string through_the_shell(const std::string& word) {
  const std::unique_ptr<std::FILE, CloseProcess> process(popen(("printf '<%s>' " + word).c_str(), "r"));
  std::string output;
  for (int c = std::fgetc(process.get()); c != EOF; c = std::fgetc(process.get()))
    output += static_cast<char>(c);
  return output;
}

}  // namespace

TEST_CASE("a quoted name comes out of a shell as the one word that it was") {
  for (const std::string name :
       {"demos.h5", "my demos.h5", "it's", "'", "\"$HOME\"", "a;b|c&d", "*?[x]", "~", "", "line\nend",
        "back\\slash", "`id`", "$(id)", "#no", "a=b", "\xC3\xBC.h5", "!!"}) {
    CAPTURE(name);
    CHECK(through_the_shell(shell_quoted(name)) == "<" + name + ">");
  }
}

TEST_CASE("a plain name stays as it is, and one with a dash before it becomes no option") {
  CHECK(shell_quoted("runs/Push-bc") == "runs/Push-bc");
  CHECK(shell_quoted("-rf") == "./-rf");
  CHECK(shell_quoted("- x") == "'./- x'");
}

}  // namespace understudy
