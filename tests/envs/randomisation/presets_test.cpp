#include "envs/randomisation/presets.h"

#include "envs/tasks/registry.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

TEST_CASE("every preset is read and fits every task") {
  CHECK(randomisation_presets() == std::vector<std::string>{"dactyl", "peng", "tobin"});
  for (const std::string& name : randomisation_presets()) {
    const Randomisation randomisation = parse_randomisation(preset_text(name), name);
    CHECK_FALSE(randomisation.empty());
    for (const std::string& id : environment_ids()) {
      CAPTURE(name, id);
      CHECK_NOTHROW(check_fits(randomisation, make_environment(id)->spec()));
    }
  }
  CHECK(preset_text("nobody").empty());
}

}  // namespace
}  // namespace understudy
