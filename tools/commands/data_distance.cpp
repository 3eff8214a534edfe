// `understudy data distance`: how far what one dataset does is from what another does,
// as Wasserstein distances.

#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "datasets/format/demonstration_reader.h"
#include "datasets/types/error.h"
#include "irl/couplings/exact_coupling.h"
#include "irl/couplings/ground_cost.h"
#include "irl/couplings/sliced_wasserstein.h"
#include "irl/experts/expert_atoms.h"
#include "tools/commands/command.h"
#include "tools/console/console.h"

namespace understudy::tools {
namespace {

using nlohmann::ordered_json;

struct Options {
  std::string from;
  std::string to;
  bool state_only = false;
  int subsample = 1;
  int demos = 0;
  int sliced = 0;
  std::uint64_t seed = 1;
  bool json = false;
};

struct Side {
  std::string file;
  int demonstrations = 0;
  ExpertAtoms atoms;
};

Side read_side(const std::string& file, const DemonstrationReader& reader, const Options& options) {
  if (options.demos > reader.size()) {
    throw Error(file + ": want " + std::to_string(options.demos) + " demonstrations, found " +
                std::to_string(reader.size()) + "; lower --demos");
  }
  Side side{file, options.demos > 0 ? options.demos : reader.size(), {}};
  std::vector<Episode> episodes;
  for (int i = 0; i < side.demonstrations; ++i) {
    episodes.push_back(reader.read(i, {.states = false, .info = false}));
  }
  side.atoms = expert_atoms(
      episodes, {.stride = options.subsample, .state_only = options.state_only, .seed = options.seed});
  return side;
}

void check_spaces(const Options& options, const DatasetHeader& from, const DatasetHeader& to) {
  const auto check = [&](const char* name, const Space& want, const Space& found) {
    const std::string why = space_mismatch(want, found);
    if (why.empty()) return;
    throw Error(options.from + ": " + name + ": " + why + "; want the spaces of " + options.to);
  };
  check("observation", to.observation, from.observation);
  if (!options.state_only) check("action", to.action, from.action);
}

/// Bytes of memory that this process may have: the machine's, or less where `ulimit -v` says so.
double memory() {
  const double machine =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return machine;
  return std::min(machine, static_cast<double>(limit.rlim_cur));
}

double bytes_of_costs(Eigen::Index rows, Eigen::Index columns) {
  return static_cast<double>(sizeof(double)) * static_cast<double>(rows) * static_cast<double>(columns);
}

/// The costs may take half of the memory.
void check_memory(Eigen::Index rows, Eigen::Index columns) {
  const double want = bytes_of_costs(rows, columns);
  if (want <= 0.5 * memory()) return;
  char line[256];
  std::snprintf(line, sizeof line,
                "an exact distance between %td and %td steps wants %.1f GB of memory, half of what there is "
                "are %.1f GB; "
                "keep fewer steps with --subsample K or --demos N, or estimate with --sliced 500",
                rows, columns, want * 1e-9, 0.5e-9 * memory());
  throw Error(line);
}

struct Distances {
  double w1 = 0;
  double w2 = 0;
};

Distances exact(const Matrix& x, const Matrix& y) {
  check_memory(x.rows(), y.rows());
  handle_interrupts();
  const Weights x_weights = uniform_weights(x.rows());
  const Weights y_weights = uniform_weights(y.rows());
  std::atomic<std::int64_t> pivots[2]{};
  const auto solve = [&](GroundCost kind, std::atomic<std::int64_t>& done) {
    return exact_coupling(ground_cost(kind, x, y), x_weights, y_weights,
                          [&](std::int64_t count) {
                            if (interrupted())
                              throw Interrupted("stopped; there is no distance before the end");
                            done = count;
                          })
        .cost;
  };
  const auto start = [&](GroundCost kind, std::atomic<std::int64_t>& done) {
    return std::async(std::launch::async, solve, kind, std::ref(done));
  };
  std::future<double> squared = start(GroundCost::kSquaredEuclidean, pivots[0]);
  // Both at once where there is memory for the costs of both.
  std::future<double> plain;
  if (2 * bytes_of_costs(x.rows(), y.rows()) <= 0.5 * memory())
    plain = start(GroundCost::kEuclidean, pivots[1]);
  Progress progress("transporting " + std::to_string(x.rows()) + " steps to " + std::to_string(y.rows()), 0,
                    "pivots");
  const auto wait = [&](std::future<double>& future) {
    while (future.wait_for(std::chrono::milliseconds(100)) == std::future_status::timeout)
      progress.update(static_cast<double>(pivots[0] + pivots[1]));
    return future.get();
  };
  Distances distances;
  distances.w2 = std::sqrt(std::max(0.0, wait(squared)));
  if (!plain.valid()) plain = start(GroundCost::kEuclidean, pivots[1]);
  distances.w1 = wait(plain);
  return distances;
}

Distances sliced(const Matrix& x, const Matrix& y, const Options& options) {
  const auto along_lines = [&](double power) {
    Rng rng(options.seed);  // the same lines for both
    return sliced_wasserstein(x, y, {.directions = options.sliced, .power = power}, rng).value;
  };
  return {along_lines(1), along_lines(2)};
}

void print(const Options& options, const Side& from, const Side& to, const Distances& distances) {
  const int dim = to.atoms.dim();
  if (options.json) {
    const auto side = [](const Side& s) {
      return ordered_json{{"file", s.file}, {"demonstrations", s.demonstrations}, {"steps", s.atoms.size()}};
    };
    ordered_json document{{"from", side(from)},
                          {"to", side(to)},
                          {"state_only", options.state_only},
                          {"entries", dim},
                          {"subsample", options.subsample},
                          {"seed", options.seed}};
    if (options.sliced > 0) document["directions"] = options.sliced;
    document[options.sliced > 0 ? "sliced_w1" : "w1"] = distances.w1;
    document[options.sliced > 0 ? "sliced_w2" : "w2"] = distances.w2;
    std::printf("%s\n", document.dump(2).c_str());
    return;
  }
  for (const auto& [side, word] : {std::pair{&from, "from"}, std::pair{&to, "to"}}) {
    std::printf("  %-5s %s: %d demonstrations, %d steps\n", word, side->file.c_str(), side->demonstrations,
                side->atoms.size());
  }
  std::printf("  of    %s, %d entries, in standard deviations of %s\n",
              options.state_only ? "observations" : "observations with actions", dim, to.file.c_str());
  const std::string prefix = options.sliced > 0 ? "sliced W" : "W";
  const double root = std::sqrt(dim);
  std::printf("  %s1 = %.6g\n  %s2 = %.6g\n", prefix.c_str(), distances.w1, prefix.c_str(), distances.w2);
  if (options.sliced == 0) {
    std::printf("  per entry (over sqrt(%d)): %.6g and %.6g\n", dim, distances.w1 / root,
                distances.w2 / root);
  }
}

void distance(const Options& options) {
  const DemonstrationReader from_reader(options.from);
  const DemonstrationReader to_reader(options.to);
  check_spaces(options, from_reader.header(), to_reader.header());
  const Side from = read_side(options.from, from_reader, options);
  const Side to = read_side(options.to, to_reader, options);
  const Normaliser standardiser = atom_standardiser(to.atoms.values);
  Matrix x = from.atoms.values;
  Matrix y = to.atoms.values;
  standardiser.apply(x);
  standardiser.apply(y);
  print(options, from, to, options.sliced > 0 ? sliced(x, y, options) : exact(x, y));
}

}  // namespace

void add_data_distance(CLI::App& data) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = data.add_subcommand(
      "distance", "Exact Wasserstein distances W1 and W2 between what two datasets do, step for step");
  command->add_option("from", options->from, "Dataset, e.g. of a policy")->required();
  command->add_option("to", options->to, "Dataset, e.g. of the expert; its steps give every entry's scale")
      ->required();
  command->add_flag("--state-only", options->state_only, "Compare observations and leave actions out");
  command
      ->add_option("--subsample", options->subsample,
                   "Keep every K-th step of an episode, from a random one of the first K on")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command->add_option("--demos", options->demos, "Only the first so many demonstrations of each; 0: all")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  command
      ->add_option("--sliced", options->sliced,
                   "Instead of the exact ones the sliced distances, over so many random directions (fast)")
      ->check(CLI::Range(1, 1000000));
  command->add_option("--seed", options->seed, "Of the first steps kept and of the directions")
      ->capture_default_str();
  command->add_flag("--json", options->json, "For machines");
  command->callback([options] { distance(*options); });
}

}  // namespace understudy::tools
