// `data lint`, `stats` and `report` as a user types them, and success where a task has no criterion.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "datasets/format/demonstration_reader.h"
#include "datasets/recording/demonstration_writer.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/sample_data.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

/// Six demonstrations of a synthetic operator.
std::string recorded(const TemporaryDirectory& folder) {
  std::string file = (folder / "demos of ours.h5").string();
  must("record --env Reach --device synthetic --episodes 6 --seed 3 --out '" + file + "'");
  return "'" + file + "'";
}

/// Three episodes of zeros, called successes, of a task without a criterion.
std::string without_criterion(const TemporaryDirectory& folder) {
  const auto environment = make_environment("Reacher");
  const EnvironmentSpec& spec = environment->spec();
  DatasetHeader header = sample_header();
  header.environment_id = "Reacher";
  header.observation = spec.observation;
  header.action = spec.action;
  header.control_rate = spec.control_rate;
  const std::string file = (folder / "reacher.h5").string();
  DemonstrationWriter writer(file, header);
  Rng rng(1);
  for (int i = 0; i < 3; ++i) {
    Episode episode = good_episode(sample_header(), 20, rng);
    episode.observations = Matrix::Zero(21, spec.observation.size());
    episode.actions = Matrix::Zero(20, spec.action.size());
    record(writer, episode);
  }
  writer.pack();
  return file;
}

}  // namespace

TEST_CASE("a synthetic operator's recording passes every check, its labels by simulation") {
  const TemporaryDirectory folder;
  const std::string file = recorded(folder);
  const auto report = nlohmann::json::parse(output_of("data lint --strict --json " + file));
  CHECK(report.at("failed") == 0);
  for (const auto& check : report.at("checks")) {
    CAPTURE(check.dump());
    CHECK(check.at("passed").get<int>() + check.at("failed").get<int>() > 0);
    if (check.at("check") == "label") CHECK(check.at("passed") == 6);
  }
}

TEST_CASE("lint finds a label that was changed, lists the others, and is strict when asked") {
  const TemporaryDirectory folder;
  const std::string file = recorded(folder);
  must("data relabel " + file + " --episodes 2 --failure");
  CHECK_THAT(output_of("data lint " + file),
             ContainsSubstring("is called a failure, the simulator says success"));
  refused("data lint --strict " + file, 1, "1 of 6 episodes fail");
  must("data lint --strict --without label " + file);
  must("data lint --strict --checks idle,jump " + file);
  must("data lint --mask good " + file);
  CHECK(DemonstrationReader(folder / "demos of ours.h5").mask("good") == std::vector<int>{0, 1, 3, 4, 5});
  CHECK(nlohmann::json::parse(output_of("data stats --json --mask good " + file)).at("episodes") == 5);
}

TEST_CASE("lint takes a threshold for each check and refuses what it does not know") {
  const TemporaryDirectory folder;
  const std::string file = recorded(folder);
  CHECK_THAT(output_of("data lint --jump 0 " + file), ContainsSubstring("jump       obs/eef_vel"));
  refused("data lint --checks idl " + file, 2, "did you mean 'idle'?");
  refused("data lint --checks idle --without idle " + file, 2, "want at least one check");
  refused("data lint --mask train " + file, 2, "--mask: want a name of your own");
  refused("data stats --mask nothing " + file, 1, "nothing");
}

TEST_CASE("success is nothing where a task has no criterion, in info, stats, eval and lint") {
  const TemporaryDirectory folder;
  const std::string file = without_criterion(folder);
  CHECK_THAT(output_of("data info " + file), ContainsSubstring("3: no success criterion"));
  const auto info = nlohmann::json::parse(output_of("data info --json " + file));
  CHECK(info.at("successes").is_null());
  CHECK(info.at("demonstrations").at(0).at("success").is_null());
  CHECK(nlohmann::json::parse(output_of("data stats --json " + file)).at("successes").is_null());
  const auto policy =
      nlohmann::json::parse(output_of("eval random --env Reacher --episodes 3 --json")).at("policies").at(0);
  CHECK(policy.at("success_rate").is_null());
  CHECK(policy.at("success_interval").is_null());
  CHECK(policy.at("outcomes").at(0).at("success").is_null());
  CHECK_THAT(output_of("eval random random --env Reacher --episodes 3"),
             ContainsSubstring("+0.0 of return over random") && !ContainsSubstring("0.0 %"));
  CHECK_THAT(output_of("data lint " + file),
             ContainsSubstring("label: not run, Reacher has no success criterion"));
}

TEST_CASE("a report is one page that needs nothing else, and is not written over another file") {
  const TemporaryDirectory folder;
  const std::string file = recorded(folder);
  const std::string page = (folder / "page.html").string();
  must("data report " + file + " --out " + page);
  refused("data report " + file + " --out " + page, 1, "--force");
  must("data report --force --no-pictures " + file + " --out " + page);
  const std::string text = content(page);
  CHECK_THAT(text, StartsWith("<!DOCTYPE html>"));
  CHECK_THAT(text, Catch::Matchers::EndsWith("</html>\n"));
  for (const char* other : {"http:", "https:", "<link", "src=\"", "@import"})
    CHECK_THAT(text, !ContainsSubstring(other));
  const std::string before = "<script type=\"application/json\" id=\"data\">";
  const auto begin = text.find(before);
  REQUIRE(begin != std::string::npos);
  const auto end = text.find("</script>", begin);
  const auto data = nlohmann::json::parse(text.substr(begin + before.size(), end - begin - before.size()));
  CHECK(data.at("episodes").size() == 6);
  CHECK(data.at("totals").at("successes") == 6);
  CHECK(data.at("lint").at("failed") == 0);
  CHECK(data.at("starts").at("drawn_rows") == 300);
}

TEST_CASE("a name in a file cannot end the script that holds a report's data") {
  const TemporaryDirectory folder;
  const DatasetHeader header = sample_header();
  {
    DemonstrationWriter writer(folder / "d.h5", header);
    Rng rng(1);
    for (int i = 0; i < 2; ++i) {
      Episode episode = good_episode(header, 9, rng);
      episode.operator_name = "</script><b>";
      record(writer, episode);
    }
    writer.pack();
  }
  must("data report " + (folder / "d.h5").string() + " --out " + (folder / "page.html").string());
  CHECK_THAT(content(folder / "page.html"),
             !ContainsSubstring("</script><b>") && ContainsSubstring("\\u003c/script>\\u003cb>"));
}

TEST_CASE("a report's scripts run in a browser without an error") {
  if (std::system("command -v chromium >/dev/null") != 0) {  // NOLINT(bugprone-command-processor)
    WARN("no chromium here: the page was not opened");
    return;
  }
  const TemporaryDirectory folder;
  const std::string page = (folder / "page.html").string(), dom = (folder / "dom.html").string();
  must("data report " + recorded(folder) + " --out " + page);
  const std::string command =
      "HOME=" + (folder / ".").string() +
      " timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage "
      "--virtual-time-budget=5000 --dump-dom file://" +
      page + " >" + dom + " 2>/dev/null";
  REQUIRE(std::system(command.c_str()) == 0);  // NOLINT(bugprone-command-processor)
  const std::string text = content(dom);
  CHECK_THAT(text, ContainsSubstring("data-ready=\""));
  CHECK_THAT(text, !ContainsSubstring("data-error="));
  // What only the script writes.
  CHECK_THAT(text, ContainsSubstring("<h1 id=\"title\">demos of ours.h5</h1>"));
  CHECK_THAT(text, ContainsSubstring("Every episode passes."));
}

}  // namespace understudy::tests
