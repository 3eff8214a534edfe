#include "envs/randomisation/randomisation.h"

#include <cmath>

#include "datasets/types/error.h"
#include "envs/contract/environment_check.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

using Kind = Distribution::Kind;
using Distributions = std::map<std::string, Distribution>;

constexpr int kDraws = 20000;
/// Standard errors that a sample's mean may be off; one test in 16,000 would fail by
/// chance if seeds were not fixed.
constexpr double kErrors = 4;

struct Sample {
  double mean = 0, variance = 0, low = 1e300, high = -1e300;
};

Sample sample(
    const Distribution& distribution, double (*map)(double) = [](double x) { return x; }) {
  std::vector<double> values;
  Sample s;
  Rng rng(17);
  for (int i = 0; i < kDraws; ++i) {
    const double value = map(draw(distribution, rng));
    values.push_back(value);
    s.mean += value / kDraws;
    s.low = std::min(s.low, value), s.high = std::max(s.high, value);
  }
  for (const double value : values) s.variance += (value - s.mean) * (value - s.mean) / (kDraws - 1);
  return s;
}

void check_moments(const Sample& s, double mean, double variance, double kurtosis) {
  CHECK(std::abs(s.mean - mean) < kErrors * std::sqrt(variance / kDraws));
  // Var(s²) = sigma⁴ (kurtosis - 1) / n for large n.
  CHECK(std::abs(s.variance - variance) < kErrors * variance * std::sqrt((kurtosis - 1) / kDraws));
}

TEST_CASE("each distribution has the moments of its formula and stays within its bounds") {
  const Sample uniform = sample({Kind::kUniform, {0.8, 1.2}});
  check_moments(uniform, 1.0, 0.4 * 0.4 / 12, 1.8);
  CHECK((uniform.low >= 0.8 && uniform.high <= 1.2));

  // The logarithm is uniform in [ln 0.5, ln 2].
  const Sample logarithm = sample({Kind::kLogUniform, {0.5, 2}}, [](double x) { return std::log(x); });
  const double width = std::log(4.0);
  check_moments(logarithm, 0, width * width / 12, 1.8);
  CHECK((logarithm.low >= std::log(0.5) && logarithm.high <= std::log(2.0)));

  check_moments(sample({Kind::kNormal, {9.81, 0.1}}), 9.81, 0.01, 3);

  // Cut at one deviation either way, the variance is 1 - 2 phi(1) / (2 Phi(1) - 1) = 0.291125 and the fourth
  // moment 3 - (1 + 3) 2 phi(1) / (2 Phi(1) - 1) = 0.164501 (integrating by parts), a kurtosis of 1.9409.
  const Sample cut = sample({Kind::kNormal, {0, 1}, -1, 1});
  check_moments(cut, 0, 0.291125, 1.9409);
  CHECK((cut.low >= -1 && cut.high <= 1));

  // n values 0 .. n - 1: variance (n² - 1) / 12; kurtosis 3 - 6 (n² + 1) / (5 (n² - 1)).
  const Sample integer = sample({Kind::kInteger, {1, 5}});
  check_moments(integer, 3, 2, 3 - 6.0 * 26 / (5 * 24));
  CHECK((integer.low == 1 && integer.high == 5));

  const Sample choice = sample({Kind::kChoice, {0, 10}});
  check_moments(choice, 5, 25, 1 + 1e-3);
  const Sample constant = sample({Kind::kConstant, {0.3}});
  CHECK((constant.low == 0.3 && constant.high == 0.3));
}

TEST_CASE("drawing one quantity more does not change the others") {
  Randomisation few, many;
  few.set("physics.mass", {Kind::kUniform, {0.8, 1.2}});
  few.set("sensors.noise", {Kind::kNormal, {0.02, 0.001}});
  for (const Quantity& quantity : quantities()) {
    if (few.distributions().count(quantity.key) > 0 || quantity.whole) continue;
    many.set(quantity.key, {Kind::kUniform, {quantity.low, quantity.high}});
  }
  for (const auto& [key, distribution] : few.distributions()) many.set(key, distribution);
  double before = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Variation a = few.draw(seed), b = many.draw(seed);
    REQUIRE(a.mass == b.mass);
    REQUIRE(a.sensor_noise == b.sensor_noise);
    REQUIRE(*a.mass != before);  // and another seed draws another value
    before = *a.mass;
  }
}

TEST_CASE("two quantities of one episode are not correlated, nor is one with its neighbour's") {
  Randomisation randomisation;
  for (const char* key : {"physics.mass", "physics.friction", "visual.colour"}) {
    randomisation.set(key, {Kind::kUniform, {0.01, 1}});
  }
  constexpr int kEpisodes = 5000;
  double across = 0, along = 0, before = 0;
  const double mean = 0.505, variance = 0.99 * 0.99 / 12;
  for (std::uint64_t seed = 0; seed < kEpisodes; ++seed) {
    const Variation drawn = randomisation.draw(seed);
    across += (*drawn.mass - mean) * (*drawn.friction - mean) / (kEpisodes * variance);
    along += (*drawn.mass - mean) * before / (kEpisodes * variance);
    before = *drawn.mass - mean;
  }
  CHECK(std::abs(across) < kErrors / std::sqrt(kEpisodes));
  CHECK(std::abs(along) < kErrors / std::sqrt(kEpisodes));
}

TEST_CASE("a normal distribution without bounds keeps to what makes sense, or is refused") {
  Randomisation randomisation;
  randomisation.set("physics.mass", {Kind::kNormal, {1, 0.2}});
  CHECK(*randomisation.distributions().at("physics.mass").low == 0.01);
  CHECK_THROWS_WITH(Randomisation().set("physics.mass", {Kind::kNormal, {1, 0.3}}),
                    ContainsSubstring("physics.mass") && ContainsSubstring("add low and high"));
  CHECK_NOTHROW(Randomisation().set("physics.mass", {Kind::kNormal, {1, 0.3}, 0.5}));
}

TEST_CASE("the text form is read as it is written") {
  const Randomisation read = parse_randomisation(
      "# a comment\n\n[physics]  # another\n"
      "gravity={normal=[9.81,0.1],low=9.5,high=+10.1}\r\n"
      "\tmass = { uniform = [8e-1, 1.2,] } # trailing\n"
      "restitution = 0.1\n"
      "[ sensors.fields ]\nlidar = { choice = [0, 0.02, 0.1] }\n"
      "[actuators]\nlatency = { integer = [0, 2] }",
      "x.toml");
  Randomisation want;
  want.set("physics.gravity", {Kind::kNormal, {9.81, 0.1}, 9.5, 10.1});
  want.set("physics.mass", {Kind::kUniform, {0.8, 1.2}});
  want.set("physics.restitution", {Kind::kConstant, {0.1}});
  want.set("sensors.fields.lidar", {Kind::kChoice, {0, 0.02, 0.1}});
  want.set("actuators.latency", {Kind::kInteger, {0, 2}});
  CHECK(read == want);
  CHECK(parse_randomisation(to_toml(want), "x") == want);
  CHECK(parse_randomisation("physics.mass = 2", "x").draw(1).mass == 2.0);
  CHECK(parse_randomisation("[physics.mass]\nuniform = [\n  0.8,\n  1.2,\n]\n", "x").distributions() ==
        Distributions{{"physics.mass", {Kind::kUniform, {0.8, 1.2}}}});
  CHECK(parse_randomisation("# nothing\n", "x").empty());
  CHECK(to_toml({}).empty());
}

TEST_CASE("what is wrong in a file is named with its place, the expectation and the finding") {
  struct Case {
    const char* text;
    const char* complaint;
  };
  const Case c = GENERATE(values<Case>({
      {"[physics]\nmas = 1", "x.toml:2:1: unknown key 'physics.mas': did you mean 'physics.mass'?"},
      {"[phisics]\nmass = 1", "x.toml:1:2: unknown section 'phisics': did you mean 'physics'?"},
      {"mass = 1", "x.toml:1:1: unknown key 'mass'"},
      {"[physics]\n\nmass = { uniform = [-0.5, 1] }",
       "x.toml:3:8: physics.mass: want values from 0.01 to 100, found -0.5"},
      {"[physics]\nmass = -1", "x.toml:2:8: physics.mass: want values from 0.01 to 100, found -1"},
      {"[physics]\nmass = { uniform = [2, 1] }", "uniform: want the lower number first, found 2 and 1"},
      {"[physics]\nmass = { uniform = [1] }", "uniform: want 2 numbers, found 1"},
      {"[physics]\nmass = { unifrm = [1, 2] }",
       "x.toml:2:10: physics.mass.unifrm: unknown distribution 'unifrm': did you mean 'uniform'?"},
      {"[physics]\nmass = { log_uniform = [0, 2] }", "log_uniform: want numbers above 0, found 0"},
      {"[physics]\nmass = { normal = [1, -1] }", "normal: want a deviation of at least 0, found -1"},
      {"[physics]\nmass = { normal = [1, 1] }", "goes beyond: narrow it, or add low and high"},
      {"[physics]\nmass = { normal = [1, 1], low = 2, high = 3 }", "want the mean 1 within low and high"},
      {"[physics]\nmass = { normal = [1, 1], low = 0.999, high = 1.001 }",
       "at least a tenth of the deviation"},
      {"[physics]\nmass = { uniform = [1, 2], low = 1 }", "low and high belong to normal and adaptive only"},
      {"[physics]\nmass = { low = 1 }", "x.toml:2:8: physics.mass: want a distribution, e.g."},
      {"[physics]\nmass = { uniform = [1, 2], normal = [1, 2] }",
       "x.toml:2:28: physics.mass: want one distribution, found 'normal' as a second"},
      {"[physics]\nmass = { choice = [] }", "choice: want at least 1 number, found 0"},
      {"[physics]\nmass = 1\nmass = 2", "x.toml:3:"},
      {"[physics]\nmass = heavy", "x.toml:2:8: not TOML: "},
      {"[physics]\nmass = inf", "x.toml:2:8: physics.mass: constant: want numbers that are finite"},
      {"[physics]\nmass = nan", "x.toml:2:8: physics.mass: constant: want numbers that are finite"},
      {"[physics]\nmass 1", "x.toml:2:6: not TOML: "},
      {"[physics]\nmass =", "x.toml:2:7: not TOML: "},
      {"[physics]\nmass = 1 2", "x.toml:2:10: not TOML: "},
      {"[physics]\nmass = { uniform = [1, 2 }", "x.toml:2:26: not TOML: "},
      {"[physics]\nmass = { uniform = [1, 2]", "x.toml:2:"},
      {"[physics\nmass = 1", "x.toml:1:"},
      {"[]\nmass = 1", "x.toml:1:2: not TOML: "},
      {"[actuators]\nlatency = { uniform = [0, 2] }", "actuators.latency: want whole numbers: use integer"},
      {"[physics]\nmass = '1'", "x.toml:2:8: physics.mass: want a number, found the text '1'"},
      {"[physics]\nmass = [1, 2]", "x.toml:2:8: physics.mass: want a number, found a list"},
      {"[physics]\nmass = { uniform = 1 }",
       "x.toml:2:20: physics.mass.uniform: want a list of numbers, found"},
      {"[physics]\nmass = { choice = [1, true] }",
       "x.toml:2:23: physics.mass.choice: want a number, found true"},
      {"[physics]\nmass = {}", "x.toml:2:8: physics.mass: want a distribution, e.g."},
      {"physics = 1", "x.toml:1:1: unknown key 'physics'"},
      {"[actuators]\nlatency = 0.5", "actuators.latency: want whole numbers"},
      {"[actuators]\nlatency = { integer = [0, 200] }", "want values from 0 to 100, found 200"},
      {"[geometry]\ncone = { uniform = [0, 1] }", "geometry.cone: want values from 0.1 to 10, found 0"},
  }));
  CAPTURE(c.text);
  CHECK_THROWS_AS(parse_randomisation(c.text, "x.toml"), UsageError);
  CHECK_THROWS_WITH(parse_randomisation(c.text, "x.toml"),
                    ContainsSubstring("x.toml:") && ContainsSubstring(c.complaint));
}

TEST_CASE("every task keeps its contract while all that the program offers is varied") {
  const std::string id = GENERATE(from_range(environment_ids()));
  CAPTURE(id);
  const std::string text = example_randomisation(make_environment(id)->spec());
  const Randomisation wide = parse_randomisation(text, "example");
  CHECK(wide.distributions().size() == quantities_of(make_environment(id)->spec()).size());
  CHECK_NOTHROW(check_environment([&] { return make_environment(id, wide); },
                                  {.seed = 21, .episodes = 2, .steps = 40}));
}

TEST_CASE("a randomisation that does not fit is refused before anything runs") {
  Randomisation randomisation;
  randomisation.set("geometry.cone_size", {Kind::kConstant, {1.1}});
  CHECK_THROWS_AS(make_environment("Reach", randomisation), UsageError);
  CHECK_NOTHROW(make_environment("Drive", randomisation));
}

}  // namespace
}  // namespace understudy
