// RLtools' own training loops at the sizes of `understudy bench rl`; rltools_rl.py compiles and runs this.
// usage: rltools_loops REPEATS SECONDS; prints a line a sample: workload, loop steps per second.
// A loop step is one step of a cheap environment, one transition stored and one update.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

// RLtools wants its headers in this order.
// clang-format off
#include <rl_tools/operations/cpu_mux.h>
#include <rl_tools/nn/optimizers/adam/instance/operations_generic.h>
#include <rl_tools/nn/operations_cpu_mux.h>
#include <rl_tools/nn/layers/sample_and_squash/operations_generic.h>
#include <rl_tools/nn/layers/td3_sampling/operations_generic.h>
#include <rl_tools/rl/environments/pendulum/operations_cpu.h>
#include <rl_tools/nn_models/mlp/operations_generic.h>
#include <rl_tools/nn_models/sequential/operations_generic.h>
#include <rl_tools/nn_models/random_uniform/operations_generic.h>
#include <rl_tools/nn/optimizers/adam/operations_generic.h>
// clang-format on

namespace rlt = rl_tools;

using Device = rlt::devices::DEVICE_FACTORY<>;
using Index = Device::index_t;

/// 17 observed numbers that forget a little and take in 6 actions: as cheap as an
/// environment of this size can be.
struct Wide : rlt::rl::environments::Environment<float, Index> {
  using T = float;
  using TI = Index;
  struct State {
    static constexpr Index DIM = 17;
    float values[DIM];
  };
  struct Parameters {};
  struct Observation {
    static constexpr Index DIM = 17;
  };
  using ObservationPrivileged = Observation;
  static constexpr Index N_AGENTS = 1;
  static constexpr Index ACTION_DIM = 6;
  static constexpr Index EPISODE_STEP_LIMIT = 1000;
};

namespace rl_tools {
inline void malloc(Device&, const Wide&) {}
inline void free(Device&, const Wide&) {}
inline void init(Device&, const Wide&) {}
inline void initial_parameters(Device&, const Wide&, Wide::Parameters&) {}
inline void initial_state(Device&, const Wide&, Wide::Parameters&, Wide::State& state) {
  state = {};
}
template <typename R>
void sample_initial_parameters(Device&, const Wide&, Wide::Parameters&, R&) {}
template <typename R>
void sample_initial_state(Device&, const Wide&, Wide::Parameters&, Wide::State& state, R& random) {
  for (float& value : state.values) {
    value = random::uniform_real_distribution(Device::SPEC::RANDOM(), -1.0F, 1.0F, random);
  }
}
template <typename A, typename R>
float step(Device&, const Wide&, Wide::Parameters&, const Wide::State& state, const Matrix<A>& action,
           Wide::State& next, R&) {
  for (Index i = 0; i < Wide::State::DIM; ++i) {
    next.values[i] = 0.95F * state.values[i] + 0.1F * get(action, 0, i % Wide::ACTION_DIM);
  }
  return 0.05F;
}
template <typename A, typename R>
float reward(Device&, const Wide&, Wide::Parameters&, const Wide::State& state, const Matrix<A>&,
             const Wide::State&, R&) {
  return -state.values[0] * state.values[0];
}
template <typename O, typename R>
void observe(Device&, const Wide&, const Wide::Parameters&, const Wide::State& state,
             const Wide::Observation&, Matrix<O>& observation, R&) {
  for (Index i = 0; i < Wide::State::DIM; ++i) set(observation, 0, i, state.values[i]);
}
template <typename R>
bool terminated(Device&, const Wide&, Wide::Parameters&, const Wide::State&, R&) {
  return false;
}
}  // namespace rl_tools

// Only now, for they call an environment's functions by name.
#include <rl_tools/rl/algorithms/sac/loop/core/config.h>
#include <rl_tools/rl/algorithms/sac/loop/core/operations_generic.h>
#include <rl_tools/rl/algorithms/td3/loop/core/config.h>
#include <rl_tools/rl/algorithms/td3/loop/core/operations_generic.h>

using Numbers = rlt::numeric_types::Policy<float>;
using Random = Device::SPEC::RANDOM::ENGINE<>;
using Pendulum = rlt::rl::environments::Pendulum<rlt::rl::environments::pendulum::Specification<
    float, Index, rlt::rl::environments::pendulum::DefaultParameters<float>>>;

constexpr Index kRandomSteps = 1000;  // before the first update

/// Two hidden layers of `width`; runs for as long as it is asked to.
template <typename Defaults, Index width>
struct Sizes : Defaults {
  static constexpr Index STEP_LIMIT = Index{1} << 40;
  static constexpr Index REPLAY_BUFFER_CAP = 100'000;
  static constexpr Index N_WARMUP_STEPS = kRandomSteps;
  static constexpr Index N_WARMUP_STEPS_CRITIC = kRandomSteps;
  static constexpr Index N_WARMUP_STEPS_ACTOR = kRandomSteps;
  static constexpr Index ACTOR_NUM_LAYERS = 3;
  static constexpr Index ACTOR_HIDDEN_DIM = width;
  static constexpr Index CRITIC_NUM_LAYERS = 3;
  static constexpr Index CRITIC_HIDDEN_DIM = width;
};

template <typename Defaults, Index batch>
struct Batch : Defaults {
  static constexpr Index ACTOR_BATCH_SIZE = batch;
  static constexpr Index CRITIC_BATCH_SIZE = batch;
};

template <typename Environment, Index width, Index batch>
struct SacParameters
    : Sizes<rlt::rl::algorithms::sac::loop::core::DefaultParameters<Numbers, Index, Environment>, width> {
  using SAC_PARAMETERS =
      Batch<rlt::rl::algorithms::sac::DefaultParameters<Numbers, Index, Environment::ACTION_DIM>, batch>;
};
template <typename Environment, Index width, Index batch>
struct Td3Parameters
    : Sizes<rlt::rl::algorithms::td3::loop::core::DefaultParameters<Numbers, Index, Environment>, width> {
  using TD3_PARAMETERS = Batch<rlt::rl::algorithms::td3::DefaultParameters<Numbers, Index>, batch>;
};
template <typename Environment, Index width, Index batch>
using Sac = rlt::rl::algorithms::sac::loop::core::Config<Numbers, Index, Random, Environment,
                                                         SacParameters<Environment, width, batch>>;
template <typename Environment, Index width, Index batch>
using Td3 = rlt::rl::algorithms::td3::loop::core::Config<Numbers, Index, Random, Environment,
                                                         Td3Parameters<Environment, width, batch>>;

template <typename Config>
void measure(const char* name, int repeats, double seconds) {
  using Clock = std::chrono::steady_clock;
  Device device;
  rlt::init(device);
  const auto state = std::make_unique<typename Config::template State<Config>>();  // too large for the stack
  auto& loop = *state;
  rlt::malloc(device, loop);
  rlt::init(device, loop, 0);
  for (Index i = 0; i < kRandomSteps + 50; ++i) rlt::step(device, loop);
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const auto start = Clock::now();
    double elapsed = 0;
    long steps = 0;
    while (elapsed < seconds) {
      for (int i = 0; i < 10; ++i) rlt::step(device, loop);
      steps += 10;
      elapsed = std::chrono::duration<double>(Clock::now() - start).count();
    }
    std::printf("%s %.17g\n", name, static_cast<double>(steps) / elapsed);
    std::fflush(stdout);
  }
  rlt::free(device, loop);
}

/// One large product, so that OpenBLAS's buffers are mapped (measure.py tells why).
void map_buffers() {
  constexpr int n = 2000;
  const std::vector<float> a(n * n, 1.0F);
  std::vector<float> c(n * n);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a.data(), n, a.data(), n, 0, c.data(),
              n);
}

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: rltools_loops REPEATS SECONDS\n");
    return 2;
  }
  const int repeats = std::atoi(arguments[1]);
  const double seconds = std::atof(arguments[2]);
  map_buffers();
  measure<Sac<Wide, 256, 256>>("sac_256", repeats, seconds);
  measure<Td3<Wide, 256, 256>>("td3_256", repeats, seconds);
  measure<Sac<Pendulum, 64, 100>>("sac_64", repeats, seconds);
}
