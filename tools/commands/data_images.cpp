// `understudy data images`: what cameras saw during recorded episodes, as image observations.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "tools/commands/command.h"
#include "tools/console/look_option.h"
#include "tools/media/image_rendering.h"

namespace understudy::tools {

void add_data_images(CLI::App& data) {
  struct Arguments {
    std::string file;
    std::string out;
    std::vector<std::string> cameras;
    std::string size = "84x84";
    std::string look;
    bool depth = false;
    bool segmentation = false;
    bool force = false;
  };
  const auto arguments = std::make_shared<Arguments>();
  CLI::App* command = data.add_subcommand(
      "images", "Render what cameras saw, from the recorded states, into a dataset with images");
  command->add_option("file", arguments->file, "Dataset, e.g. demos.h5")->required();
  command
      ->add_option(
          "--camera", arguments->cameras,
          "NAME or NAME:WIDTHxHEIGHT, a camera of the task (see: understudy envs ID); may be repeated")
      ->required()
      ->allow_extra_args(false);
  command->add_option("--size", arguments->size, "Of the cameras without a size of their own")
      ->capture_default_str();
  command->add_flag("--depth", arguments->depth, "Also obs/<camera>_depth: metres along the view");
  command->add_flag("--segmentation", arguments->segmentation, "Also obs/<camera>_segmentation: bodies");
  add_look_option(*command, arguments->look);
  command->add_option("--out", arguments->out, "Dataset to make or to bring up to date [FILE_images.h5]");
  command->add_flag("--force", arguments->force, "Replace another file of that name");
  command->callback([arguments] {
    render_images(
        arguments->file,
        arguments->out.empty() ? images_file(arguments->file) : std::filesystem::path(arguments->out),
        rig_options(arguments->cameras, arguments->size, arguments->depth, arguments->segmentation),
        arguments->force, load_looks(arguments->look));
  });
}

}  // namespace understudy::tools
