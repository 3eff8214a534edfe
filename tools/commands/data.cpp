// `understudy data`: what is in a dataset, whether it keeps the contract, and what a crash left beside it.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "datasets/curation/statistics.h"
#include "datasets/curation/validation.h"
#include "datasets/format/dataset_paths.h"
#include "datasets/format/demonstration_reader.h"
#include "datasets/format/robot_record.h"
#include "datasets/recording/recovery.h"
#include "datasets/types/error.h"
#include "datasets/types/json_text.h"
#include "datasets/types/shell_quoted.h"
#include "envs/contract/variation.h"
#include "envs/tasks/registry.h"
#include "tools/commands/command.h"
#include "tools/console/task_criterion.h"

namespace understudy::tools {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::string file;
  bool json = false;
  int undone = 0;
};

ordered_json to_json(const Spread& spread) {
  return {{"low", spread.low}, {"mean", spread.mean}, {"high", spread.high}};
}

ordered_json to_json(const Space& space) {
  auto fields = ordered_json::array();
  for (const Field& field : space.fields()) {
    fields.push_back({{"name", field.name},
                      {"size", field.size},
                      {"unit", field.unit},
                      {"low", field.low},
                      {"high", field.high},
                      {"meaning", field.meaning}});
  }
  return fields;
}

/// What an episode was varied by.
Variation variation_of(const Options& options, const DemonstrationReader& reader, int index) {
  return variation_from_json(reader.summary(index).variation,
                             options.file + ":/data/" + reader.name(index) + "@variation");
}

ordered_json info_json(const Options& options, const DemonstrationReader& reader,
                       const DatasetStatistics& s) {
  const DatasetHeader& header = reader.header();
  const bool judged = has_success(header.environment_id);
  const auto or_null = [judged](auto value) { return judged ? ordered_json(value) : ordered_json(); };
  ordered_json masks = ordered_json::object();
  for (const std::string& key : reader.masks()) masks[key] = reader.mask(key);
  auto images = ordered_json::array();
  for (const ImageField& field : header.images.fields) {
    images.push_back({{"key", field.key()},
                      {"camera", field.camera},
                      {"width", field.width},
                      {"height", field.height},
                      {"channels", field.channels()}});
  }
  auto episodes = ordered_json::array();
  for (int i = 0; i < reader.size(); ++i) {
    const EpisodeSummary summary = reader.summary(i);
    episodes.push_back({{"name", reader.name(i)},
                        {"steps", summary.steps},
                        {"seed", summary.seed},
                        {"success", or_null(summary.success)},
                        {"terminated", summary.terminated},
                        {"truncated", summary.truncated},
                        {"recovered", summary.recovered},
                        {"operator", summary.operator_name},
                        {"device", summary.device}});
    if (!summary.variation.empty()) {
      episodes.back()["variation"] = ordered_json::parse(to_json(variation_of(options, reader, i)));
    }
  }
  return {{"file", options.file},
          {"sha256", reader.sha256()},
          {"environment", header.environment_id},
          {"robot_sha256", header.robot_sha256},
          {"written_by_understudy", reader.is_ours()},
          {"program", header.program_version},
          {"device", header.device},
          {"source", header.source},
          {"action_scale", header.action_scale},
          {"control_rate", header.control_rate},
          {"substeps", header.substeps},
          {"horizon", header.horizon},
          {"state_dim", header.state_dim},
          {"observation", to_json(header.observation)},
          {"action", to_json(header.action)},
          {"skipped_fields", reader.skipped_fields()},
          {"images", images},
          {"episodes", s.episodes},
          {"successes", or_null(s.successes)},
          {"recovered", s.recovered},
          {"steps", s.steps},
          {"length", to_json(s.length)},
          {"return", to_json(s.episode_return)},
          {"timed_episodes", s.timed_episodes},
          {"rate", to_json(s.rate)},
          {"longest_step", s.longest_step},
          {"overruns", s.overruns},
          {"input_age", to_json(s.input_age)},
          {"interventions", s.interventions},
          {"undone_episodes", undone_episodes(options.file)},
          {"leftovers", has_leftovers(options.file)},
          {"masks", masks},
          {"demonstrations", episodes}};
}

std::string describe(const Space& space) {
  std::string text = std::to_string(space.size()) + ":";
  for (const Field& field : space.fields()) text += " " + field.name + "[" + std::to_string(field.size) + "]";
  return text;
}

/// Who drove how many episodes, when it was more than one hand or a numbered one.
void print_operators(const DemonstrationReader& reader, const std::string& device, bool judged) {
  std::map<std::string, std::pair<int, int>> episodes;  // all, successful
  for (int i = 0; i < reader.size(); ++i) {
    const EpisodeSummary summary = reader.summary(i);
    auto& [all, successful] = episodes[summary.operator_name];
    ++all;
    successful += summary.success ? 1 : 0;
  }
  if (episodes.size() == 1 && (episodes.begin()->first == device || episodes.begin()->first.empty())) return;
  const char* title = "operators";
  for (const auto& [name, counts] : episodes) {
    std::printf("  %-12s %s: %d episode%s", title, name.empty() ? "unknown" : name.c_str(), counts.first,
                counts.first == 1 ? "" : "s");
    if (judged) std::printf(", %d successful", counts.second);
    std::printf("\n");
    title = "";
  }
}

/// How many episodes are varied, and by how much.
void print_variation(const Options& options, const DemonstrationReader& reader) {
  int varied = 0;
  std::map<std::string, std::vector<double>> values;
  for (int i = 0; i < reader.size(); ++i) {
    const Variation variation = variation_of(options, reader, i);
    varied += variation.empty() ? 0 : 1;
    for (const auto& [key, value] : values_of(variation)) values[key].push_back(value);
  }
  if (varied == 0) return;
  std::printf("  varied       %d of %d episodes, each by its own values:\n", varied, reader.size());
  for (const auto& [key, drawn] : values) {
    const auto [low, high] = std::minmax_element(drawn.begin(), drawn.end());
    const std::string unit = find_quantity(key).unit;
    std::printf("    %-34s %.4g", key.c_str(), *low);
    if (*high > *low) std::printf(" to %.4g", *high);
    if (!unit.empty() && unit != "-") std::printf(" %s", unit.c_str());
    if (static_cast<int>(drawn.size()) < varied) std::printf(" in %zu of them", drawn.size());
    std::printf("\n");
  }
}

void print_info(const Options& options, const DemonstrationReader& reader, const DatasetStatistics& s) {
  const DatasetHeader& header = reader.header();
  std::printf("%s\n", options.file.c_str());
  std::printf("  task         %s\n",
              header.environment_id.empty() ? "unknown" : header.environment_id.c_str());
  std::printf("  observation  %s\n", describe(header.observation).c_str());
  std::printf("  action       %s\n", describe(header.action).c_str());
  if (!header.images.fields.empty()) {
    std::printf("  images       %s (drawn by %s)\n", images_text(header.images.fields).c_str(),
                header.images.driver.c_str());
  }
  for (const std::string& field : reader.skipped_fields()) {
    std::printf("  left out     obs/%s: no numbers of one row a step\n", field.c_str());
  }
  const bool judged = has_success(header.environment_id);
  const std::string success = judged ? std::to_string(s.successes) + " successful" : "no success criterion";
  std::printf("  episodes     %d: %s, %d cut by a crash\n", s.episodes, success.c_str(), s.recovered);
  std::printf("  steps        %lld; per episode %.0f to %.0f, mean %.1f\n", static_cast<long long>(s.steps),
              s.length.low, s.length.high, s.length.mean);
  std::printf("  return       %.3f to %.3f, mean %.3f\n", s.episode_return.low, s.episode_return.high,
              s.episode_return.mean);
  if (s.timed_episodes > 0) {
    std::printf(
        "  rate         measured %.2f to %.2f Hz, mean %.2f, nominal %g; longest step %.1f ms, %lld "
        "overruns\n",
        s.rate.low, s.rate.high, s.rate.mean, header.control_rate, 1e3 * s.longest_step,
        static_cast<long long>(s.overruns));
    std::printf("  input age    %.1f to %.1f ms, mean %.1f\n", 1e3 * s.input_age.low, 1e3 * s.input_age.high,
                1e3 * s.input_age.mean);
  } else {
    std::printf("  rate         not recorded; nominal %g Hz\n", header.control_rate);
  }
  if (const auto source = parsed_json(header.source); source.is_object()) {
    std::printf("  converted    from %s (%s)\n", source.value("file", "?").c_str(),
                source.value("format", "?").c_str());
  }
  if (!header.action_scale.empty())
    std::printf("  rescaled     theirs = scale * action + offset, %s\n", header.action_scale.c_str());
  if (!header.device.empty()) std::printf("  device       %s\n", header.device.c_str());
  print_operators(reader, header.device, judged);
  print_variation(options, reader);
  std::string masks;
  for (const std::string& key : reader.masks()) {
    masks += (masks.empty() ? "" : ", ") + key + " " + std::to_string(reader.mask(key).size());
  }
  std::printf("  masks        %s\n", masks.empty() ? "none" : masks.c_str());
  if (const int undone = undone_episodes(options.file); undone > 0) {
    std::printf("  undone       %d; `understudy data recover %s --undone %d` brings them back\n", undone,
                shell_quoted(options.file).c_str(), undone);
  }
  if (has_leftovers(options.file)) {
    std::printf(
        "  beside it    episodes that are not in the file yet: it is being recorded, or run "
        "`understudy data recover %s`\n",
        shell_quoted(options.file).c_str());
  }
}

void info(const Options& options) {
  const DemonstrationReader reader(options.file);
  const DatasetStatistics figures = statistics(reader);
  if (options.json) {
    std::printf("%s\n", info_json(options, reader, figures).dump(2).c_str());
  } else {
    print_info(options, reader, figures);
  }
}

/// What the file itself cannot show: whether the robot it was recorded with is still there. It
/// keeps the contract without.
std::vector<std::string> warnings_about(const std::string& file) {
  const DatasetHeader header = DemonstrationReader(file).header();
  const auto robot = header.robot_sha256.empty() ? std::nullopt : robot_file(header.environment_id);
  const std::string difference = robot ? robot_difference(header, *robot) : "";
  return difference.empty() ? std::vector<std::string>{} : std::vector<std::string>{difference};
}

void check(const Options& options) {
  const std::vector<std::string> lines = validate(options.file);
  const std::vector<std::string> warnings =
      lines.empty() ? warnings_about(options.file) : std::vector<std::string>{};
  if (options.json) {
    const ordered_json document{
        {"file", options.file}, {"valid", lines.empty()}, {"violations", lines}, {"warnings", warnings}};
    std::printf("%s\n", document.dump(2).c_str());
  } else {
    for (const std::string& line : lines) std::printf("%s\n", line.c_str());
    for (const std::string& line : warnings) std::printf("warning: %s\n", line.c_str());
    if (lines.empty()) std::printf("%s: keeps the contract\n", options.file.c_str());
  }
  if (!lines.empty()) {
    throw Error(options.file + ": " + std::to_string(lines.size()) +
                (lines.size() == 1 ? " violation" : " violations") + " of the file contract (listed above)");
  }
}

void recover_leftovers(const Options& options) {
  const RecoveryReport report = recover(options.file);
  for (const std::string& note : report.notes) std::printf("%s\n", note.c_str());
  if (report.empty()) {
    std::printf("%s: nothing to recover\n", options.file.c_str());
  } else {
    std::printf("%s: added %d saved and %d unfinished episodes (%d steps)\n", options.file.c_str(),
                report.parts_packed, report.episodes_recovered, report.steps_recovered);
  }
  if (options.undone == 0) return;
  const int restored = restore_undone(options.file, options.undone);
  std::printf("%s: brought %d undone %s back\n", options.file.c_str(), restored,
              restored == 1 ? "episode" : "episodes");
}

}  // namespace

void add_data(CLI::App& program) {
  CLI::App* data = program.add_subcommand("data", "Inspect, check, compare, recover and convert datasets");
  data->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* description, void (*work)(const Options&)) {
    CLI::App* command = data->add_subcommand(name, description);
    command->add_option("file", options->file, "Dataset, e.g. demos.h5")->required();
    command->callback([options, work] { work(*options); });
    return command;
  };
  add("info", "Task, spaces, episodes, lengths, returns, measured rate, masks", info)
      ->add_flag("--json", options->json, "For machines: every episode too");
  add("validate", "Check every array against the file contract", check)
      ->add_flag("--json", options->json, "For machines");
  add("recover", "Add what a session that did not end left beside the file", recover_leftovers)
      ->add_option("--undone", options->undone, "Also bring back this many of the latest undone episodes")
      ->check(CLI::Range(1, 1000000));
  add_data_edit(*data);
  add_data_lint(*data);
  add_data_report(*data);
  add_data_stats(*data);
#ifdef UNDERSTUDY_HAVE_TORCH
  add_data_distance(*data);
#endif
#ifdef UNDERSTUDY_HAVE_SDL
  add_data_images(*data);
#endif
  add_data_convert(*data);
}

}  // namespace understudy::tools
