#include "envs/other_world/world_constants.h"

#include "datasets/types/error.h"
#include "envs/other_world/world_presets.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

TEST_CASE(
    "a constant that the file names is its own, others are drawn from the seed, or neutral without one") {
  const WorldFile drawn = parse_world("world = \"maximal\"\nseed = 4\n[rope]\ndamping = 2.5\n", "w.toml");
  CHECK(drawn.structure == WorldStructure::kMaximal);
  CHECK(drawn.constants.rope_damping == 2.5);
  for (const WorldConstant& constant : world_constants()) {
    if (constant.key == "rope.damping") continue;
    CAPTURE(constant.key);
    CHECK(drawn.constants.*constant.member >= constant.draw_low);
    CHECK(drawn.constants.*constant.member <= constant.draw_high);
    CHECK(constant.draw_low >= constant.low);
    CHECK(constant.draw_high <= constant.high);
    CHECK(WorldConstants{}.*constant.member >= constant.low);
  }
  const WorldFile neutral = parse_world("world = \"held-out\"\n", "w.toml");
  CHECK(neutral.structure == WorldStructure::kHeldOut);
  CHECK(neutral.constants.delay == 0);
}

TEST_CASE("naming one constant more does not change what the others are drawn as") {
  const WorldFile one = parse_world("world = \"maximal\"\nseed = 4\n", "w.toml");
  const WorldFile other = parse_world("world = \"maximal\"\nseed = 4\n[joints]\ncoulomb = 0.1\n", "w.toml");
  CHECK(one.constants.delay == other.constants.delay);
  CHECK(one.constants.coulomb != other.constants.coulomb);
  CHECK(one.sha256 != other.sha256);
}

TEST_CASE("a file that is wrong is refused with its line, and what is known") {
  struct Case {
    const char *text, *message;
  };
  const Case c = GENERATE(values<Case>({
      {"seed = 1\n", "w.toml: want world = \"maximal\", \"held-out\" or \"own\""},
      {"world = \"flat\"\n",
       "w.toml:1:9: world: want \"maximal\", \"held-out\" or \"own\", found the text 'flat'"},
      {"world = \"maximal\"\n[joint]\n", "w.toml:2:2: unknown section 'joint': did you mean 'joints'?"},
      {"world = \"maximal\"\n[joints]\ncoulom = 1\n", "w.toml:3:1: joints.coulom: unknown constant 'coulom'"},
      {"world = \"maximal\"\n[joints]\ncoulomb = 2\n",
       "joints.coulomb: want a number from 0 to 0.5, found the number 2"},
      {"world = \"maximal\"\n[rope]\nlinks = 2.5\n", "rope.links: want a whole number from 0 to 40"},
      {"world = \"maximal\"\nsed = 1\n", "w.toml:2:1: unknown key 'sed': did you mean 'seed'?"},
      {"world = \n", "w.toml:1"},
  }));
  CAPTURE(c.text);
  CHECK_THROWS_WITH(parse_world(c.text, "w.toml"), ContainsSubstring(c.message));
  CHECK_THROWS_AS(parse_world(c.text, "w.toml"), UsageError);
}

TEST_CASE("the example has every constant and reads back as what its seed draws") {
  const WorldFile file = parse_world(example_world("maximal"), "example");
  const WorldFile drawn = parse_world("world = \"maximal\"\nseed = 1\n", "w.toml");
  for (const WorldConstant& constant : world_constants()) {
    CAPTURE(constant.key);
    CHECK(file.constants.*constant.member == Approx(drawn.constants.*constant.member).epsilon(1e-3));
  }
}

TEST_CASE("every preset is a world of the toolkit's own bodies, and forces has nothing but forces") {
  for (const std::string& name : world_presets()) {
    CAPTURE(name);
    CHECK(parse_world(world_preset_text(name), name).structure == WorldStructure::kOwn);
  }
  WorldConstants forces = parse_world(world_preset_text("forces"), "forces").constants;
  CHECK(forces.pushes == 0.125);
  for (const WorldConstant& constant : world_constants()) {
    if (constant.key.starts_with("forces.")) continue;
    CAPTURE(constant.key);
    CHECK(forces.*constant.member == WorldConstants{}.*constant.member);
  }
  CHECK(world_preset_text("nobody").empty());
}

}  // namespace
}  // namespace understudy
