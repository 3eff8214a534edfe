#include "irl/off_policy/d4pg.h"

#include "datasets/types/rng_streams.h"
#include "irl/off_policy/deterministic_actor.h"
#include "irl/off_policy/distribution_loss.h"
#include "irl/off_policy/q_network.h"
#include "irl/off_policy/shards.h"

namespace understudy {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

struct Shard {
  MlpWorkspace actor;
  MlpWorkspace critic;
  Matrix inputs;           ///< [rows, obs_dim + act_dim]
  Matrix action_gradient;  ///< [rows, act_dim]
  Matrix target;           ///< [rows, atoms]
  Vector scratch;          ///< [atoms]
  Vector actor_gradient;
  double critic_loss = 0;
  DistributionValue value;
};

class D4pg final : public OffPolicyLearner {
 public:
  D4pg(const RlProblem& problem, const D4pgConfig& config)
      : OffPolicyLearner(problem, config.off_policy),
        d4pg_(config),
        actor_([&] {
          Rng rng = Rng::stream(problem.seed, RngStream::kOffPolicyActor);
          return DeterministicActor(problem, config.hidden, rng);
        }()),
        critics_([&] {
          Rng rng = Rng::stream(problem.seed, RngStream::kOffPolicyCritics);
          return QNetworks({.inputs = problem.obs_dim + problem.act_dim,
                            .hidden = config.hidden,
                            .outputs = config.atoms,
                            .activation = Activation::kRelu},
                           1, std::max(problem.threads, 1), rng);
        }()),
        atoms_(Vector::LinSpaced(config.atoms, -static_cast<float>(config.limit),
                                 static_cast<float>(config.limit))),
        shards_(at(shards())) {
    for (int s = 0; s < shards(); ++s) {
      const int rows = rows_of(s).count;
      Shard& shard = shards_[at(s)];
      shard.actor = MlpWorkspace(problem.device);
      shard.critic = MlpWorkspace(problem.device);
      shard.inputs.resize(rows, problem.obs_dim + problem.act_dim);
      shard.action_gradient.resize(rows, problem.act_dim);
      shard.target.resize(rows, config.atoms);
      shard.scratch.resize(config.atoms);
      shard.actor_gradient.resize(actor_.network.parameter_count());
    }
  }

  void learn_from(const TransitionBatch& batch, double absorbing_value) override {
    want_finite(static_cast<double>(batch.rewards.sum()) + absorbing_value, "reward");
    pool_.run(shards(), [&](int s) {
      critic_gradient(batch, absorbing_value, s);
      if (actor_learns()) actor_gradient(batch, s);
    });
    const AdamConfig adam{.learning_rate = d4pg_.learning_rate * rate_share()};
    QNetwork& critic = critics_.heads.front();
    critic.step(adam, 0);
    const double loss = sum(shards_, &Shard::critic_loss);
    want_finite(loss, "critic loss");
    critic_loss_.add(loss / config_.batch);
    if (actor_learns()) {
      adam_step(adam, sum_into_first(shards_, &Shard::actor_gradient), actor_.adam, actor_.parameters);
      double value = 0, edge = 0;
      for (const Shard& shard : shards_) {
        value += shard.value.value;
        edge += shard.value.edge;
      }
      value_.add(value / config_.batch);
      edge_.add(edge / config_.batch);
    }
    if ((updates_ + 1) % static_cast<std::uint64_t>(d4pg_.target_period) == 0) {
      critic.target = critic.parameters;
      actor_.target = actor_.parameters;
    }
  }

  void report(Metrics& metrics) override {
    metrics.set("critic_loss", critic_loss_.take());
    metrics.set("value", value_.take());
    metrics.set("edge_atoms", edge_.take());  // mass at both ends: much of it says that --limit is too low
  }

 private:
  void explore(ConstMatrixRef observations, MatrixRef actions) override {
    actor_.explore(observations, d4pg_.exploration, rng_, actions);
  }

  void log_density(ConstMatrixRef /*observations*/, ConstMatrixRef /*actions*/,
                   VectorRef /*result*/) override {
    throw UsageError(
        "--rl: this reward needs a policy with a density, which D4PG does not have; use --rl sac");
  }

  void critic_gradient(const TransitionBatch& batch, double absorbing_value, int s) {
    const auto [first, rows] = rows_of(s);
    Shard& shard = shards_[at(s)];
    QNetwork& critic = critics_.heads.front();
    actor_.act(actor_.target, batch.next_observations.middleRows(first, rows), shard.actor, shard.inputs);
    critics_.network.forward(critic.target, shard.inputs, shard.critic);
    distribution_target({.rewards = batch.rewards.segment(first, rows),
                         .discounts = batch.discounts.segment(first, rows),
                         .terminated = std::span(batch.terminated).subspan(at(first), at(rows)),
                         .next_logits = shard.critic.outputs(),
                         .atoms = atoms_,
                         .absorbing_value = absorbing_value},
                        shard.target, shard.scratch);

    shard.inputs.leftCols(problem_.obs_dim) = batch.observations.middleRows(first, rows);
    shard.inputs.rightCols(problem_.act_dim) = batch.actions.middleRows(first, rows);
    critics_.network.forward(critic.parameters, shard.inputs, shard.critic);
    shard.critic_loss = distribution_loss(shard.critic.outputs(), shard.target, config_.batch,
                                          shard.critic.output_gradient(), shard.scratch);
    critics_.network.backward(critic.parameters, shard.inputs, shard.critic, critic.gradients[at(s)]);
  }

  /// Both networks learn from the same parameters, as in acme.
  void actor_gradient(const TransitionBatch& batch, int s) {
    const auto [first, rows] = rows_of(s);
    Shard& shard = shards_[at(s)];
    const QNetwork& critic = critics_.heads.front();
    const auto observations = batch.observations.middleRows(first, rows);
    actor_.act(actor_.parameters, observations, shard.actor, shard.inputs);
    critics_.network.forward(critic.parameters, shard.inputs, shard.critic);
    shard.value =
        distribution_value(shard.critic.outputs(), atoms_, shard.critic.output_gradient(), shard.scratch);
    critics_.network.backward_inputs(critic.parameters, shard.critic, problem_.obs_dim,
                                     shard.action_gradient);
    clipped_ascent(config_.batch, shard.action_gradient);
    actor_.backward(observations, shard.inputs, shard.actor, shard.action_gradient, shard.actor_gradient);
  }

  const MlpSpec& actor_spec() const override { return actor_.network.spec(); }
  const Vector& actor_parameters() const override { return actor_.parameters; }

  void serialise_networks(Archive& archive) override {
    actor_.serialise(archive);
    critics_.serialise(archive);
    for (RunningMean* mean : {&critic_loss_, &value_, &edge_}) mean->serialise(archive);
  }

  const D4pgConfig d4pg_;
  DeterministicActor actor_;
  QNetworks critics_;
  const Vector atoms_;
  std::vector<Shard> shards_;
  RunningMean critic_loss_, value_, edge_;
};

}  // namespace

SettingList settings(D4pgConfig& c) {
  SettingList list = off_policy_settings(c.off_policy);
  list.push_back({"hidden", &c.hidden, "Widths of the hidden layers of actor and critics"});
  list.push_back({"learning-rate", &c.learning_rate, "Adam's step size", 1e-8, 1});
  list.push_back({"atoms", &c.atoms, "Values that the critic's distribution is over", 2, 10000});
  list.push_back({"limit", &c.limit, "Greatest of them; the least is its negative", 1e-6, 1e9});
  list.push_back({"exploration", &c.exploration, "Deviation of the noise on actions", 0, 2});
  list.push_back(
      {"target-period", &c.target_period, "Updates between two copies of the target networks", 1, 1e6});
  return list;
}

std::unique_ptr<OffPolicyLearner> make_d4pg(const RlProblem& problem, const D4pgConfig& config) {
  D4pgConfig checked = config;
  check_settings(settings(checked));
  return std::make_unique<D4pg>(problem, config);
}

}  // namespace understudy
