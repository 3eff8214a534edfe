// `understudy report`: runs, evaluations, suites and data sets as one page for a browser, or served while it trains.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "datasets/storage/durable_file.h"
#include "datasets/types/error.h"
#include "tools/commands/command.h"
#include "tools/console/console.h"
#include "tools/media/page_server.h"
#include "tools/media/run_report.h"

namespace understudy::tools {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> sources;
  std::string out;
  bool force = false, watch = false;
  int port = 0;
  RunReportOptions report;
};

void serve(const Options& options, RunReport& report) {
  PageServer server(static_cast<std::uint16_t>(options.port));
  std::printf("http://127.0.0.1:%d/ shows %s; Ctrl-C ends it\n", server.port(),
              options.sources.front().c_str());
  std::fflush(stdout);
  server.serve({.page = [&] { return report.page(true); }, .data = [&] { return report.groups(); }},
               interrupted);
}

void run(const Options& options) {
  if (options.out.empty() && !options.watch)
    throw UsageError("--out: want the page to write, found nothing; or serve it with --watch");
  if (!options.out.empty() && !options.force && fs::exists(options.out))
    throw Error(options.out + ": there is a file already; choose another name, or replace it with --force");
  handle_interrupts();
  RunReport report(options.sources, options.report);
  if (options.watch) serve(options, report);
  if (options.out.empty()) return;
  durable_write(options.out, report.page(false));
  std::printf("%s: %.1f MB; open it in a browser\n", options.out.c_str(),
              1e-6 * static_cast<double>(fs::file_size(options.out)));
}

}  // namespace

void add_report(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "report", "One page for a browser: learning curves, final figures, suites, trajectories, failures");
  command
      ->add_option(
          "sources", options->sources,
          "Run directories and folders of them, results of eval --json and of suites, data sets (.h5)")
      ->required();
  command->add_option("--out", options->out, "Page to write, e.g. page.html");
  command->add_flag("--force", options->force, "Replace a file of that name");
  command->add_flag("--watch", options->watch,
                    "Serve the page to this machine's browser while training goes on, until Ctrl-C");
  command->add_option("--port", options->port, "With --watch: where; 0: a free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command
      ->add_option("--rollouts", options->report.ways.episodes,
                   "Episodes of each kind of run, beside a data set's; 0: none")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  command->add_option("--seed", options->report.ways.seed, "Of those episodes, as of eval")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{9999}))
      ->capture_default_str();
  command
      ->add_option("--video-limit", options->report.video_limit,
                   "MB of failures' videos that the page takes in; the others become stills")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  command->callback([options] { run(*options); });
}

}  // namespace understudy::tools
