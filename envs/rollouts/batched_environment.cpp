#include "envs/rollouts/batched_environment.h"

#include <algorithm>
#include <string>

#include "datasets/types/error.h"

namespace understudy {

BatchedEnvironment::BatchedEnvironment(const std::function<std::unique_ptr<Environment>()>& make,
                                       const Options& options)
    : seed_(options.seed),
      stride_(static_cast<std::uint64_t>(options.all > 0 ? options.all : options.batch)),
      pool_(options.threads) {
  if (options.batch <= 0) {
    throw Error("batched environment: want at least 1 environment, found " + std::to_string(options.batch));
  }
  const auto batch = static_cast<std::size_t>(options.batch);
  for (std::size_t i = 0; i < batch; ++i) environments_.push_back(make());
  const Eigen::Index obs_dim = spec().observation.size();
  episodes_.assign(batch, 0);
  taken_.assign(batch, 0);
  for (int row = 0; options.spread && row < options.batch; ++row)
    cut_.push_back(static_cast<int>(static_cast<std::int64_t>(spec().horizon) * (options.first + row + 1) /
                                    static_cast<std::int64_t>(stride_)));
  steps_.resize(batch);
  result_.observations = Matrix::Zero(options.batch, obs_dim);
  result_.final_observations = Matrix::Zero(options.batch, obs_dim);
  result_.rewards = Vector::Zero(options.batch);
  result_.terminated.assign(batch, 0);
  result_.truncated.assign(batch, 0);
  result_.success.assign(batch, 0);
}

std::uint64_t BatchedEnvironment::episode_seed(int row) const {
  const std::uint64_t begun = episodes_[static_cast<std::size_t>(row)];
  if (begun == 0) throw Error(spec().id + ": call reset before asking for the episode's seed");
  return seed_ + static_cast<std::uint64_t>(row) + (begun - 1) * stride_;
}

void BatchedEnvironment::begin_episode(int row) {
  const auto i = static_cast<std::size_t>(row);
  ++episodes_[i];
  taken_[i] = 0;
  environments_[i]->reset(episode_seed(row), result_.observations.row(row).transpose());
}

const BatchStep& BatchedEnvironment::reset() {
  pool_.run(batch(), [this](int row) { begin_episode(row); });
  result_.final_observations = result_.observations;
  result_.rewards.setZero();
  for (auto* flags : {&result_.terminated, &result_.truncated, &result_.success}) {
    std::fill(flags->begin(), flags->end(), std::uint8_t{0});
  }
  return result_;
}

const BatchStep& BatchedEnvironment::step(ConstMatrixRef actions) {
  if (actions.rows() != batch() || actions.cols() != spec().action.size()) {
    throw Error(spec().id + ": want actions [" + std::to_string(batch()) + ", " +
                std::to_string(spec().action.size()) + "], found [" + std::to_string(actions.rows()) + ", " +
                std::to_string(actions.cols()) + "]");
  }
  pool_.run(batch(), [&](int row) {
    const auto i = static_cast<std::size_t>(row);
    auto final_observation = result_.final_observations.row(row);
    StepResult& step = steps_[i].step;
    step = environments_[i]->step(actions.row(row).transpose(), final_observation.transpose());
    ++taken_[i];
    if (!cut_.empty() && episodes_[i] == 1 && taken_[i] >= cut_[i] && !step.terminated) step.truncated = true;
    if (step.terminated || step.truncated) {
      begin_episode(row);
    } else {
      result_.observations.row(row) = final_observation;
    }
  });
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const StepResult& step = steps_[i].step;
    result_.rewards[static_cast<Eigen::Index>(i)] = step.reward;
    result_.terminated[i] = step.terminated;
    result_.truncated[i] = step.truncated;
    result_.success[i] = step.success;
  }
  return result_;
}

BatchedEnvironment::State BatchedEnvironment::save_state() const {
  State state{episodes_, {}};
  for (const auto& environment : environments_) state.snapshots.push_back(environment->save_state());
  return state;
}

const BatchStep& BatchedEnvironment::restore_state(const State& state) {
  if (state.snapshots.size() != environments_.size() || state.episodes.size() != environments_.size()) {
    throw Error(spec().id + ": want the state of " + std::to_string(batch()) +
                " environments, found that of " + std::to_string(state.snapshots.size()));
  }
  episodes_ = state.episodes;
  for (std::size_t i = 0; i < taken_.size(); ++i)
    taken_[i] = static_cast<int>(state.snapshots[i].actions.rows());
  pool_.run(batch(), [&](int row) {
    const auto i = static_cast<std::size_t>(row);
    environments_[i]->restore_state(state.snapshots[i], result_.observations.row(row).transpose());
  });
  return result_;
}

double BatchedEnvironment::engine_seconds() const {
  double sum = 0;
  for (const auto& environment : environments_) sum += environment->engine_seconds();
  return sum;
}

}  // namespace understudy
