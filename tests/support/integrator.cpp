#include "tests/support/integrator.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "datasets/recording/demonstration_writer.h"
#include "datasets/types/rng_streams.h"

namespace understudy::tests {
namespace {

constexpr int kSteps = 40;

EnvironmentSpec integrator_spec(const std::string& id, const std::string& first_field) {
  EnvironmentSpec spec;
  spec.id = id;
  spec.observation =
      Space({{first_field, 1, "m", -10, 10, "place"}, {"velocity", 1, "m/s", -10, 10, "speed"}});
  spec.action = Space({{"push", 1, "-", -1, 1, "share of 5 m/s^2"}});
  spec.control_rate = 10;
  spec.horizon = kSteps;
  return spec;
}

struct Cart {
  explicit Cart(std::uint64_t seed) : position(Rng(seed).uniform(-1, 1)) {}
  void push(double action) {
    velocity += 0.1 * 5 * std::clamp(action, -1.0, 1.0);
    position += 0.1 * velocity;
  }
  bool success() const { return std::abs(position) < 0.05; }
  Vector observation() const {
    return Eigen::Vector2f(static_cast<float>(position), static_cast<float>(velocity));
  }

  double position;
  double velocity = 0;
};

EpisodeOutcome run(const Policy& policy, std::uint64_t seed) {
  const auto actor = policy_actor(policy);
  Cart cart(seed);
  EpisodeOutcome outcome{.seed = seed, .length = kSteps, .truncated = true};
  Matrix action(1, 1);
  for (int step = 0; step < kSteps; ++step) {
    actor->act(cart.observation().transpose(), action);
    cart.push(static_cast<double>(action(0, 0)));
    outcome.episode_return -= cart.position * cart.position;
  }
  outcome.success = cart.success();
  return outcome;
}

}  // namespace

TrainingTask integrator_task() {
  return {integrator_spec("Integrator", "position"),
          [](const Policy& policy, const EvaluationOptions& options) {
            std::vector<EpisodeOutcome> outcomes;
            for (int i = 0; i < options.episodes; ++i) {
              outcomes.push_back(run(policy, options.seed + static_cast<std::uint64_t>(i)));
              if (options.progress && !options.progress(i + 1, options.episodes)) break;
            }
            return outcomes;
          }};
}

TrainingTask integrator_task(std::function<double(int call)> success) {
  TrainingTask task = integrator_task();
  const auto calls = std::make_shared<int>(0);
  task.evaluate = [success = std::move(success), calls](const Policy&, const EvaluationOptions& options) {
    const double rate = success((*calls)++);
    std::vector<EpisodeOutcome> outcomes;
    for (int i = 0; i < options.episodes; ++i) {
      outcomes.push_back(
          {.seed = options.seed + static_cast<std::uint64_t>(i), .success = i < rate * options.episodes});
    }
    return outcomes;
  };
  return task;
}

void record_integrator(const std::filesystem::path& file, const IntegratorDemonstrations& what) {
  const EnvironmentSpec spec = integrator_spec(what.id, what.first_field);
  DatasetHeader header;
  header.environment_id = spec.id;
  header.observation = spec.observation;
  header.action = spec.action;
  header.state_dim = 2;
  header.control_rate = spec.control_rate;
  header.horizon = spec.horizon;
  header.device = "test";
  DemonstrationWriter writer(file, header);
  for (int episode = 0; episode < what.episodes; ++episode) {
    const auto seed = static_cast<std::uint64_t>(episode);
    Rng rng = Rng::stream(seed, RngStream{1});
    Cart cart(seed);
    writer.begin_episode(seed, cart.observation(), cart.observation().cast<double>(), "expert");
    const bool fail = episode >= what.episodes - what.failed;
    for (int step = 0; step < kSteps; ++step) {
      const double wanted = -(2.585701 * cart.position + 3.443436 * cart.velocity) / 5;
      const Vector action = Vector::Constant(
          1, static_cast<float>(std::clamp((fail ? -1 : 1) * wanted + what.noise * rng.normal(), -1.0, 1.0)));
      cart.push(static_cast<double>(action(0)));
      const Vector observation = cart.observation();
      const State state = observation.cast<double>();
      writer.append_step({.action = action,
                          .reward = static_cast<float>(-cart.position * cart.position),
                          .next_observation = observation,
                          .next_state = state,
                          .timestamp = 0.1 * step});
    }
    writer.commit_episode({.truncated = true, .success = !fail});
  }
  writer.pack();
}

}  // namespace understudy::tests
