// Latency of one action through a policy: the fast pass against the same policy's TorchScript.

#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "bc/policies/mlp_policy.h"
#include "bc/policies/script_actor.h"
#include "tools/bench/bench.h"

namespace understudy::bench {
namespace {

/// Microseconds per call, over at least `seconds`.
double microseconds(double seconds, const std::function<void(int)>& work) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  double elapsed = 0;
  int calls = 0;
  do {
    for (int i = 0; i < 100; ++i) work(calls + i);
    calls += 100;
    elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  } while (elapsed < seconds);
  return elapsed / calls * 1e6;
}

Policy random_policy(const std::vector<int>& hidden, std::uint64_t seed) {
  Policy policy;
  policy.environment_id = "Bench";
  policy.observation = Space({{"observation", 17, "-", -10, 10, "random numbers"}});
  policy.action = Space({{"action", 6, "-", -1, 1, "not used"}});
  policy.normaliser = identity_normaliser(17);
  const MlpSpec spec{.inputs = 17, .hidden = hidden, .outputs = 6};
  Rng rng(seed);
  policy.network = std::make_shared<const MlpPolicy>(spec, Mlp(spec).initial_parameters(rng, 1.0));
  policy.learner = "bc";
  return policy;
}

}  // namespace

std::vector<Measurement> bench_act(const Options& options) {
  std::vector<Measurement> measurements;
  for (const std::vector<int>& hidden : {std::vector<int>{256, 256}, std::vector<int>{32, 32}}) {
    const Policy policy = random_policy(hidden, options.seed);
    const auto script = script_actor(policy);
    const auto actor = policy_actor(policy);

    constexpr int kRows = 1000;
    Matrix observations(kRows, 17);
    Rng rng(options.seed + 1);
    for (Eigen::Index i = 0; i < observations.size(); ++i) {
      observations.data()[i] = static_cast<float>(rng.normal());
    }
    Matrix fast(kRows, 6);
    Matrix scripted(kRows, 6);
    actor->act(observations, fast);
    script->act(observations, scripted);
    const float difference = (fast - scripted).cwiseAbs().maxCoeff();

    const std::string sizes = "17-" + std::to_string(hidden[0]) + "-" + std::to_string(hidden[1]) + "-6";
    char note[64];
    std::snprintf(note, sizeof note, "differs from TorchScript by at most %.1e",
                  static_cast<double>(difference));
    Measurement by_hand{"act " + sizes + ", batch 1", "us", {}, note};
    Measurement torch_script{"  the same through TorchScript", "us", {}, ""};
    for (int repeat = 0; repeat < options.repeats; ++repeat) {
      by_hand.samples.push_back(microseconds(options.seconds / 2, [&](int call) {
        actor->act(observations.row(call % kRows), fast.row(call % kRows));
      }));
      torch_script.samples.push_back(microseconds(options.seconds / 2, [&](int call) {
        script->act(observations.row(call % kRows), scripted.row(call % kRows));
      }));
    }
    measurements.push_back(std::move(by_hand));
    measurements.push_back(std::move(torch_script));
  }
  return measurements;
}

}  // namespace understudy::bench
