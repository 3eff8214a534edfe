// `understudy data lint`: which demonstrations spoil what is learnt from a dataset, and why.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "datasets/curation/dataset_edit.h"
#include "datasets/types/error.h"
#include "tools/commands/command.h"
#include "tools/console/console.h"
#include "tools/media/dataset_lint.h"

namespace understudy::tools {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::string file;
  std::vector<std::string> checks, without;
  std::vector<double> thresholds;
  std::string mask;
  bool strict = false, all = false, json = false;
};

LintCheck check_called(const std::string& option, const std::string& name) {
  std::vector<std::string> known;
  for (const LintCheckText& text : lint_checks()) {
    if (name == text.name) return text.check;
    known.emplace_back(text.name);
  }
  throw UsageError(option + ": " + unknown_name("check", name, known));
}

std::set<LintCheck> chosen_checks(const Options& options) {
  std::set<LintCheck> checks;
  for (const std::string& name : options.checks) checks.insert(check_called("--checks", name));
  if (checks.empty()) {
    for (const LintCheckText& text : lint_checks()) checks.insert(text.check);
  }
  for (const std::string& name : options.without) checks.erase(check_called("--without", name));
  if (checks.empty()) throw UsageError("--checks, --without: want at least one check, found none left");
  return checks;
}

const char* word(LintVerdict verdict) {
  return verdict == LintVerdict::kPass ? "pass" : verdict == LintVerdict::kFail ? "fail" : "not judged";
}

void print_json(const Options& options, const DemonstrationReader& reader, const LintReport& report) {
  auto checks = ordered_json::array();
  for (const LintCheckText& text : lint_checks()) {
    checks.push_back({{"check", text.name},
                      {"finds", text.finds},
                      {"unit", text.unit},
                      {"threshold", report.thresholds[static_cast<std::size_t>(text.check)]},
                      {"passed", report.count(text.check, LintVerdict::kPass)},
                      {"failed", report.count(text.check, LintVerdict::kFail)}});
  }
  auto episodes = ordered_json::array();
  for (const LintedEpisode& episode : report.episodes) {
    ordered_json verdicts = ordered_json::object();
    for (const LintCheckText& text : lint_checks())
      verdicts[text.name] = word(episode.verdicts[static_cast<std::size_t>(text.check)]);
    auto findings = ordered_json::array();
    for (const LintFinding& finding : episode.findings) {
      findings.push_back({{"check", text_of(finding.check).name}, {"text", finding.text}});
      if (std::isfinite(finding.value)) findings.back()["value"] = finding.value;
    }
    episodes.push_back({{"episode", episode.index},
                        {"name", reader.name(episode.index)},
                        {"passes", episode.passes()},
                        {"verdicts", verdicts},
                        {"findings", findings}});
  }
  const ordered_json document{{"file", options.file},      {"episodes", report.episodes.size()},
                              {"failed", report.failed()}, {"checks", checks},
                              {"notes", report.notes},     {"verdicts", episodes}};
  std::printf("%s\n", document.dump(2, ' ', false, ordered_json::error_handler_t::replace).c_str());
}

void print(const Options& options, const DemonstrationReader& reader, const LintReport& report) {
  for (const LintedEpisode& episode : report.episodes) {
    const std::string name = reader.name(episode.index);
    if (episode.passes() && options.all) std::printf("  %-10s passes\n", name.c_str());
    for (const LintFinding& finding : episode.findings)
      std::printf("  %-10s %-10s %s\n", name.c_str(), text_of(finding.check).name, finding.text.c_str());
  }
  std::printf("  %-10s %7s %7s %11s  %s\n", "check", "passed", "failed", "not judged", "fails above");
  for (const LintCheckText& text : lint_checks()) {
    std::printf("  %-10s %7d %7d %11d  %g %s\n", text.name, report.count(text.check, LintVerdict::kPass),
                report.count(text.check, LintVerdict::kFail),
                report.count(text.check, LintVerdict::kNotJudged),
                report.thresholds[static_cast<std::size_t>(text.check)], text.unit);
  }
  for (const std::string& note : report.notes) std::printf("  %s\n", note.c_str());
  std::printf("%s: %zu of %zu episodes pass\n", options.file.c_str(), report.passing().size(),
              report.episodes.size());
}

/// Lists the episodes that pass under `/mask`; the file is written anew in one step.
void write_mask(const Options& options, const LintReport& report) {
  const std::vector<int> passing = report.passing();
  if (passing.empty())
    throw Error(options.file + ": no episode passes, so mask '" + options.mask + "' would be empty");
  DatasetEdit edit{.files = {options.file}, .episodes = all_episodes(DemonstrationReader(options.file))};
  edit.change_masks = [&](NamedMasks& masks) { masks[options.mask] = passing; };
  Progress progress("writing", static_cast<double>(edit.episodes.size()), "episodes");
  write_edited(edit, options.file,
               {.force = true, .progress = [&](int done, int) { progress.update(done); }});
}

LintReport judge(const Options& options, const DemonstrationReader& reader) {
  std::string why;
  LintOptions lint_options =
      with_distance({.checks = chosen_checks(options), .thresholds = options.thresholds});
  const bool labels = lint_options.checks.count(LintCheck::kLabel) > 0;
  if (labels) lint_options = with_simulator(std::move(lint_options), reader, options.file, why);
  handle_interrupts();
  Progress progress("judging", 2.0 * reader.size(), "episodes read");
  lint_options.progress = [&](int done, int) {
    if (interrupted()) throw Interrupted(options.file + ": stopped; nothing was written");
    progress.update(done);
  };
  LintReport report = lint(reader, lint_options);
  if (!why.empty()) report.notes.push_back("label: not run, " + why);
  return report;
}

void run(const Options& options) {
  if (options.mask == "train" || options.mask == "valid" || options.mask == kDroppedMask)
    throw UsageError("--mask: want a name of your own, found '" + options.mask +
                     "', which has a meaning already");
  const DemonstrationReader reader(options.file);
  const LintReport report = judge(options, reader);
  if (options.json) {
    print_json(options, reader, report);
  } else {
    print(options, reader, report);
  }
  if (!options.mask.empty()) {
    write_mask(options, report);
    if (!options.json)
      std::printf("mask '%s': %zu episodes; train on them with --mask %s\n", options.mask.c_str(),
                  report.passing().size(), options.mask.c_str());
  }
  if (options.strict && report.failed() > 0)
    throw Error(options.file + ": " + std::to_string(report.failed()) + " of " +
                std::to_string(report.episodes.size()) + " episodes fail (listed above)");
}

}  // namespace

void add_data_lint(CLI::App& data) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = data.add_subcommand("lint", "Find demonstrations that spoil what is learnt from them");
  command->add_option("file", options->file, "Dataset, e.g. demos.h5")->required();
  command->add_option("--checks", options->checks, "Only these, as in idle,jump")->delimiter(',');
  command->add_option("--without", options->without, "All but these")->delimiter(',');
  options->thresholds.reserve(lint_checks().size());  // options keep pointers into it
  for (const LintCheckText& text : lint_checks()) {
    options->thresholds.push_back(text.threshold);
    command
        ->add_option("--" + std::string(text.name), options->thresholds.back(),
                     "Threshold for " + std::string(text.finds) + ": " + text.unit)
        ->check(CLI::Range(0.0, 1e9))
        ->capture_default_str();
  }
  command->add_option("--mask", options->mask, "Write the episodes that pass into this list of the file");
  command->add_flag("--strict", options->strict, "Exit with 1 when an episode fails");
  command->add_flag("--all", options->all, "Name the episodes that pass as well");
  command->add_flag("--json", options->json, "For machines: every episode's verdict by every check");
  command->callback([options] { run(*options); });
}

}  // namespace understudy::tools
