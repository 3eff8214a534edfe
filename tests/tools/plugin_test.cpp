// Tasks from shared libraries: they are as good as the program's own, or refused in one line.

#include <algorithm>
#include <fstream>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

std::string plugin(const std::string& name) {
  return UNDERSTUDY_TEST_PLUGINS "/lib" + name + ".so";
}

void check_refusal(const std::string& file, int code, const std::string& text) {
  const Outcome outcome = run_program("envs --plugin " + file);
  CAPTURE(outcome.output, outcome.errors);
  CHECK(outcome.code == code);
  CHECK_THAT(outcome.errors, ContainsSubstring(file) && ContainsSubstring(text));
  CHECK(std::count(outcome.errors.begin(), outcome.errors.end(), '\n') == 1);
  CHECK(outcome.output.empty());
}

TEST_CASE(
    "a plugin's task and expert are listed, checked and evaluated, before and after the command's name") {
  const std::string option = " --plugin " + plugin("line_plugin") + " ";
  CHECK_THAT(run_program("envs" + option).output, ContainsSubstring("\nLine "));
  CHECK_THAT(run_program(option + "envs Line --check").output, ContainsSubstring("keeps the contract"));
  CHECK_THAT(run_program("eval expert --env Line --episodes 4" + option).output, ContainsSubstring("100.0"));
}

TEST_CASE(
    "plugins are named by the environment and by a config file, and one that is named twice counts once") {
  const TemporaryDirectory folder;
  std::ofstream(folder / "run.toml") << "plugin = [\"" << plugin("line_plugin") << "\"]\n";
  const std::string variable = "UNDERSTUDY_PLUGINS=" + plugin("line_plugin") + ":" + plugin("other_plugin");
  CHECK(run_program("envs Line --config " + (folder / "run.toml").string()).code == 0);
  CHECK(run_program("envs Other --json --plugin=" + plugin("line_plugin"), variable).code == 1);
  CHECK(run_program("envs Line --plugin=" + plugin("line_plugin"), variable).code == 0);
}

TEST_CASE("a plugin built for another version or with other alignment is refused before its code runs") {
  check_refusal(plugin("foreign_plugin"), 1,
                "want a plugin built for understudy " UNDERSTUDY_TEST_VERSION ", found one for 9.9.9");
  check_refusal(plugin("aligned_plugin"), 1, "aligned to 64 bytes");
}

TEST_CASE("a plugin with a task that is known, and one that throws, are refused by name") {
  check_refusal(plugin("drive_plugin"), 1, "there is a task 'Drive' already");
  check_refusal(plugin("throwing_plugin"), 1, "the licence has expired");
}

TEST_CASE("a plugin whose task calls itself otherwise is named when the task is made") {
  const Outcome outcome = run_program("envs Other --plugin " + plugin("other_plugin"));
  CHECK(outcome.code == 1);
  CHECK_THAT(outcome.errors, ContainsSubstring("'Other'") && ContainsSubstring("found 'Line'"));
}

TEST_CASE("what is no plugin is refused: no file, a folder, text, a library without tasks, half a plugin") {
  const TemporaryDirectory folder;
  check_refusal(folder / "none.so", 2, "no such file");
  check_refusal(UNDERSTUDY_TEST_PLUGINS, 2, "no file of its own");
  std::ofstream(folder / "text.so") << "not a library\n";
  check_refusal(folder / "text.so", 2, "no shared library");
  check_refusal(UNDERSTUDY_TEST_LIBRARY, 2, "without UNDERSTUDY_PLUGIN");
  const std::string whole = content(plugin("line_plugin"));
  const std::size_t record = whole.find("understudy plugin record");
  REQUIRE(record != std::string::npos);
  std::ofstream(folder / "half.so", std::ios::binary) << whole.substr(0, record + 200);
  check_refusal(folder / "half.so", 1, "cut short");
}

TEST_CASE("a task that no plugin brings is refused with the way to bring it") {
  const Outcome outcome = run_program("eval expert --env Line");
  CHECK(outcome.code == 2);
  CHECK_THAT(outcome.errors, ContainsSubstring("--plugin"));
}

}  // namespace
}  // namespace understudy::tests
