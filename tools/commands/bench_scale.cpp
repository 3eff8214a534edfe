// `understudy bench scale`: what each learner exchanges when several ranks train it, what that takes here, and a model of
// the time per update, held against what is measured here before it is believed elsewhere.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bc/networks/blas.h"
#include "bc/parallel/launcher.h"
#include "bc/parallel/shards.h"
#include "bc/runs/rank_agreement.h"
#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "tools/bench/scale.h"
#include "tools/commands/command.h"
#include "tools/console/training_report.h"

namespace understudy::tools {
namespace {

using bench::ScaleCase;

struct ScaleOptions {
  int shards = 16;
  double seconds = 2;
  std::uint64_t seed = 1;
  double timeout = kRankTimeout;
};

/// A network between ranks, each of which passes its messages in rounds (bc/mpi).
struct Link {
  const char* name;
  double latency;    ///< of a round, s
  double bandwidth;  ///< of a rank, bytes/s
};
/// Latencies are what MPI over TCP and over RDMA is usually measured at.
constexpr Link kLinks[] = {{"1 Gbit/s, 50 us", 50e-6, 125e6},
                           {"10 Gbit/s, 20 us", 20e-6, 1250e6},
                           {"100 Gbit/s, 2 us", 2e-6, 12500e6}};
constexpr int kRanks[] = {2, 8, 64, 1024};

/// Of one update.
struct Cost {
  double seconds = 0;
  double working = 0;  ///< of them in what ranks share, by all of them together
  double exchanges = 0, messages = 0, bytes = 0, waiting = 0;
};

Cost measure(const ScaleCase& learner, const std::shared_ptr<Ranks>& ranks, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  const auto update = learner.make(ranks);
  update();
  auto start = Clock::now();
  update();
  // All ranks make as many as the first finds time for.
  std::string text = std::to_string(std::clamp(static_cast<int>(seconds / since(start)), 3, 10'000));
  ranks->broadcast(text);
  const int count = std::stoi(text);
  const Ranks::Traffic before = ranks->traffic();
  start = Clock::now();
  for (int i = 0; i < count; ++i) update();
  const double took = since(start);
  const Ranks::Traffic& after = ranks->traffic();
  return {.seconds = took / count,
          .working = (after.working - before.working) / count,
          .exchanges = static_cast<double>(after.exchanges - before.exchanges) / count,
          .messages = static_cast<double>(after.messages - before.messages) / count,
          .bytes = static_cast<double>(after.bytes - before.bytes) / count,
          .waiting = (after.seconds - before.seconds) / count};
}

int rounds(int ranks) {
  return std::bit_width(static_cast<unsigned>(ranks - 1));
}

/// Bytes that a rank receives in an update.
double received(const ScaleCase& learner, int shards, int ranks) {
  const auto all = static_cast<double>(static_cast<std::size_t>(learner.sums) *
                                           Shards::exchanged_bytes(shards, ranks, learner.numbers) +
                                       learner.rollout_bytes);
  return all * (ranks - 1) / ranks;
}

double exchange_model(const ScaleCase& learner, int shards, int ranks, const Link& link) {
  const int exchanges = learner.sums + (learner.rollout_bytes > 0 ? 1 : 0);
  return exchanges * rounds(ranks) * link.latency + received(learner, shards, ranks) / link.bandwidth;
}

/// What one rank alone takes, less what the others take off it.
double compute_model(const Cost& alone, int shards, int ranks) {
  const double most = std::ceil(static_cast<double>(shards) / ranks);
  return alone.seconds - alone.working * (1 - most / shards);
}

void print_case(const ScaleCase& learner, const Cost& alone, const Cost& here, const ScaleOptions& options,
                int ranks, const Link& link) {
  std::printf("\n%s: one rank, %.3f ms for each %s, %.0f %% of it shared work; %d sums of %zu numbers\n",
              learner.name.c_str(), 1e3 * alone.seconds, learner.unit.c_str(),
              100 * alone.working / alone.seconds, learner.sums, learner.numbers);
  if (ranks > 1) {
    const double cores = std::max(1U, std::thread::hardware_concurrency());
    const double model = compute_model(alone, options.shards, ranks) * std::max(1.0, ranks / cores) +
                         exchange_model(learner, options.shards, ranks, link);
    std::printf(
        "  %d ranks here: %.1f exchanges, %.1f messages and %.1f kB sent by a rank (by count of numbers: "
        "%.1f kB "
        "received), %.3f ms waiting\n  measured %.3f ms, model %.3f ms: %+.0f %%\n",
        ranks, here.exchanges, here.messages, here.bytes / 1e3,
        received(learner, options.shards, ranks) / 1e3, 1e3 * here.waiting, 1e3 * here.seconds, 1e3 * model,
        100 * (model / here.seconds - 1));
  }
  std::printf("  predicted, each rank a core of its own:");
  for (const int count : kRanks) std::printf(" %8d ranks", count);
  std::printf("\n");
  for (const Link& each : kLinks) {
    std::printf("    %-36s", each.name);
    for (const int count : kRanks) {
      const int shards = std::max(options.shards, count);
      if (shards > learner.most_shards) {
        std::printf(" %14s", "-");
        continue;
      }
      const double seconds =
          compute_model(alone, shards, count) + exchange_model(learner, shards, count, each);
      std::printf(" %8.3f x%4.1f", 1e3 * seconds, alone.seconds / seconds);
    }
    std::printf("\n");
  }
}

void bench_scale(const ScaleOptions& options) {
  const auto ranks = launched_ranks(options.timeout);
  set_blas_threads(1);
  const int count = ranks->size();
  together(*ranks, [&] {
    want_shards(*ranks, options.shards);
    // The others wait while rank 0 measures by itself.
    if (count > 1 && options.seconds > options.timeout / 3)
      throw UsageError("--seconds: want at most a third of --mpi-timeout, found " +
                       std::to_string(options.seconds));
  });
  Link link{"here", 0, 1};
  if (count > 1) {
    const double small = bench::exchange_seconds(*ranks, 1000, 401);
    const double middle = bench::exchange_seconds(*ranks, 100'000, 201);
    const double large = bench::exchange_seconds(*ranks, 1'000'000, 51);
    link.latency = small / rounds(count);
    link.bandwidth = 1e6 * (count - 1) / large;
    if (ranks->first()) {
      std::printf(
          "exchange between %d ranks, median: 1 kB each %.1f us, 100 kB %.1f us, 1 MB %.1f us; so %.1f us "
          "a round and %.2f GB/s a rank\n",
          count, 1e6 * small, 1e6 * middle, 1e6 * large, 1e6 * link.latency, link.bandwidth / 1e9);
    }
  }
  if (ranks->first()) {
    std::printf("%s, %u cores, BLAS %s, %s, %d shards, understudy %s (%s)\n", processor_name().c_str(),
                std::thread::hardware_concurrency(), blas_description().c_str(), ranks->library().c_str(),
                options.shards, program_version().c_str(), source_revision().c_str());
    std::printf("ms an update and times as fast as one rank; -: more ranks than there is work for\n");
  }
  for (const ScaleCase& learner : bench::scale_cases(options.shards, options.seed)) {
    Cost alone;
    if (ranks->first()) alone = measure(learner, single_rank(), options.seconds);
    ranks->barrier();
    const Cost here = count > 1 ? measure(learner, ranks, options.seconds) : alone;
    if (!ranks->first()) continue;
    print_case(learner, alone, here, options, count, link);
    std::fflush(stdout);
  }
  ranks->leave();
}

}  // namespace

void add_bench_scale(CLI::App& bench) {
  const auto options = std::make_shared<ScaleOptions>();
  CLI::App* command = bench.add_subcommand(
      "scale", "what trainings in step exchange, and a model of what more machines would bring");
  command->add_option("--shards", options->shards, "Shards of every learner; at least one a rank")
      ->check(CLI::Range(2, 64))
      ->capture_default_str();
  command->add_option("--seconds", options->seconds, "Length of a measurement, s")
      ->check(CLI::Range(0.01, 86400.0))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "Seed of whatever is random")->capture_default_str();
  add_timeout_option(*command, options->timeout);
  command->callback([options] { bench_scale(*options); });
}

}  // namespace understudy::tools
