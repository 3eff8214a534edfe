// `data distance` on datasets whose distances are known.

#include <cmath>
#include <string>

#include "datasets/recording/demonstration_writer.h"
#include "datasets/types/rng.h"
#include "tests/support/catch.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy::tests {
namespace {

/// Random episodes, the same for the same seed, with `shift` added to the first entry of every observation.
void write(const std::string& file, std::uint64_t seed, float shift, int episodes = 2, int steps = 30,
           const std::string& field = "position") {
  DatasetHeader header;
  header.environment_id = "Line";
  header.observation = Space({{field, 2, "m", -100, 100, "x, y"}});
  header.action = Space({{"push", 1, "-", -1, 1, "force"}});
  header.state_dim = 1;
  DemonstrationWriter writer(file, header);
  Rng rng(seed);
  const auto observation = [&] {
    Vector values(2);
    values << static_cast<float>(rng.normal()), static_cast<float>(2 * rng.normal());
    values(0) += shift;
    return values;
  };
  const State state = State::Zero(1);
  for (int e = 0; e < episodes; ++e) {
    writer.begin_episode(1, observation(), state, "test");
    for (int t = 0; t < steps; ++t) {
      const Vector action = Vector::Constant(1, static_cast<float>(rng.uniform(-1, 1)));
      const Vector next = observation();
      writer.append_step({.action = action, .next_observation = next, .next_state = state});
    }
    writer.commit_episode({.truncated = true, .success = true});
  }
  writer.pack();
}

/// The number after `"name": ` in JSON text.
double number(const std::string& text, const std::string& name) {
  const auto at = text.find("\"" + name + "\": ");
  if (at == std::string::npos) throw std::runtime_error("no " + name + " in " + text);
  return std::stod(text.substr(at + name.size() + 4));
}

}  // namespace

TEST_CASE("a dataset is at distance 0 from itself, and a shifted copy at the shift in its deviations") {
  const TemporaryDirectory folder;
  const std::string expert = folder / "expert.h5";
  const std::string shifted = folder / "shifted.h5";
  write(expert, 1, 0);
  write(shifted, 1, 3);
  for (const std::string options : {"", " --state-only", " --subsample 7 --seed 4"}) {
    CAPTURE(options);
    const std::string same = output_of("data distance --json " + expert + " " + expert + options);
    CHECK(number(same, "w1") == 0.0);
    CHECK(number(same, "w2") == 0.0);
  }
  const std::string apart = output_of("data distance --json " + shifted + " " + expert);
  CHECK(number(apart, "entries") == 3);
  CHECK(number(apart, "steps") == 60);
  // 3 over the deviation of 60 draws of N(0, 1), which is within 0.3 of 1. All mass moves alike: W1 = W2.
  CHECK(number(apart, "w1") == Approx(3.0).margin(1.2));
  CHECK(number(apart, "w2") == Approx(number(apart, "w1")).epsilon(1e-5));
  // The lines' W1 is |theta_1| times that; its mean over the sphere in three dimensions is a half.
  const std::string lines = output_of("data distance --json --sliced 4000 " + shifted + " " + expert);
  CHECK(number(lines, "sliced_w1") == Approx(0.5 * number(apart, "w1")).epsilon(0.05));
  CHECK_THAT(output_of("data distance " + shifted + " " + expert), ContainsSubstring("W1 = "));
}

TEST_CASE("demonstrations and steps are cut down as asked, and W1 is at most W2") {
  const TemporaryDirectory folder;
  const std::string a = folder / "a.h5";
  const std::string b = folder / "b.h5";
  write(a, 1, 0, 3, 40);
  write(b, 2, 0.5F, 4, 25);
  const std::string all = output_of("data distance --json " + a + " " + b);
  CHECK(number(all, "w1") > 0);
  CHECK(number(all, "w1") <= number(all, "w2"));
  const std::string few = output_of("data distance --json --demos 1 --subsample 10 " + a + " " + b);
  CHECK(number(few, "demonstrations") == 1);
  CHECK(number(few, "steps") == 4);
}

TEST_CASE("datasets of other spaces, too few demonstrations and too many steps are refused in one line") {
  const TemporaryDirectory folder;
  const std::string a = folder / "a.h5";
  const std::string other = folder / "other.h5";
  const std::string large = folder / "large.h5";
  write(a, 1, 0);
  write(other, 1, 0, 2, 30, "velocity");
  write(large, 1, 0, 1, 17000);  // its exact distance from itself takes 2.3 GB
  refused("data distance " + a + " " + other, 1, "observation: ");
  refused("data distance --demos 5 " + a + " " + a, 1, "want 5 demonstrations, found 2");
  refused("data distance " + a, 2, "to is required");
  refused("data distance " + a + " " + (folder / "none.h5").string(), 1, "none.h5");
#ifndef __SANITIZE_ADDRESS__  // which reserves more than this for itself
  refused("data distance " + large + " " + large, 1, "keep fewer steps with --subsample K",
          "ulimit -v 4000000;");
#endif
  refused("data distance --subsample 0 " + a + " " + a, 2, "subsample");
}

}  // namespace understudy::tests
