// `understudy data report`: a dataset as one page for a browser.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "tools/commands/command.h"
#include "tools/media/dataset_report.h"

namespace understudy::tools {

void add_data_report(CLI::App& data) {
  struct Arguments {
    std::string file, out;
    bool without_pictures = false;
    ReportOptions options;
  };
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = data.add_subcommand(
      "report",
      "One page for a browser: episodes to play, trajectories, distributions, starts, timing, lint");
  command->add_option("file", arguments->file, "Dataset, e.g. demos.h5")->required();
  command->add_option("--out", arguments->out, "Page to write [FILE.html]");
  command->add_flag("--simulate", arguments->options.simulate,
                    "Judge labels too, by simulating every episode again");
  command->add_flag("--no-pictures", arguments->without_pictures, "Draw no scenes");
  command
      ->add_option("--starts", arguments->options.starts,
                   "Starts that the task draws beside those recorded; 0: none")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  command->add_option("--seed", arguments->options.seed, "Of those starts")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{9999}))
      ->capture_default_str();
  command->add_flag("--force", arguments->options.force, "Replace a file of that name");
  command->callback([arguments] {
    ReportOptions options = arguments->options;
    options.pictures = !arguments->without_pictures;
    const std::filesystem::path file = arguments->file;
    const std::filesystem::path out = arguments->out.empty()
                                          ? std::filesystem::path(file).replace_extension(".html")
                                          : std::filesystem::path(arguments->out);
    const DemonstrationReader reader(file);
    write_report(reader, file, out, options);
    std::printf("%s: %.1f MB; open it in a browser\n", out.c_str(),
                1e-6 * static_cast<double>(std::filesystem::file_size(out)));
  });
}

}  // namespace understudy::tools
