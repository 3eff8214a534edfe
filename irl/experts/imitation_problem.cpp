#include "irl/experts/imitation_problem.h"

#include <string>

#include "datasets/types/error.h"

namespace understudy {
namespace {

void want_rows(const char* name, Eigen::Index rows, Eigen::Index want) {
  if (rows != want) {
    throw Error(std::string("expert: ") + name + ": want " + std::to_string(want) + " rows, found " +
                std::to_string(rows));
  }
}

void want_finite(const char* name, ConstMatrixRef values) {
  for (Eigen::Index row = 0; row < values.rows(); ++row) {
    if (values.row(row).allFinite()) continue;
    throw Error(std::string("expert: ") + name + ": want finite numbers, found others in row " +
                std::to_string(row) + "; check the demonstrations with `understudy data validate`");
  }
}

}  // namespace

void check_imitation_problem(const ImitationProblem& problem) {
  if (problem.expert == nullptr || problem.expert->size() < 2) {
    throw Error("expert: want at least 2 transitions, found " +
                std::to_string(problem.expert == nullptr ? 0 : problem.expert->size()) +
                "; record more or lower --subsample");
  }
  const ExpertTransitions& expert = *problem.expert;
  want_rows("observations", expert.observations.rows(), expert.size());
  want_rows("next observations", expert.next_observations.rows(), expert.size());
  want_rows("terminations", static_cast<Eigen::Index>(expert.terminated.size()), expert.size());
  if (expert.next_observations.cols() != expert.observations.cols()) {
    throw Error("expert: want " + std::to_string(expert.observations.cols()) +
                " entries in every observation, found " + std::to_string(expert.next_observations.cols()));
  }
  want_finite("observations", expert.observations);
  want_finite("actions", expert.actions);
  want_finite("next observations", expert.next_observations);
  if (expert.subsample < 1) {
    throw UsageError("--subsample: want at least 1, found " + std::to_string(expert.subsample));
  }
  if (!(problem.gamma >= 0 && problem.gamma < 1)) {
    throw UsageError("--gamma: want a number from 0 to below 1, found " + std::to_string(problem.gamma));
  }
}

namespace {

/// Every row alike, but one that was kept for certain where others were kept with 1/subsample only so often.
Eigen::Index draw_row(const ExpertTransitions& expert, Rng& rng) {
  while (true) {
    const auto pick = rng.below(static_cast<std::uint64_t>(expert.size()));
    if (expert.subsample == 1 || expert.terminated[pick] == 0 || rng.uniform() * expert.subsample < 1) {
      return static_cast<Eigen::Index>(pick);
    }
  }
}

}  // namespace

void draw_expert(const ExpertTransitions& expert, int rows, Rng& rng, TransitionBatch& out) {
  for (int i = 0; i < rows; ++i) {
    const Eigen::Index pick = draw_row(expert, rng);
    out.observations.row(i) = expert.observations.row(pick);
    out.actions.row(i) = expert.actions.row(pick);
    out.next_observations.row(i) = expert.next_observations.row(pick);
    out.terminated[static_cast<std::size_t>(i)] = expert.terminated[static_cast<std::size_t>(pick)];
  }
}

}  // namespace understudy
