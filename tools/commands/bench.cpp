// `understudy bench`: the program measures itself.

#include <sys/utsname.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "datasets/types/error.h"
#include "datasets/types/version.h"
#include "envs/tasks/registry.h"
#include "tools/bench/bench.h"
#include "tools/commands/command.h"
#include "tools/console/randomise_option.h"
#ifdef UNDERSTUDY_HAVE_TORCH
#include "bc/networks/blas.h"
#endif

namespace understudy::tools {
namespace {

using nlohmann::ordered_json;

struct Suite {
  const char* name;
  const char* what;
  std::vector<bench::Measurement> (*measure)(const bench::Options&);
};

const std::vector<Suite>& suites() {
  static const std::vector<Suite> list = {
      {"env", "environment steps per second, and the share of them inside Bullet", bench::bench_env},
#ifdef UNDERSTUDY_HAVE_TORCH
      {"train",
       "behavioural cloning: transitions per second of an MLP on one thread, updates per second of the "
       "others",
       bench::bench_train},
      {"rl", "updates per second of SAC and TD3, and training loops of PPO and GAIL", bench::bench_rl},
      {"act", "latency of acting with every kind of policy, one observation at a time on one core",
       bench::bench_act},
      {"eval",
       "episodes per minute and core of evaluating an MLP, and the share of that time that is the "
       "simulator's",
       bench::bench_eval},
      {"pwil", "rewards of PWIL per second on one thread", bench::bench_pwil},
#endif
#ifdef UNDERSTUDY_HAVE_SDL
      {"camera", "pictures per second of every task's first camera, drawn off screen", bench::bench_camera},
      {"window", "time that the operator's window takes for a picture of every task", bench::bench_window},
      {"control", "jitter of the real-time control loop", bench::bench_control},
#endif
  };
  return list;
}

/// The library of matrix products and its kernel, "none" where there is none; not every suite needs it.
struct Blas {
  std::string description = "none";
  std::string kernel = "none";
};

/// Says on stderr what is wrong with the kernel.
Blas blas() {
#ifdef UNDERSTUDY_HAVE_TORCH
  try {
    const std::string warning = blas_kernel_warning();
    if (!warning.empty()) std::fprintf(stderr, "bench: %s\n", warning.c_str());
    return {blas_description(), blas_kernel()};
  } catch (const Error& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
  }
#endif
  return {};
}

double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double position = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (position - static_cast<double>(below)) * (values[above] - values[below]);
}

void run(const Suite& suite, const bench::Options& options, bool json) {
  const auto measurements = suite.measure(options);
  if (measurements.empty()) {
    throw UsageError(
        "bench " + std::string(suite.name) +
        ": want --only with a word of a measurement's name, found none that has it; leave --only out "
        "to see all names");
  }
  const Blas products = blas();
  const unsigned cores = std::thread::hardware_concurrency();
  if (json) {
    ordered_json document = {{"suite", suite.name},
                             {"program", program_version()},
                             {"revision", source_revision()},
                             {"processor", processor_name()},
                             {"cores", cores},
                             {"blas", products.description},
                             {"blas_kernel", products.kernel},
                             {"measurements", ordered_json::array()}};
    for (const auto& m : measurements) {
      document["measurements"].push_back({{"name", m.name},
                                          {"unit", m.unit},
                                          {"threads", m.threads},
                                          {"median", quantile(m.samples, 0.5)},
                                          {"samples", m.samples},
                                          {"note", m.note}});
    }
    std::printf("%s\n", document.dump(2).c_str());
    return;
  }
  std::printf("%s, %u cores, BLAS %s, understudy %s (%s)\n", processor_name().c_str(), cores,
              products.description.c_str(), program_version().c_str(), source_revision().c_str());
  std::printf("%-52s %12s %12s %12s  %s\n", suite.name, "median", "lowest", "highest", "unit");
  for (const auto& m : measurements) {
    std::printf("%-52s %12.6g %12.6g %12.6g  %s%s%s\n", m.name.c_str(), quantile(m.samples, 0.5),
                quantile(m.samples, 0), quantile(m.samples, 1), m.unit.c_str(), m.note.empty() ? "" : "  ",
                m.note.c_str());
  }
}

}  // namespace

void add_bench(CLI::App& program) {
  CLI::App* group = program.add_subcommand("bench", "Measure this program on this machine");
  group->require_subcommand(1);
#ifdef UNDERSTUDY_HAVE_TORCH
  add_bench_scale(*group);
#endif
  for (const Suite& suite : suites()) {
    struct Options {
      bench::Options bench;
      bool json = false;
      std::string randomise;
    };
    const auto options = std::make_shared<Options>();
    CLI::App* command = group->add_subcommand(suite.name, suite.what);
    command->add_option("--repeats", options->bench.repeats, "Samples of each measurement")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command->add_option("--seconds", options->bench.seconds, "Length of a sample, s")
        ->check(CLI::Range(0.01, 86400.0))
        ->capture_default_str();
    if (std::string(suite.name) == "control") {
      command->add_option("--rate", options->bench.rate, "Rate of the loop, Hz")
          ->check(CLI::Range(1.0, 1000.0))
          ->capture_default_str();
    }
    if (std::string(suite.name) == "train" || std::string(suite.name) == "act" ||
        std::string(suite.name) == "window") {
      command->add_option("--only", options->bench.only, "Only what has one of these words in its name")
          ->delimiter(',');
    }
    command->add_option("--seed", options->bench.seed, "Seed of whatever is random")->capture_default_str();
    command->add_flag("--json", options->json, "For machines");
    if (std::string(suite.name) == "env" || std::string(suite.name) == "eval") {
      command->add_option("--env", options->bench.environments, "Only these tasks, e.g. Ant,Land")
          ->delimiter(',');
    }
    if (std::string(suite.name) == "env") {
      command->add_option("--batch", options->bench.batch, "Environments that are stepped together")
          ->check(CLI::Range(1, 100000))
          ->capture_default_str();
      add_randomise_option(*command, options->randomise);
    }
    command->callback([options, &suite] {
      const auto& chosen = options->bench.environments;
      for (const std::string& id : chosen.empty() ? environment_ids() : chosen) {
        options->bench.randomisation = load_randomisation(options->randomise, id);
      }
      run(suite, options->bench, options->json);
    });
  }
}

}  // namespace understudy::tools
