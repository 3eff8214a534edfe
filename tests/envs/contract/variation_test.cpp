#include "envs/contract/variation.h"

#include <set>

#include "datasets/types/error.h"
#include "datasets/types/rng.h"
#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

/// A value inside the range of each quantity, another for each.
Variation everything(const EnvironmentSpec& spec) {
  Variation variation;
  double share = 0.1;
  for (const Quantity& quantity : quantities_of(spec)) {
    share += 0.01;
    const double value = quantity.low + share * (quantity.high - quantity.low);
    set_quantity(variation, quantity.key, quantity.whole ? std::floor(value) : value);
  }
  return variation;
}

TEST_CASE("every quantity is kept where it was set, and in the bits it was set to") {
  const EnvironmentSpec spec = make_environment("Drive")->spec();
  const Variation all = everything(spec);
  const auto values = values_of(all);
  REQUIRE(values.size() == quantities_of(spec).size());
  Variation again;
  for (const auto& [key, value] : values) set_quantity(again, key, value);
  CHECK(again == all);
  // One at a time: nothing else is set.
  for (const auto& [key, value] : values) {
    CAPTURE(key);
    Variation one;
    set_quantity(one, key, value);
    CHECK(values_of(one) == std::vector{std::pair{key, value}});
    CHECK_FALSE(one.empty());
  }
  CHECK(all.mass_spread != all.mass);
  CHECK(Variation{}.empty());
}

TEST_CASE("a variation comes back from JSON to the last bit") {
  Rng rng(9);
  Variation variation;
  CHECK(to_json(variation).empty());
  CHECK(variation_from_json("", "x").empty());
  for (int i = 0; i < 100; ++i) {
    variation.mass = rng.uniform(0.01, 100);
    variation.gravity = rng.uniform(0, 20);
    variation.sizes["cone_size"] = rng.uniform(0.5, 2);
    variation.field_noise["lidar"] = rng.uniform(0, 1e-9);
    REQUIRE(variation_from_json(to_json(variation), "x") == variation);
  }
  CHECK(to_json({.mass = 1.5}) == R"({"physics.mass":1.5})");
}

TEST_CASE("JSON that is not of a variation is refused with its place") {
  const auto reading = [](const char* text) {
    return variation_from_json(text, "d.h5:/data/demo_0@variation");
  };
  CHECK_THROWS_WITH(reading("[1]"), ContainsSubstring("demo_0@variation: want a JSON object"));
  CHECK_THROWS_WITH(reading("{\"physics.mass\":\"1\"}"), ContainsSubstring("physics.mass: want a number"));
  CHECK_THROWS_WITH(reading("{\"physics.mas\":1}"), ContainsSubstring("did you mean 'physics.mass'"));
  CHECK_THROWS_WITH(reading("{\"physics.mass\":-1}"), ContainsSubstring("want a number from 0.01 to 100"));
  CHECK_THROWS_WITH(reading("{\"actuators.latency\":0.5}"), ContainsSubstring("want a whole number"));
}

TEST_CASE("no two quantities share a stream, and none has a task's own") {
  std::set<RngStream> streams;
  for (const Quantity& quantity : quantities()) {
    streams.insert(variation_stream(quantity.key));
    CHECK(static_cast<std::uint64_t>(variation_stream(quantity.key)) >
          1'000'000);  // tasks count theirs from 1
  }
  CHECK(streams.size() == quantities().size());
}

TEST_CASE("a field or a size that the task does not have is refused by name") {
  const EnvironmentSpec drive = make_environment("Drive")->spec(), lift = make_environment("Lift")->spec();
  Variation variation;
  variation.field_noise["lidr"] = 0.1;
  CHECK_THROWS_WITH(check_fits(variation, drive),
                    ContainsSubstring("sensors.fields.lidr") && ContainsSubstring("did you mean 'lidar'"));
  variation = {};
  variation.sizes["cone_size"] = 1.1;
  CHECK_NOTHROW(check_fits(variation, drive));
  CHECK_THROWS_WITH(check_fits(variation, lift),
                    ContainsSubstring("geometry.cone_size") && ContainsSubstring("cube_size"));
  EnvironmentSpec endless = lift;
  endless.dimensions.clear();
  CHECK_THROWS_WITH(check_fits(variation, endless), ContainsSubstring("has no dimension to vary"));
  endless.observation = Space({{"x", 1, "m", -1e30, 1e30, "place"}});
  CHECK_THROWS_WITH(check_fits({.sensor_noise = 0.01}, endless), ContainsSubstring("set sensors.fields.x"));
  variation = {.sensor_noise = 0.01};
  variation.field_noise["x"] = 0.1;
  CHECK_NOTHROW(check_fits(variation, endless));
}

}  // namespace
}  // namespace understudy
