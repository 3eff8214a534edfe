// Acting by plans: every row has its own past, memory, dice and plans.

#include <algorithm>
#include <cmath>
#include <deque>
#include <utility>
#include <vector>

#include "bc/networks/blas.h"
#include "bc/policies/policy_tensors.h"
#include "bc/policies/sequence_policy.h"
#include "datasets/types/rng.h"
#include "datasets/types/rng_streams.h"

namespace understudy {
namespace {

class SequenceActor final : public Actor {
 public:
  SequenceActor(const SequencePolicy& network, const Normaliser& normaliser, int act_dim)
      : design_(network.design()),
        parameters_(network.parameters()),
        normaliser_(normaliser),
        act_dim_(act_dim),
        network_(make_script_network(network.kind(), design_.source,
                                     script_parameters(design_, parameters_.data()),
                                     normaliser_tensors(normaliser_))) {
    set_blas_threads(1);  // the same bits, however many actors there are
  }

  void reset(int row, std::uint64_t seed) override {
    const auto index = static_cast<std::size_t>(row);
    if (index >= rows_.size()) rows_.resize(index + 1);
    rows_[index] = {};
    rows_[index].rng = Rng::stream(seed, RngStream::kSequenceActor);
  }

  void act(ConstMatrixRef observations, MatrixRef actions) override {
    want_size("policy", "observation", normaliser_.size(), observations.cols());
    if (rows_.size() < static_cast<std::size_t>(observations.rows()))
      rows_.resize(static_cast<std::size_t>(observations.rows()));
    for (Eigen::Index i = 0; i < observations.rows(); ++i) {
      Row& row = rows_[static_cast<std::size_t>(i)];
      const Vector observation = observations.row(i);
      remember(row, observation);
      if (row.steps % design_.executed == 0) plan(row);
      actions.row(i) = chosen(row);
      ++row.steps;
    }
  }

 private:
  struct Row {
    int steps = 0;
    std::vector<float> past;  ///< [history, obs_dim]
    std::vector<float> state;
    Rng rng{0};
    std::deque<std::vector<float>> plans;  ///< [planned, act_dim], the oldest first
  };

  void remember(Row& row, const Vector& observation) const {
    const auto size = static_cast<std::ptrdiff_t>(observation.size());
    if (row.steps == 0) {
      row.state.assign(static_cast<std::size_t>(std::max(1, design_.state)), 0);
      for (int i = 0; i < design_.history; ++i)
        row.past.insert(row.past.end(), observation.begin(), observation.end());
      return;
    }
    std::copy(row.past.begin() + size, row.past.end(), row.past.begin());
    std::copy(observation.begin(), observation.end(), row.past.end() - size);
  }

  void plan(Row& row) {
    std::vector<float> noise(static_cast<std::size_t>(std::max(1, design_.plan_noise)));
    for (float& value : noise) value = static_cast<float>(row.rng.normal());
    std::vector<float> actions(static_cast<std::size_t>(design_.planned) *
                               static_cast<std::size_t>(act_dim_));
    const auto length = [](const std::vector<float>& values) {
      return static_cast<std::int64_t>(values.size());
    };
    network_->plan({{"", {1, design_.history, normaliser_.size()}, row.past.data()},
                    {"", {1, length(row.state)}, row.state.data()},
                    {"", {1, length(noise)}, noise.data()}},
                   actions, next_state(row));
    row.state.swap(next_);
    row.plans.push_back(std::move(actions));
    const std::size_t kept = design_.ensemble > 0 ? static_cast<std::size_t>(design_.planned) : 1;
    if (row.plans.size() > kept) row.plans.pop_front();
  }

  std::vector<float>& next_state(const Row& row) {
    next_.resize(row.state.size());
    return next_;
  }

  /// What the latest plan says of now, or all of them, the oldest counting most.
  Eigen::RowVectorXf chosen(const Row& row) const {
    const auto said = [&](const std::vector<float>& plan, int step) {
      return Eigen::Map<const Eigen::RowVectorXf>(plan.data() + Eigen::Index{step} * act_dim_, act_dim_);
    };
    if (design_.ensemble <= 0) return said(row.plans.back(), row.steps % design_.executed);
    Eigen::RowVectorXf sum = Eigen::RowVectorXf::Zero(act_dim_);
    float weights = 0;
    const int count = static_cast<int>(row.plans.size());
    for (int i = 0; i < count; ++i) {
      const float weight = std::exp(-static_cast<float>(design_.ensemble) * static_cast<float>(i));
      sum += weight * said(row.plans[static_cast<std::size_t>(i)], count - 1 - i);
      weights += weight;
    }
    return sum / weights;
  }

  SequenceDesign design_;
  Vector parameters_;
  Normaliser normaliser_;
  int act_dim_;
  std::unique_ptr<ScriptNetwork> network_;
  std::vector<Row> rows_;
  std::vector<float> next_;
};

}  // namespace

std::unique_ptr<Actor> SequencePolicy::make_actor(const Policy& policy) const {
  return std::make_unique<SequenceActor>(*this, policy.normaliser, act_dim_);
}

}  // namespace understudy
