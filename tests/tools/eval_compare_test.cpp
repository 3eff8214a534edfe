// `eval compare` and `eval plan`, as typed.

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/catch.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

std::string written(const TemporaryDirectory& folder, const std::string& name, const std::string& text) {
  const std::string file = (folder.path() / name).string();
  std::ofstream(file) << text;
  return file;
}

std::string results(const TemporaryDirectory& folder, const std::string& actors) {
  const Outcome outcome = run_program("eval " + actors + " --env Reach --episodes 30 --json");
  CAPTURE(outcome.errors);
  REQUIRE(outcome.code == 0);
  return written(folder, actors.substr(0, actors.find(' ')) + ".json", outcome.output);
}

TEST_CASE(
    "eval compare says who beats whom, of policies and of results, and exits with 3 for what became worse") {
  const TemporaryDirectory folder;
  const std::string expert = results(folder, "expert"), random = results(folder, "random expert");
  const Outcome evaluated = run_program("eval compare expert random --env Reach --episodes 30 --json");
  CAPTURE(evaluated.errors);
  REQUIRE(evaluated.code == 0);
  const auto found = nlohmann::json::parse(evaluated.output);
  CHECK(found.at("paired") == true);
  CHECK(found.at("first_alone").get<int>() > 20);
  CHECK(found.at("p").get<double>() < 1e-6);
  CHECK_THAT(found.at("verdict").get<std::string>(), StartsWith("expert beats random, p = "));

  const Outcome known = run_program("eval compare " + random + ":random " + expert);
  CHECK(known.code == 0);
  CHECK_THAT(known.output, ContainsSubstring("expert beats random, p = "));
  CHECK_THAT(known.output, ContainsSubstring("Reach: 30 episodes of each policy, the same for both arms"));
  const Outcome worse = run_program("eval compare " + random + ":random " + expert + " --tolerance 5");
  CHECK(worse.code == 3);
  CHECK_THAT(worse.errors, ContainsSubstring("more than --tolerance 5"));
  CHECK(run_program("eval compare " + expert + " " + random + ":random --tolerance 5").code == 0);
  CHECK(run_program("eval compare " + random + ":random " + expert + " --tolerance 100").code == 0);
}

TEST_CASE("eval compare reads LeRobot's results of both layouts") {
  const TemporaryDirectory folder;
  std::string episodes, successes, returns;
  for (int i = 0; i < 12; ++i) {
    const std::string comma = i == 0 ? "" : ",", success = i < 10 ? "true" : "false";
    episodes += comma + R"({"episode_ix":)" + std::to_string(i) +
                R"(,"sum_reward":0.5,"max_reward":0.1,"success":)" + success + R"(,"seed":null})";
    successes += comma + (i < 1 ? "true" : "false");
    returns += comma + "0.25";
  }
  const std::string one = written(folder, "eval_info.json", R"({"per_episode":[)" + episodes + "]}");
  const std::string tasks =
      written(folder, "tasks.json",
              R"({"per_task":[{"task_group":"libero","task_id":3,"metrics":{"sum_rewards":[)" + returns +
                  R"(],"max_rewards":[)" + returns + R"(],"successes":[)" + successes + "]}}]}");
  const Outcome outcome = run_program("eval compare " + one + " " + tasks);
  CAPTURE(outcome.errors);
  CHECK(outcome.code == 0);
  CHECK_THAT(outcome.output, ContainsSubstring("eval_info beats libero/3, p = 0.0039"));
}

TEST_CASE("what eval compare cannot use is refused in one line") {
  const TemporaryDirectory folder;
  const std::string random = results(folder, "random expert");
  const std::string empty = written(folder, "empty.json", "{}"), broken = written(folder, "broken.json", "{");
  const std::string uneven = written(
      folder, "uneven.json",
      R"({"per_task":[{"task_group":"a","task_id":0,"metrics":{"sum_rewards":[1],"max_rewards":[1,2],)"
      R"("successes":[true,false]}}]})");
  struct Case {
    std::string arguments, line;
    int code;
  };
  for (const Case& each :
       {Case{random + " expert", "want one of its policies, as in", 2},
        Case{random + ":nobody expert", "'nobody'", 2},
        Case{empty + " " + random + ":random", "no policies in it", 1},
        Case{broken + " " + random + ":random", "eval_info.json", 1},
        Case{uneven + " " + random + ":random", "want as many returns and rewards as successes", 1},
        Case{random + ":random expert --env Drive", "want both arms in one task", 2},
        Case{"--runs " + folder.path().string() + " expert", "want folders with trained runs", 2},
        Case{"expert random", "add --env ID", 2}, Case{"expert", "second", 2}}) {
    const Outcome outcome = run_program("eval compare " + each.arguments);
    CAPTURE(each.arguments, outcome.errors);
    CHECK(outcome.code == each.code);
    CHECK_THAT(outcome.errors, ContainsSubstring(each.line));
    CHECK(std::count(outcome.errors.begin(), outcome.errors.end(), '\n') == 1);
  }
  CHECK(run_program("eval").code == 2);
}

TEST_CASE("eval plan says how many episodes tell, and what so many tell") {
  const Outcome outcome = run_program("eval plan --success 90 --against 80 --episodes 200 --json");
  REQUIRE(outcome.code == 0);
  const auto found = nlohmann::json::parse(outcome.output);
  const int needed = found.at("episodes");
  CHECK(needed > 202);
  CHECK(needed < 230);
  CHECK(found.at("power_of_episodes").get<double>() > 70);
  CHECK(found.at("power_of_episodes").get<double>() < 80);
  CHECK(found.at("told_from").get<double>() == Approx(79.5).margin(0.5));
  CHECK_THAT(run_program("eval plan --success 90 --against 90").output,
             ContainsSubstring("not with 100,000 episodes"));
  const Outcome impossible = run_program("eval plan --success 90 --against 80 --correlation 0.9");
  CHECK(impossible.code == 2);
  CHECK_THAT(impossible.errors, ContainsSubstring("allow from"));
}

}  // namespace
}  // namespace understudy::tests
