// How fast policies are evaluated, and how much of that time is the simulator's.

#include <chrono>
#include <cstdio>
#include <ctime>

#include "bc/networks/mlp.h"
#include "bc/policies/mlp_policy.h"
#include "bc/policies/policy.h"
#include "datasets/types/rng.h"
#include "envs/rollouts/evaluation.h"
#include "envs/tasks/registry.h"
#include "tools/bench/bench.h"

namespace understudy::bench {
namespace {

/// 256-256 with first parameters: it does nothing sensible, at the price of one that does.
Policy untrained(const EnvironmentSpec& spec, std::uint64_t seed) {
  Policy policy;
  policy.environment_id = spec.id;
  policy.observation = spec.observation;
  policy.action = spec.action;
  policy.normaliser = identity_normaliser(spec.observation.size());
  policy.learner = "bc";
  const MlpSpec layers{
      .inputs = spec.observation.size(), .hidden = {256, 256}, .outputs = spec.action.size()};
  Rng rng(seed);
  policy.network = std::make_shared<const MlpPolicy>(layers, Mlp(layers).initial_parameters(rng, 0.01));
  return policy;
}

/// s on the processor so far: unlike the time by the clock, other programs hardly change it.
double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct Sample {
  double episodes_per_minute = 0;                 ///< of a core's time
  double steps_per_second = 0;                    ///< likewise
  double simulating = 0, engine = 0, acting = 0;  ///< shares of the time
};

/// One thread, as many episodes as there is time for, at least one.
Sample measure(const std::string& id, const Policy& policy, double seconds, std::uint64_t seed) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const double processor_before = processor_seconds();
  EvaluationTimes times;
  EvaluationOptions options;
  options.episodes = 20'000;  // more than there is time for
  options.seed = seed;
  options.threads = 1;
  options.times = &times;
  options.progress = [&](int, int) {
    return std::chrono::duration<double>(Clock::now() - start).count() < seconds;
  };
  const auto outcomes = evaluate(
      id, [&] { return policy_actor(policy); }, options);
  const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  const double processor = processor_seconds() - processor_before;
  double steps = 0;
  for (const EpisodeOutcome& outcome : outcomes) steps += outcome.length;
  return {.episodes_per_minute = 60 * static_cast<double>(outcomes.size()) / processor,
          .steps_per_second = steps / processor,
          .simulating = times.simulating / elapsed,
          .engine = times.engine / elapsed,
          .acting = times.acting.sum() / elapsed};
}

}  // namespace

std::vector<Measurement> bench_eval(const Options& options) {
  const std::vector<std::string> usual{"Drive", "Lift", "Hopper"};
  std::vector<Measurement> measurements;
  for (const std::string& id : options.environments.empty() ? usual : options.environments) {
    const Policy policy = untrained(make_environment(id)->spec(), options.seed);
    Measurement episodes{
        .name = id + " eval, MLP 256-256", .unit = "episodes/min and core", .samples = {}, .note = {}};
    Measurement share{.name = id + " share of the simulator", .unit = "%", .samples = {}, .note = {}};
    double steps = 0, engine = 0, acting = 0;
    for (int i = 0; i < options.repeats; ++i) {
      const Sample sample =
          measure(id, policy, options.seconds, options.seed + 1000 * static_cast<std::uint64_t>(i));
      episodes.samples.push_back(sample.episodes_per_minute);
      share.samples.push_back(100 * sample.simulating);
      steps += sample.steps_per_second / options.repeats;
      engine += 100 * sample.engine / options.repeats;
      acting += 100 * sample.acting / options.repeats;
    }
    char note[96];
    std::snprintf(note, sizeof note, "%.0f steps/s", steps);
    episodes.note = note;
    std::snprintf(note, sizeof note, "%.1f %% inside the engine; acting %.1f %%", engine, acting);
    share.note = note;
    measurements.push_back(std::move(episodes));
    measurements.push_back(std::move(share));
  }
  return measurements;
}

}  // namespace understudy::bench
