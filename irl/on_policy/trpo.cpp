#include "irl/on_policy/trpo.h"

#include <cmath>
#include <limits>

#include "irl/on_policy/advantages.h"

namespace understudy {
namespace {

double dot(const Vector& a, const Vector& b) {
  return a.cast<double>().dot(b.cast<double>());
}

class Trpo final : public OnPolicyLearner {
 public:
  Trpo(const RlProblem& problem, const TrpoConfig& config)
      : OnPolicyLearner(problem, config.on_policy), trpo_(config) {}

  void learn(ScoredRollout& rollout) override {
    standardise(rollout.advantages);
    const double before = loss_of(rollout);
    old_means_ = actor_workspace_.outputs();
    old_deviation_ = policy_.log_deviation(actor_);
    policy_.backward(actor_, rollout.observations, actor_workspace_, actor_gradient_);
    want_finite(dot(actor_gradient_, actor_gradient_), "policy gradient");
    search(rollout, before);
    ++updates_;
    fit_critic(rollout, {.learning_rate = trpo_.value_learning_rate * rate_share(),
                         .passes = trpo_.value_epochs,
                         .batch = trpo_.value_batch});
  }

  void report(Metrics& metrics) override {
    OnPolicyLearner::report(metrics);
    metrics.set("step", step_.take());
  }
  void serialise(Archive& archive) override {
    OnPolicyLearner::serialise(archive);
    step_.serialise(archive);
  }

 private:
  double loss_of(const ScoredRollout& rollout) {
    return surrogate({rollout.observations, rollout.samples, rollout.log_density, rollout.advantages},
                     std::numeric_limits<double>::infinity())
        .loss;
  }

  /// Moves the actor, or leaves it where no attempt is good enough.
  void search(const ScoredRollout& rollout, double before) {
    const auto product = [&](const Vector& v, Vector& result) {
      policy_.fisher_product(actor_, rollout.observations, actor_workspace_, tangents_, v, result);
      result += static_cast<float>(trpo_.damping) * v;
    };
    product_.resize(actor_.size());
    const Vector descent = -actor_gradient_;
    Vector direction = conjugate_gradients(product, descent, trpo_.conjugate_iterations);
    product(direction, product_);
    const double curvature = dot(direction, product_);
    want_finite(curvature, "curvature");
    const Vector start = actor_;
    double share = curvature > 0 ? 1 : 0;  // 0: no advantage anywhere, hence no direction
    if (share > 0) direction *= static_cast<float>(std::sqrt(2 * trpo_.max_kl / curvature));
    for (int attempt = 0; share > 0 && attempt < trpo_.line_search; ++attempt, share *= trpo_.shrink) {
      actor_ = start + static_cast<float>(share) * direction;
      const double loss = loss_of(rollout);
      const double kl =
          gaussian_kl({.means = old_means_, .log_deviation = old_deviation_},
                      {.means = actor_workspace_.outputs(), .log_deviation = policy_.log_deviation(actor_)});
      if (loss < before && kl <= trpo_.max_kl) {
        actor_loss_.add(loss);
        kl_.add(kl);
        step_.add(share);
        return;
      }
    }
    actor_ = start;
    actor_loss_.add(before);
    kl_.add(0);
    step_.add(0);
  }

  const TrpoConfig trpo_;
  MlpWorkspace tangents_;
  Matrix old_means_;
  Vector old_deviation_, product_;
  RunningMean step_;
};

}  // namespace

Vector conjugate_gradients(const std::function<void(const Vector&, Vector&)>& product, const Vector& b,
                           int iterations) {
  Vector x = Vector::Zero(b.size());
  Vector residual = b;
  Vector direction = b;
  Vector image(b.size());
  double square = dot(b, b);
  const double enough = 1e-10 * square;
  for (int i = 0; i < iterations && square > enough; ++i) {
    product(direction, image);
    const auto length = static_cast<float>(square / dot(direction, image));
    x += length * direction;
    residual -= length * image;
    const double next = dot(residual, residual);
    direction = residual + static_cast<float>(next / square) * direction;
    square = next;
  }
  return x;
}

SettingList settings(TrpoConfig& c) {
  SettingList list = on_policy_settings(c.on_policy);
  list.push_back({"max-kl", &c.max_kl, "Most mean divergence of a step [nat]", 1e-8, 10});
  list.push_back({"damping", &c.damping, "Added to the diagonal of the Fisher matrix", 0, 10});
  list.push_back({"conjugate-iterations", &c.conjugate_iterations, "Of conjugate gradients", 1, 1000});
  list.push_back({"shrink", &c.shrink, "Of the step, per attempt of the line search", 0.01, 0.99});
  list.push_back({"line-search", &c.line_search, "Attempts of the line search", 1, 100});
  list.push_back(
      {"value-learning-rate", &c.value_learning_rate, "Adam's step size of the value network", 1e-8, 1});
  list.push_back({"value-epochs", &c.value_epochs, "Passes of the value network over a rollout", 1, 1000});
  list.push_back({"value-batch", &c.value_batch, "Steps per minibatch of the value network", 2, 1e6});
  return list;
}

std::unique_ptr<RlLearner> make_trpo(const RlProblem& problem, const TrpoConfig& config) {
  TrpoConfig checked = config;
  check_settings(settings(checked));
  return std::make_unique<Trpo>(problem, checked);
}

}  // namespace understudy
