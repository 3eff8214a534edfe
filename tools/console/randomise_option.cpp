#include "tools/console/randomise_option.h"

#include <CLI/CLI.hpp>
#include <fstream>
#include <sstream>

#include "datasets/types/error.h"
#include "envs/tasks/registry.h"

namespace understudy::tools {

void add_randomise_option(CLI::App& command, std::string& path) {
  command
      .add_option("--randomise", path,
                  "TOML file of distributions that each episode's physics, actuators, sensors and looks are "
                  "drawn from (see: understudy envs ID --randomisation)")
      ->type_name("FILE");
}

Randomisation load_randomisation(const std::string& path, const std::string& environment_id) {
  if (path.empty()) return {};
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf() || file.peek() == std::ifstream::traits_type::eof())) {
    throw UsageError(path + ": cannot be read; check the path given to --randomise");
  }
  Randomisation randomisation = parse_randomisation(text.str(), path);
  const auto environment = make_environment(environment_id);
  try {
    check_fits(randomisation, environment->spec());
  } catch (const UsageError& error) {
    throw UsageError(path + ": " + error.what());
  }
  return randomisation;
}

}  // namespace understudy::tools
