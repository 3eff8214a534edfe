// How fast the tasks step, and how much of that time is spent inside Bullet.

#include <algorithm>
#include <chrono>
#include <thread>

#include "datasets/types/rng.h"
#include "envs/contract/random_actor.h"
#include "envs/rollouts/batched_environment.h"
#include "envs/tasks/registry.h"
#include "tools/bench/bench.h"

namespace understudy::bench {
namespace {

struct Rate {
  double steps_per_second = 0;
  double engine_share = 0;  ///< of the threads' time
};

/// Random actions on `batch` environments for at least `seconds`; episodes that end
/// are reset within the time.
Rate measure(const std::string& id, const Randomisation& randomisation, int batch, int threads,
             double seconds, std::uint64_t seed) {
  BatchedEnvironment environments([&] { return make_environment(id, randomisation); },
                                  {.batch = batch, .threads = threads, .seed = seed});
  const int act_dim = environments.spec().action.size();
  const std::unique_ptr<Actor> actor = make_random_actor(act_dim);
  for (int row = 0; row < batch; ++row) actor->reset(row, seed + static_cast<std::uint64_t>(row));
  Matrix actions(batch, act_dim);
  const BatchStep* latest = &environments.reset();
  const auto step = [&] {
    actor->act(latest->observations, actions);
    latest = &environments.step(actions);
  };
  // About as many steps between looks at the clock, whatever the batch.
  const int stride = std::max(1, 20 / batch);
  for (int i = 0; i < stride; ++i) step();

  using Clock = std::chrono::steady_clock;
  const double engine_before = environments.engine_seconds();
  const auto begin = Clock::now();
  double elapsed = 0;
  long steps = 0;
  while (elapsed < seconds) {
    for (int i = 0; i < stride; ++i) step();
    steps += static_cast<long>(stride) * batch;
    elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return {.steps_per_second = static_cast<double>(steps) / elapsed,
          .engine_share = (environments.engine_seconds() - engine_before) / (elapsed * threads)};
}

/// Milliseconds per reset, world and track included.
double measure_reset(const std::string& id, const Randomisation& randomisation, double seconds,
                     std::uint64_t seed) {
  const std::unique_ptr<Environment> environment = make_environment(id, randomisation);
  Vector observation(environment->spec().observation.size());
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  double elapsed = 0;
  int resets = 0;
  while (elapsed < seconds) {
    environment->reset(seed + static_cast<std::uint64_t>(resets++), observation);
    elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return 1e3 * elapsed / resets;
}

}  // namespace

std::vector<Measurement> bench_env(const Options& options) {
  const std::vector<std::string> ids =
      options.environments.empty() ? environment_ids() : options.environments;
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int threads = std::min(2, cores);
  std::vector<Measurement> measurements;
  for (const std::string& id : ids) {
    Measurement single{
        .name = id + " random actions, 1 thread", .unit = "steps/s", .samples = {}, .note = {}};
    Measurement share{.name = id + " share inside Bullet, 1 thread", .unit = "%", .samples = {}, .note = {}};
    Measurement several{
        .name = id + " batch " + std::to_string(options.batch) + ", " + std::to_string(threads) + " threads",
        .unit = "steps/s",
        .samples = {},
        .note = {}};
    Measurement scaling{.name = id + " " + std::to_string(threads) + " threads against 1",
                        .unit = "x",
                        .samples = {},
                        .note = "the same batch, samples taken in turn"};
    Measurement reset{.name = id + " reset", .unit = "ms", .samples = {}, .note = "new world, new episode"};
    for (int i = 0; i < options.repeats; ++i) {
      const std::uint64_t seed = options.seed + 1000 * static_cast<std::uint64_t>(i);
      const Rate one = measure(id, options.randomisation, 1, 1, options.seconds, seed);
      const Rate batch_one = measure(id, options.randomisation, options.batch, 1, options.seconds, seed);
      const Rate batch_all =
          measure(id, options.randomisation, options.batch, threads, options.seconds, seed);
      single.samples.push_back(one.steps_per_second);
      share.samples.push_back(100 * one.engine_share);
      several.samples.push_back(batch_all.steps_per_second);
      scaling.samples.push_back(batch_all.steps_per_second / batch_one.steps_per_second);
      reset.samples.push_back(measure_reset(id, options.randomisation, options.seconds / 4, seed));
    }
    for (Measurement* m : {&single, &share, &several, &scaling, &reset})
      measurements.push_back(std::move(*m));
  }
  return measurements;
}

}  // namespace understudy::bench
