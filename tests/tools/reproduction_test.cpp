// The same seed gives the same bits, through the whole program.

#include <sstream>
#include <string>

#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

/// Records, trains and evaluates Reach with `seed`; the files go to `folder`.
struct Run {
  std::string demos;
  std::string metrics;
  std::string evaluation;
};

Run run_all(const TemporaryDirectory& folder, const std::string& name, int seed, int threads) {
  const std::string demos = folder / (name + ".h5");
  const std::string out = folder / (name + "-run");
  const std::string seed_option = " --seed " + std::to_string(seed);
  const std::string threads_option = " --threads " + std::to_string(threads);
  must("record --env Reach --device synthetic --episodes 4 --out " + demos + seed_option);
  must(
      "train bc --env Reach --epochs 4 --eval-every 2 --eval-episodes 4 "
      "--final-episodes 4 --data " +
      demos + " --out " + out + seed_option + threads_option);
  Run run;
  run.demos = content(demos);
  run.metrics = content(out + "/metrics.csv");
  run.evaluation =
      output_of("eval " + out + "/policy.pt --json --episodes 10" + seed_option + threads_option);
  run.evaluation =
      run.evaluation.substr(run.evaluation.find("\"episodes\""));  // what precedes names the files
  return run;
}

TEST_CASE("the same seed gives the same dataset, training curve and evaluation, whatever the threads") {
  const TemporaryDirectory folder;
  const Run first = run_all(folder, "first", 1, 1);
  const Run second = run_all(folder, "second", 1, 2);
  CHECK((first.demos == second.demos));  // binary: not to be printed
  CHECK(first.metrics == second.metrics);
  CHECK(first.evaluation == second.evaluation);

  const Run other = run_all(folder, "other", 2, 2);
  CHECK((first.demos != other.demos));
  CHECK(first.metrics != other.metrics);
  CHECK(first.evaluation != other.evaluation);
}

}  // namespace
}  // namespace understudy::tests
