#include "tools/console/look_option.h"

#include <CLI/CLI.hpp>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"

namespace understudy::tools {

void add_look_option(CLI::App& command, std::string& path) {
  command
      .add_option(
          "--look", path,
          "TOML file of another camera's look: textures, lights, lens and place (see: understudy envs "
          "--look-template; docs/adaptation.md)")
      ->type_name("FILE");
}

std::optional<Looks> load_looks(const std::string& path) {
  if (path.empty()) return std::nullopt;
  std::string text;
  try {
    text = read_file(path);
  } catch (const Error& error) {
    throw UsageError(std::string(error.what()) + "; check the path given to --look");
  }
  return Looks::parse(text, path);
}

}  // namespace understudy::tools
