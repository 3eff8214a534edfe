// `understudy reference FOLDER`: manual pages and completion, which packages install. Not listed in the help.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "datasets/storage/durable_file.h"
#include "tools/commands/command.h"
#include "tools/console/reference.h"

namespace understudy::tools {

void add_reference(CLI::App& program) {
  const auto folder = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("reference", "Write manual pages and completion")->group("");
  command->add_option("folder", *folder, "Where man1/ and completions/ are made")->required();
  command->callback([folder, &program] {
    const std::filesystem::path root = *folder;
    std::filesystem::create_directories(root / "man1");
    std::filesystem::create_directories(root / "completions");
    for (const auto& [name, text] : manual_pages(program)) durable_write(root / "man1" / name, text);
    durable_write(root / "completions" / "understudy", bash_completion(program));
  });
}

}  // namespace understudy::tools
