// `understudy data stats`: how every entry of observations and actions is distributed, and what the episodes come to.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "datasets/curation/field_statistics.h"
#include "datasets/curation/statistics.h"
#include "datasets/types/error.h"
#include "tools/commands/command.h"
#include "tools/console/console.h"
#include "tools/console/task_criterion.h"

namespace understudy::tools {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::string file, mask;
  std::uint64_t seed = 1;
  bool json = false;
};

/// What the episodes come to; `data info` says the same of the whole file, and more.
struct Totals {
  DatasetStatistics episodes;
  std::map<std::string, int> operators;
  bool judged = true;  ///< there is such a thing as success
};

Totals totals_of(const DemonstrationReader& reader, const std::vector<int>& episodes) {
  Totals totals;
  totals.episodes = statistics(reader, episodes);
  totals.judged = has_success(reader.header().environment_id);
  for (const int i : episodes) {
    const std::string name = reader.summary(i).operator_name;
    ++totals.operators[name.empty() ? "unknown" : name];
  }
  return totals;
}

ordered_json spread_json(const Spread& spread) {
  return {{"low", spread.low}, {"mean", spread.mean}, {"high", spread.high}};
}

void print_json(const Options& options, const Totals& totals, const FieldStatistics& fields) {
  auto entries = ordered_json::array();
  for (const EntryStatistics& entry : fields.entries) {
    ordered_json quantiles = ordered_json::object();
    for (std::size_t q = 0; q < kQuantiles.size(); ++q) {
      char name[16];
      std::snprintf(name, sizeof name, "%g", kQuantiles[q]);
      quantiles[name] = entry.quantiles[q];
    }
    entries.push_back({{"entry", entry.name},
                       {"unit", entry.unit},
                       {"low", entry.low},
                       {"mean", entry.mean},
                       {"high", entry.high},
                       {"deviation", entry.deviation},
                       {"quantiles", quantiles},
                       {"at_limit", entry.at_limit},
                       {"idle", entry.idle}});
  }
  const DatasetStatistics& s = totals.episodes;
  ordered_json document{{"file", options.file}};
  if (!options.mask.empty()) document["mask"] = options.mask;
  document.update(ordered_json{{"episodes", s.episodes},
                               {"successes", totals.judged ? ordered_json(s.successes) : ordered_json()},
                               {"steps", s.steps},
                               {"length", spread_json(s.length)},
                               {"return", spread_json(s.episode_return)},
                               {"rate", s.timed_episodes > 0 ? spread_json(s.rate) : ordered_json()},
                               {"overruns", s.overruns},
                               {"operators", totals.operators},
                               {"sampled_steps", fields.sample.rows()},
                               {"entries", entries}});
  std::printf("%s\n", document.dump(2, ' ', false, ordered_json::error_handler_t::replace).c_str());
}

void print(const Options& options, const Totals& totals, const FieldStatistics& fields) {
  const DatasetStatistics& s = totals.episodes;
  const std::string success = totals.judged ? ", " + std::to_string(s.successes) + " successful" : "";
  std::printf("%s%s: %d episodes%s\n", options.file.c_str(),
              options.mask.empty() ? "" : (", mask " + options.mask).c_str(), s.episodes, success.c_str());
  std::printf("  steps      %lld; per episode %.0f to %.0f, mean %.1f\n", static_cast<long long>(s.steps),
              s.length.low, s.length.high, s.length.mean);
  std::printf("  return     %.3f to %.3f, mean %.3f\n", s.episode_return.low, s.episode_return.high,
              s.episode_return.mean);
  if (s.timed_episodes > 0)
    std::printf("  rate       %.2f to %.2f Hz, %lld overruns\n", s.rate.low, s.rate.high,
                static_cast<long long>(s.overruns));
  for (const auto& [name, count] : totals.operators)
    std::printf("  by         %s: %d\n", name.c_str(), count);
  std::size_t width = 5;
  for (const EntryStatistics& entry : fields.entries) width = std::max(width, entry.name.size());
  const int w = static_cast<int>(width);
  std::printf("%-*s %-6s %9s %9s %9s %9s %9s %9s %9s %9s %9s %7s %6s\n", w, "entry", "unit", "low", "1 %",
              "25 %", "median", "75 %", "99 %", "high", "mean", "std", "limit %", "idle %");
  for (const EntryStatistics& e : fields.entries) {
    std::printf("%-*s %-6s %9.4g %9.4g %9.4g %9.4g %9.4g %9.4g %9.4g %9.4g %9.4g %7.1f %6.1f\n", w,
                e.name.c_str(), e.unit.c_str(), e.low, e.quantiles[0], e.quantiles[1], e.quantiles[2],
                e.quantiles[3], e.quantiles[4], e.high, e.mean, e.deviation, 100 * e.at_limit, 100 * e.idle);
  }
  if (fields.sample.rows() < fields.steps)
    std::printf("quantiles are of %td steps drawn at random\n", fields.sample.rows());
}

void run(const Options& options) {
  const DemonstrationReader reader(options.file);
  FieldStatisticsOptions of_fields{.seed = options.seed};
  if (options.mask.empty()) {
    const std::vector<int> dropped = dropped_episodes(reader);
    for (int i = 0; i < reader.size(); ++i) {
      if (!std::binary_search(dropped.begin(), dropped.end(), i)) of_fields.episodes.push_back(i);
    }
  } else {
    of_fields.episodes = reader.mask(options.mask);
  }
  if (of_fields.episodes.empty())
    throw Error(options.file + ": want at least one episode, found none on the list");
  handle_interrupts();
  FieldStatistics fields;
  {
    Progress progress("reading", static_cast<double>(of_fields.episodes.size()), "episodes");
    of_fields.progress = [&](int done, int) {
      if (interrupted()) throw Interrupted(options.file + ": stopped");
      progress.update(done);
    };
    fields = field_statistics(reader, of_fields);
  }
  const Totals totals = totals_of(reader, of_fields.episodes);
  if (options.json) {
    print_json(options, totals, fields);
  } else {
    print(options, totals, fields);
  }
}

}  // namespace

void add_data_stats(CLI::App& data) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = data.add_subcommand(
      "stats", "How every entry is distributed: range, mean, quantiles, shares at a limit and idle");
  command->add_option("file", options->file, "Dataset, e.g. demos.h5")->required();
  command->add_option("--mask", options->mask,
                      "Only the episodes of this list; default: all that are not dropped");
  command
      ->add_option("--seed", options->seed,
                   "Of the steps that quantiles are of, where there are more than 20,000")
      ->capture_default_str();
  command->add_flag("--json", options->json, "For machines");
  command->callback([options] { run(*options); });
}

}  // namespace understudy::tools
