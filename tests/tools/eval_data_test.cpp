// `eval --data` on a shipped expert and its demonstrations.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/support/catch.h"
#include "tests/support/program.h"

namespace understudy::tests {

TEST_CASE("beside its own demonstrations an expert has their return and is near, a random policy is not") {
  const std::string expert = UNDERSTUDY_EXPERTS "/InvertedPendulumSwingup/";
  const Outcome outcome = run_program(
      "eval " + expert + "policy.pt random --env InvertedPendulumSwingup --episodes 6 --json --data " +
      expert + "demos.h5 --demos 1 --subsample 20");
  CAPTURE(outcome.errors);
  REQUIRE(outcome.code == 0);
  const auto policies = nlohmann::json::parse(outcome.output).at("policies");
  const double demonstrations = policies[0].at("demonstrations_return");
  CHECK(demonstrations == Approx(890).margin(5));
  CHECK(policies[0].at("middle_return").get<double>() == Approx(demonstrations).epsilon(0.01));
  CHECK(policies[0].at("distance").get<double>() < 1);
  CHECK(policies[1].at("middle_return").get<double>() < 0);
  CHECK(policies[1].at("distance").get<double>() > 3);
}

TEST_CASE("eval refuses a choice among demonstrations that it was not given") {
  const Outcome outcome = run_program("eval random --env InvertedPendulumSwingup --demos 1");
  CHECK(outcome.code == 2);
  CHECK_THAT(
      outcome.errors,
      ContainsSubstring(
          "--data: want the demonstrations that --demos, --subsample, --all-episodes and --mask choose"));
  CHECK(std::count(outcome.errors.begin(), outcome.errors.end(), '\n') == 1);
}

}  // namespace understudy::tests
