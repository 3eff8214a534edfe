#include "envs/randomisation/corner.h"

#include "tests/support/catch.h"

namespace understudy {
namespace {

TEST_CASE("a corner has every quantity at its end, whatever it is drawn from") {
  const Randomisation wide = parse_randomisation(
      "[physics]\n"
      "mass = { uniform = [0.8, 1.2] }\n"
      "gravity = { normal = [9.81, 0.1], low = 9.7, high = 10.5 }\n"
      "friction = { log_uniform = [0.5, 2] }\n"
      "restitution = 0.1\n"
      "[actuators]\n"
      "latency = { integer = [0, 2] }\n"
      "gain = { choice = [1, 0.9, 1.1] }\n",
      "wide.toml");
  const auto value = [](const Randomisation& corner, const std::string& key) {
    for (const auto& [name, number] : values_of(corner.draw(7))) {
      if (name == key) return number;
    }
    return -1.0;
  };
  const Randomisation low = corner_of(wide, Corner::kLow), high = corner_of(wide, Corner::kHigh);
  struct End {
    const char* key;
    double low, high;
  };
  // Gravity's lower bound is nearer than two deviations, its upper one is not.
  for (const End& end : {End{"physics.mass", 0.8, 1.2}, End{"physics.gravity", 9.7, 10.01},
                         End{"physics.friction", 0.5, 2}, End{"physics.restitution", 0.1, 0.1},
                         End{"actuators.latency", 0, 2}, End{"actuators.gain", 0.9, 1.1}}) {
    CAPTURE(end.key);
    CHECK(value(low, end.key) == Approx(end.low));
    CHECK(value(high, end.key) == Approx(end.high));
  }
  CHECK(low.draw(1) == low.draw(2));
}

}  // namespace
}  // namespace understudy
