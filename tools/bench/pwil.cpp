// PWIL's online reward over whole episodes of 1000 steps, one thread, at the sizes that the reference
// implementation was measured at: 1 and 11 demonstrations of 1000 steps with every 20th kept, entries as in
// HalfCheetah and Ant. The names are pwil_ATOMS_ENTRIES, as the reference's measurement in peers/ has them.

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "datasets/types/rng.h"
#include "irl/rewards/pwil_reward.h"
#include "tools/bench/bench.h"

namespace understudy::bench {
namespace {

Matrix normal(int rows, int columns, Rng& rng) {
  Matrix matrix(rows, columns);
  for (Eigen::Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = static_cast<float>(rng.normal());
  return matrix;
}

/// Rewards per second, over whole episodes and at least `seconds`; `mean` is theirs,
/// so that none is left out.
double rate(double seconds, PwilReward& pwil, const Matrix& observations, const Matrix& actions,
            double& mean) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  double elapsed = 0;
  double rewards = 0;
  double sum = 0;
  do {
    pwil.reset();
    for (Eigen::Index t = 0; t < observations.rows(); ++t) {
      sum += pwil.reward(observations.row(t).transpose(), actions.row(t).transpose());
    }
    rewards += static_cast<double>(observations.rows());
    elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  } while (elapsed < seconds);
  mean = sum / rewards;
  return rewards / elapsed;
}

}  // namespace

std::vector<Measurement> bench_pwil(const Options& options) {
  struct Workload {
    int atoms;
    int obs_dim;
    int act_dim;
  };
  constexpr int kHorizon = 1000;
  std::vector<Measurement> measurements;
  for (const Workload& w :
       {Workload{50, 17, 6}, Workload{50, 111, 8}, Workload{550, 17, 6}, Workload{550, 111, 8}}) {
    Rng rng(options.seed);
    const Matrix expert_observations = normal(w.atoms, w.obs_dim, rng);
    const Matrix expert_actions = normal(w.atoms, w.act_dim, rng);
    PwilReward pwil(pair_atoms(expert_observations, expert_actions, false), {.horizon = kHorizon});
    const Matrix observations = normal(kHorizon, w.obs_dim, rng);
    const Matrix actions = normal(kHorizon, w.act_dim, rng);
    Measurement measurement{
        "pwil_" + std::to_string(w.atoms) + "_" + std::to_string(w.obs_dim + w.act_dim), "rewards/s", {}, ""};
    double mean = 0;
    for (int repeat = 0; repeat < options.repeats; ++repeat) {
      measurement.samples.push_back(rate(options.seconds, pwil, observations, actions, mean));
    }
    char note[96];
    std::snprintf(note, sizeof note, "the last sample's: %.3f us each, mean reward %.3g",
                  1e6 / measurement.samples.back(), mean);
    measurement.note = note;
    measurements.push_back(std::move(measurement));
  }
  return measurements;
}

}  // namespace understudy::bench
