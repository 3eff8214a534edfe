// Help that people read: short, with examples that are true, and everything when asked.

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

constexpr int kTwoScreens = 48;  // lines, of terminals of 24
constexpr std::size_t kWidth = 110;

std::string help(const std::string& command, const std::string& how = "--help") {
  const Outcome outcome = run_program(command + " " + how);
  CAPTURE(command, outcome.errors);
  REQUIRE(outcome.code == 0);
  return outcome.output;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Names below "Subcommands:".
std::vector<std::string> subcommands(const std::string& text) {
  std::vector<std::string> names;
  bool below = false;
  for (const std::string& line : lines_of(text)) {
    if (below && line.size() > 2 && line.starts_with("  ") && line[2] != ' ')
      names.push_back(line.substr(2, line.find(' ', 2) - 2));
    below = below || line == "Subcommands:";
  }
  return names;
}

void check(const std::string& command) {
  CAPTURE(command);
  const std::string text = help(command), all = help(command, "--help-all");
  const std::vector<std::string> names = subcommands(text);
  const std::vector<std::string> lines = lines_of(text);
  if (command != "train") CHECK(static_cast<int>(lines.size()) <= kTwoScreens);
  int examples = 0;
  for (const std::string& line : lines) {
    CAPTURE(line);
    CHECK(line.size() <= kWidth);
    if (!line.starts_with("  understudy " + command)) continue;
    ++examples;
    // Its options exist: a word that does not would be refused, were it run.
    std::istringstream words(line);
    for (std::string word; words >> word;)
      if (names.empty() && word.starts_with("--") && word != "--help")
        CHECK(all.find(word + " ") != std::string::npos);
  }
  if (command.find(' ') == std::string::npos || command.starts_with("train")) CHECK(examples > 0);
  // Everything that the short help shows is in the long one.
  for (const std::string& line : lines)
    if (line.starts_with("  --")) CHECK(all.find(line) != std::string::npos);
  for (const std::string& name : names) check(command.empty() ? name : command + " " + name);
}

TEST_CASE("every command's help fits on two screens, and its examples name options that there are") {
  check("");
}

TEST_CASE("the help of a learner is about the learner that was chosen") {
  const std::string sac = help("train pwil", "--rl sac --help-all"),
                    ppo = help("train pwil", "--rl ppo --help-all");
  CHECK_THAT(sac, ContainsSubstring("--temperature 0.. [1]") || ContainsSubstring("--temperature"));
  CHECK_THAT(sac, !ContainsSubstring("--rollout") && ContainsSubstring("--reward-alpha"));
  CHECK_THAT(ppo, !ContainsSubstring("--temperature") && ContainsSubstring("--rollout 2..100000000 [2048]"));
  CHECK_THAT(help("train bc"),
             ContainsSubstring("--policy mlp|ensemble|rnn|") && ContainsSubstring("more: --help-all"));
}

#ifdef UNDERSTUDY_HAVE_SDL
TEST_CASE("record's help says what the controls do in the task that is asked for") {
  CHECK_THAT(help("record"), !ContainsSubstring("keyboard:") && ContainsSubstring("With --env TASK"));
  CHECK_THAT(help("record --env Drive"), ContainsSubstring("Drive, keyboard:") && !ContainsSubstring("Push"));
  CHECK_THAT(help("record --env Humanoid"), ContainsSubstring("moves more than a pad can"));
}
#endif

TEST_CASE("manual pages and completion are made from the same tables") {
  const TemporaryDirectory folder;
  REQUIRE(run_program("reference " + folder.path().string()).code == 0);
  const std::string page = content(folder.path() / "man1" / "understudy-train-bc.1");
  CHECK_THAT(page, ContainsSubstring(".B \\-\\-policy mlp|ensemble|rnn"));
  CHECK_THAT(page, ContainsSubstring("understudy train bc \\-\\-env Drive"));
  CHECK_THAT(content(folder.path() / "man1" / "understudy.1"), ContainsSubstring("understudy-record"));
  const std::string said = (folder.path() / "said").string();
  const auto complete = [&](const std::string& words, int at) {
    run_program("--version", "bash -c '. " + (folder.path() / "completions" / "understudy").string() +
                                 "; COMP_WORDS=(" UNDERSTUDY_PROGRAM " " + words +
                                 "); COMP_CWORD=" + std::to_string(at) +
                                 "; _understudy; echo \"${COMPREPLY[@]}\"' >" + said + ";");
    return content(said);
  };
  CHECK(complete("train bc --policy d", 4) == "diffusion\n");
  CHECK(complete("train pw", 2) == "pwil\n");
  CHECK(complete("eval --env Driv", 3) == "Drive DriveTraffic\n");
  CHECK_THAT(complete("record --dev", 2), ContainsSubstring("--device"));
}

}  // namespace
}  // namespace understudy::tests
