#pragma once
/// \file What `eval --suite` evaluates: tasks x policies x perturbations, in TOML.
///
///   tasks = ["Drive", "Lift"]
///   policies = ["expert", "random", "runs/{task}-bc"]     # {task}: the task's name
///   episodes = 100                                        # of each cell; and `seed`, as for eval
///   [perturbations.late]
///   latency = 2                     # steps until an action arrives
///   [perturbations.noisy]
///   observation_noise = 0.02        # deviation, as a share of each field's range
///   [perturbations.moved]
///   camera = 0.03                   # m along each axis, and rad: at most
///   [perturbations.light]
///   file = "wide-{task}.toml"       # a randomisation file
///   corner = "low"                  # everything in it at its lower end
///
/// Every task and policy is evaluated without perturbation too: that one is called "none".

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "envs/randomisation/corner.h"
#include "envs/randomisation/randomisation.h"

namespace understudy::tools {

struct Perturbation {
  std::string name;
  std::string file{};   ///< with {task} in it; empty: none
  std::string place{};  ///< of the file's name, begins a complaint
  std::optional<Corner> corner{};
  Randomisation values{};  ///< what stands in the suite itself
};

struct Suite {
  std::string name;
  std::vector<std::string> tasks{};
  std::vector<std::string> policies{};  ///< with {task} in them
  std::optional<int> episodes{};
  std::optional<std::uint64_t> seed{};
  std::vector<Perturbation> perturbations{};  ///< the first is "none"
};

/// Throws UsageError in one line with place, expectation and finding for what is unknown, missing, twice, or of another
/// kind or range.
Suite read_suite(const std::string& path);

/// `text` with the task for {task}.
std::string for_task(const std::string& text, const std::string& task);

/// What `perturbation` varies `task` by. Throws like load_randomisation.
Randomisation randomisation_of(const Perturbation& perturbation, const std::string& task);

}  // namespace understudy::tools
