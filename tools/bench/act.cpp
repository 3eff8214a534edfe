// Latency of acting, one observation at a time on one core: an MLP by the fast pass against the same policy's
// TorchScript, and what each kind of policy that plans or remembers takes for a plan.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "bc/policies/mlp_policy.h"
#include "bc/policies/script_actor.h"
#include "bc/policies/sequence_policy.h"
#include "datasets/types/random_matrix.h"
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

/// Of random numbers, but for its network.
Policy frame(int obs_dim, int act_dim) {
  Policy policy;
  policy.environment_id = "Bench";
  policy.observation = Space({{"observation", obs_dim, "-", -10, 10, "random numbers"}});
  policy.action = Space({{"action", act_dim, "-", -1, 1, "not used"}});
  policy.normaliser = identity_normaliser(obs_dim);
  policy.learner = "bc";
  return policy;
}

void bench_mlp(const std::vector<int>& hidden, const Options& options,
               std::vector<Measurement>& measurements) {
  const std::string name = "act 17-" + std::to_string(hidden[0]) + "-" + std::to_string(hidden[1]) + "-6";
  if (!wanted(options, name)) return;
  Policy policy = frame(17, 6);
  const MlpSpec spec{.inputs = 17, .hidden = hidden, .outputs = 6};
  Rng initial(options.seed);
  policy.network = std::make_shared<const MlpPolicy>(spec, Mlp(spec).initial_parameters(initial, 1.0));
  const auto script = script_actor(policy);
  const auto actor = policy_actor(policy);

  constexpr int kRows = 1000;
  Rng rng(options.seed + 1);
  Matrix observations(kRows, 17);
  fill_normal(rng, observations);
  Matrix fast(kRows, 6);
  Matrix scripted(kRows, 6);
  actor->act(observations, fast);
  script->act(observations, scripted);
  const float difference = (fast - scripted).cwiseAbs().maxCoeff();

  char note[64];
  std::snprintf(note, sizeof note, "differs from TorchScript by at most %.1e",
                static_cast<double>(difference));
  Measurement by_hand{name + ", batch 1", "us", {}, note};
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

struct Planner {
  const char* name;
  const char* kind;
  DesignConfig config;
};

/// The default sizes, but for the recurrent one, which has robomimic's; and those of the papers where larger.
std::vector<Planner> planners() {
  std::vector<Planner> list{
      {"rnn lstm 2x400 gmm 5", "recurrent", default_design("recurrent")},
      {"transformer 4x128 over 10 gmm 5", "transformer", default_design("transformer")},
      {"act 2x128 plan 20", "act", default_design("act")},
      {"act 4x512 plan 100", "act", default_design("act")},
      {"diffusion 64-128 plan 16 by 10", "diffusion", default_design("diffusion")},
      {"diffusion 256-512-1024 plan 16 by 10", "diffusion", default_design("diffusion")},
      {"flow 64-128 plan 16 by 4", "flow", default_design("flow")},
      {"stream 512-512-512 plan 16", "stream", default_design("stream")}};
  list[0].config.width = 400;
  list[3].config.layers = 4;
  list[3].config.width = 512;
  list[3].config.attention_heads = 8;
  list[3].config.feedforward = 3200;
  list[3].config.horizon = 100;
  list[5].config.widths = {256, 512, 1024};
  return list;
}

/// s on this thread's processor so far: unlike the time by the clock, other programs hardly change it.
double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct PlanTime {
  double clock = 0, processor = 0;  ///< s per plan
  double longest = 0;               ///< s of a single action
};

PlanTime plan_time(Actor& actor, int executed, const Matrix& observations, double seconds) {
  using Clock = std::chrono::steady_clock;
  Matrix action(1, 7);
  PlanTime time;
  int plans = 0;
  const double before = processor_seconds();
  for (; time.clock < seconds; ++plans) {
    for (int step = 0; step < executed; ++step) {
      const auto start = Clock::now();
      actor.act(observations.row((plans * executed + step) % observations.rows()), action);
      const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
      time.clock += elapsed;
      time.longest = std::max(time.longest, elapsed);
    }
  }
  time.clock /= plans;
  time.processor = (processor_seconds() - before) / plans;
  return time;
}

/// A plan, and the mean of its actions: nothing but the first of them is work.
void bench_planner(const Planner& planner, const Options& options, std::vector<Measurement>& measurements) {
  if (!wanted(options, planner.name)) return;
  Policy policy = frame(23, 7);
  const SequenceDesign design = make_design(planner.kind, planner.config, 23, 7);
  Rng rng(options.seed);
  policy.observation_history = design.history;
  policy.planned_actions = design.planned;
  policy.network = std::make_shared<const SequencePolicy>(planner.kind, planner.config, 23, 7,
                                                          initial_parameters(design, rng));
  const auto actor = policy_actor(policy);
  actor->reset(0, options.seed);
  Matrix observations(1000, 23);
  fill_normal(rng, observations);
  plan_time(*actor, design.executed, observations, options.seconds / 4);
  double longest = 0;
  std::vector<double> processor;
  Measurement plan{planner.name, "ms", {}, ""};
  Measurement step{"  for an observation", "ms", {}, ""};
  for (int repeat = 0; repeat < options.repeats; ++repeat) {
    const PlanTime time = plan_time(*actor, design.executed, observations, options.seconds);
    plan.samples.push_back(1e3 * time.clock);
    step.samples.push_back(1e3 * time.clock / design.executed);
    processor.push_back(1e3 * time.processor);
    longest = std::max(longest, 1e3 * time.longest);
  }
  const auto middle = processor.begin() + static_cast<std::ptrdiff_t>(processor.size() / 2);
  std::nth_element(processor.begin(), middle, processor.end());
  char note[120];
  std::snprintf(note, sizeof note, "for %d action%s; %.3g ms of processor time; the longest took %.3g ms",
                design.executed, design.executed == 1 ? "" : "s", *middle, longest);
  plan.note = note;
  measurements.push_back(std::move(plan));
  measurements.push_back(std::move(step));
}

}  // namespace

std::vector<Measurement> bench_act(const Options& options) {
  std::vector<Measurement> measurements;
  bench_mlp({256, 256}, options, measurements);
  bench_mlp({32, 32}, options, measurements);
  for (const Planner& planner : planners()) bench_planner(planner, options, measurements);
  return measurements;
}

}  // namespace understudy::bench
