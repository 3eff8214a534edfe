// `understudy data convert`: other programs' demonstrations as a dataset of ours, and ours for other programs.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "datasets/curation/minari_export.h"
#include "datasets/foreign/conversion.h"
#include "datasets/foreign/robomimic_export.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"
#include "datasets/types/shell_quoted.h"
#include "envs/tasks/registry.h"
#include "tools/commands/command.h"
#include "tools/console/console.h"
#include "tools/console/task_header.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string file, out, to = "understudy", environment, minari, id, rescale_as;
  SourceOptions source{};
  std::vector<std::string> map;
  bool rescale = false, successful = false, force = false;
};

DatasetHeader header_of(const std::string& environment_id) {
  const auto environment = make_environment(environment_id);
  return task_header(*environment);
}

/// What the option is for, in one line, when another is missing.
void want_only(bool wrong, const char* option, const char* with) {
  if (wrong) throw UsageError(std::string(option) + ": goes with " + with + " only");
}

ConversionOptions conversion_options(const Options& options, const EpisodeSource& source, const FieldMap& map,
                                     Progress& progress) {
  ConversionOptions conversion{.successful = options.successful, .force = options.force};
  const auto show = [&progress](int done, int) { progress.update(done); };
  if (!options.rescale_as.empty()) {
    const DatasetHeader other = DemonstrationReader(options.rescale_as).header();
    if (other.action_scale.empty())
      throw Error(options.rescale_as + ": want a dataset whose actions were rescaled, found none");
    conversion.scale = action_scale_from_json(other.action_scale, static_cast<int>(map.action.size()),
                                              options.rescale_as + ":/understudy@action_scale");
  } else if (options.rescale) {
    conversion.scale = find_action_scale(source, map, show);
  }
  conversion.progress = show;
  return conversion;
}

void print_scale(const Space& action, const ActionScale& scale) {
  std::size_t entry = 0;
  for (const Field& field : action.fields()) {
    for (int i = 0; i < field.size; ++i, ++entry) {
      if (scale.scale[entry] == 1 && scale.offset[entry] == 0) continue;
      std::printf("  rescaled     %s[%d]: theirs is %.6g x ours %+.6g\n", field.name.c_str(), i,
                  scale.scale[entry], scale.offset[entry]);
    }
  }
}

void bring_in(const Options& options) {
  const auto source = open_source(options.file, options.source);
  const ForeignDescription& foreign = source->description();
  std::optional<DatasetHeader> task;
  if (!options.environment.empty()) task = header_of(options.environment);
  std::vector<FieldPair> pairs;
  for (const std::string& text : options.map) pairs.push_back(parse_field_pair(text));
  const FieldMap map = map_fields(foreign, task, pairs);
  ConversionOptions conversion;
  Conversion done;
  {
    Progress progress("converting", source->size(), "episodes");
    conversion = conversion_options(options, *source, map, progress);
    done = convert(*source, map, options.file, options.out, conversion);
    progress.update(source->size());
  }
  std::printf("%s: %d episodes, %lld steps of %s%s%s\n", options.out.c_str(), done.episodes,
              static_cast<long long>(done.steps), foreign.format.c_str(), foreign.task.empty() ? "" : ", ",
              foreign.task.c_str());
  for (const std::vector<std::string>* words : {&foreign.words, &map.words, &std::as_const(done.words)})
    for (const std::string& line : *words) std::printf("  %s\n", line.c_str());
  if (conversion.scale) print_scale(map.header.action, *conversion.scale);
  if (done.rounded) std::printf("  numbers that are no float32 are now the nearest ones\n");
  if (done.unknown > 0 && options.successful) {
    std::printf("  %d episodes of which the file does not say so are taken as successful\n", done.unknown);
  } else if (done.unknown > 0) {
    std::printf(
        "  the file does not say which of %d episodes succeeded: none is marked; if all did, convert with "
        "--successful, or learn with --all-episodes\n",
        done.unknown);
  }
  if (!task) {
    std::printf(
        "  of no task of this program: to learn from it give `train --env TASK`, or convert with --env\n");
  }
}

void give_out(const Options& options) {
  if (options.to == "robomimic") {
    int episodes = 0;
    {
      Progress progress("converting", DemonstrationReader(options.file).size(), "episodes");
      episodes = export_robomimic(options.file, options.out, options.force,
                                  [&](int done, int) { progress.update(done); });
      progress.update(episodes);
    }
    std::printf("%s: %d episodes for robomimic\n", options.out.c_str(), episodes);
    return;
  }
  const std::string root = options.minari.empty() ? options.out : options.minari;
  const std::string id =
      options.id.empty() ? minari_id(DemonstrationReader(options.file).header().environment_id) : options.id;
  const fs::path data = export_minari(options.file, root, id, options.force);
  std::printf(
      "%s: the dataset as Minari's %s\nMINARI_DATASETS_PATH=%s python -c %s\n"
      "recover_environment() has nothing to recover: the task lives in this program, Gymnasium does not know "
      "it\n",
      data.c_str(), id.c_str(), shell_quoted(fs::absolute(root).string()).c_str(),
      shell_quoted("import minari; print(minari.load_dataset(\"" + id + "\"))").c_str());
}

void convert_file(const Options& options) {
  const bool in = options.to == "understudy" && options.minari.empty();
  const bool minari = options.to == "minari" || !options.minari.empty();
  want_only(in && !options.id.empty(), "--id", "--to minari");
  want_only(!in && !options.environment.empty(), "--env", "--to understudy");
  want_only(!in && !options.map.empty(), "--map", "--to understudy");
  want_only(!in && (options.rescale || !options.rescale_as.empty()), "--rescale", "--to understudy");
  want_only(!in && options.successful, "--successful", "--to understudy");
  if (options.rescale && !options.rescale_as.empty())
    throw UsageError("--rescale, --rescale-as: want one of them, found both");
  if (options.out.empty() && options.minari.empty()) {
    throw UsageError(std::string("--out: want where the result goes, ") +
                     (minari ? "the folder of Minari's datasets" : "a file") + ", found nothing");
  }
  if (in) {
    bring_in(options);
  } else {
    give_out(options);
  }
}

}  // namespace

void add_data_convert(CLI::App& data) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      data.add_subcommand("convert", "Bring in other programs' demonstrations, and give them ours");
  command->add_option("file", options->file, "File, or folder of a Minari dataset")->required();
  command->add_option("--from", options->source.format, "Layout of the file")
      ->check(CLI::IsMember(source_formats()))
      ->capture_default_str();
  command->add_option("--to", options->to, "understudy; or robomimic or minari, from a dataset of understudy")
      ->check(CLI::IsMember({"understudy", "robomimic", "minari"}))
      ->capture_default_str();
  command->add_option("--out", options->out, "File to write; for Minari the folder of its datasets");
  command->add_option("--env", options->environment,
                      "Task whose fields the file's become; default: a dataset of the file's own fields");
  command
      ->add_option("--map", options->map, "OURS=THEIRS or OURS=THEIRS[first:last], fields; may be repeated")
      ->allow_extra_args(false);
  command->add_flag("--rescale", options->rescale,
                    "Map action entries that leave [-1, 1] into it; how is kept in the file");
  command->add_option("--rescale-as", options->rescale_as, "The same, as this dataset's were");
  command
      ->add_option("--episode-steps", options->source.horizon,
                   "D4RL without timeouts: steps after which the task cut its episodes; 0: it never did")
      ->check(CLI::Range(0, 1'000'000'000));
  command->add_flag("--successful", options->successful,
                    "All episodes succeeded, where the file does not say so itself");
  command->add_option("--minari", options->minari, "ROOT: the same as --to minari --out ROOT");
  command->add_option("--id", options->id, "Minari's name for it; default: understudy/<task>-v0");
  command->add_flag("--force", options->force, "Replace an earlier result");
  command->callback([options] { convert_file(*options); });
}

}  // namespace understudy::tools
