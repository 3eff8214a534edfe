#include "irl/rewards/labelled_batch.h"

#include <algorithm>

namespace understudy {
namespace {

std::size_t at(int index) {
  return static_cast<std::size_t>(index);
}

}  // namespace

LabelledBatches::LabelledBatches(const ImitationProblem& problem, int batch)
    : problem_(problem), batch_(batch) {
  check_imitation_problem(problem);
  const int most = 2 * batch;
  rows_.observations.resize(most, problem.obs_dim());
  rows_.actions.resize(most, problem.act_dim());
  rows_.next_observations.resize(most, problem.obs_dim());
  rows_.terminated.resize(at(most));
  rows_.weights.resize(most);
}

void LabelledBatches::append(ConstMatrixRef observations, ConstMatrixRef actions,
                             ConstMatrixRef next_observations, std::uint8_t terminated) {
  rows_.observations.row(rows_.rows) = observations;
  rows_.actions.row(rows_.rows) = actions;
  rows_.next_observations.row(rows_.rows) = next_observations;
  rows_.terminated[at(rows_.rows)] = terminated;
  ++rows_.rows;
}

void LabelledBatches::weigh_side(int first, float termination_weight) {
  for (int i = first; i < rows_.rows; ++i) {
    rows_.weights(i) = rows_.terminated[at(i)] != 0 ? termination_weight : 1;
  }
  auto weights = rows_.weights.segment(first, rows_.rows - first);
  weights *= 0.5F / weights.sum();
}

const LabelledBatch& LabelledBatches::draw(const TransitionBatch& agent, Rng& rng) {
  const int each = std::min(batch_, agent.size());
  const ExpertTransitions& expert = *problem_.expert;
  rows_.rows = 0;
  const auto below = [&](int bound) {
    return static_cast<int>(rng.below(static_cast<std::uint64_t>(bound)));
  };
  for (int i = 0; i < each; ++i) {
    const int pick = below(expert.size());
    append(expert.observations.row(pick), expert.actions.row(pick), expert.next_observations.row(pick),
           expert.terminated[at(pick)]);
  }
  weigh_side(0, 1 / static_cast<float>(expert.subsample));
  rows_.experts = rows_.rows;
  for (int i = 0; i < each; ++i) {
    const int pick = agent.size() <= batch_ ? i : below(agent.size());
    append(agent.observations.row(pick), agent.actions.row(pick), agent.next_observations.row(pick),
           agent.terminated[at(pick)]);
  }
  weigh_side(rows_.experts, 1);
  return rows_;
}

}  // namespace understudy
